//! The sets of names on the wire. A name newer than this library survives as `Other`.

use crate::protocol::schema::{Kind, open_enum};

open_enum! {
    /// Who says something.
    Role {
        /// The person.
        User = "user",
        /// The model.
        Model = "model",
        /// The application, on behalf of a function.
        Function = "function",
        /// The application's own instruction.
        System = "system",
    }
}

open_enum! {
    /// What an answer is made of.
    Modality {
        /// Left to the service.
        Unspecified = "MODALITY_UNSPECIFIED",
        /// Text. Native-audio models do not offer it.
        Text = "TEXT",
        /// Pictures.
        Image = "IMAGE",
        /// Speech.
        Audio = "AUDIO",
        /// Video; avatar models.
        Video = "VIDEO",
    }
}

open_enum! {
    /// How finely pictures are looked at. More costs more tokens.
    MediaResolution {
        /// Left to the service.
        Unspecified = "MEDIA_RESOLUTION_UNSPECIFIED",
        /// 64 tokens.
        Low = "MEDIA_RESOLUTION_LOW",
        /// 256 tokens.
        Medium = "MEDIA_RESOLUTION_MEDIUM",
        /// 256 tokens and a closer look at what matters.
        High = "MEDIA_RESOLUTION_HIGH",
    }
}

open_enum! {
    /// How finely one medium is looked at.
    PartMediaResolutionLevel {
        /// Left to the service.
        Unspecified = "MEDIA_RESOLUTION_UNSPECIFIED",
        /// Coarsely.
        Low = "MEDIA_RESOLUTION_LOW",
        /// Ordinarily.
        Medium = "MEDIA_RESOLUTION_MEDIUM",
        /// Finely.
        High = "MEDIA_RESOLUTION_HIGH",
        /// As finely as can be.
        UltraHigh = "MEDIA_RESOLUTION_ULTRA_HIGH",
    }
}

open_enum! {
    /// How much the model thinks before it answers.
    ThinkingLevel {
        /// Left to the service.
        Unspecified = "THINKING_LEVEL_UNSPECIFIED",
        /// As little as can be; the fastest answer.
        Minimal = "MINIMAL",
        /// Little.
        Low = "LOW",
        /// Ordinarily.
        Medium = "MEDIUM",
        /// Much.
        High = "HIGH",
    }
}

open_enum! {
    /// How readily a sound counts as the start of speech.
    StartSensitivity {
        /// Left to the service, which takes `HIGH`.
        Unspecified = "START_SENSITIVITY_UNSPECIFIED",
        /// Readily.
        High = "START_SENSITIVITY_HIGH",
        /// Reluctantly.
        Low = "START_SENSITIVITY_LOW",
    }
}

open_enum! {
    /// How readily a pause counts as the end of speech.
    EndSensitivity {
        /// Left to the service, which takes `HIGH`.
        Unspecified = "END_SENSITIVITY_UNSPECIFIED",
        /// Readily.
        High = "END_SENSITIVITY_HIGH",
        /// Reluctantly.
        Low = "END_SENSITIVITY_LOW",
    }
}

open_enum! {
    /// Whether speech interrupts the answer.
    ActivityHandling {
        /// Left to the service, which interrupts.
        Unspecified = "ACTIVITY_HANDLING_UNSPECIFIED",
        /// Speech interrupts the answer.
        StartOfActivityInterrupts = "START_OF_ACTIVITY_INTERRUPTS",
        /// The answer goes on.
        NoInterruption = "NO_INTERRUPTION",
    }
}

open_enum! {
    /// Which input belongs to a turn.
    TurnCoverage {
        /// Left to the model.
        Unspecified = "TURN_COVERAGE_UNSPECIFIED",
        /// Only what was sent while the person was active.
        OnlyActivity = "TURN_INCLUDES_ONLY_ACTIVITY",
        /// Everything since the last turn, silence too.
        AllInput = "TURN_INCLUDES_ALL_INPUT",
        /// Audio while the person was active, and all video.
        AudioActivityAndAllVideo = "TURN_INCLUDES_AUDIO_ACTIVITY_AND_ALL_VIDEO",
    }
}

open_enum! {
    /// How speech is written down.
    TranscriptionMode {
        /// Left to the service.
        Unspecified = "MODE_UNSPECIFIED",
        /// Word for word.
        Verbatim = "VERBATIM",
        /// Tidied up.
        Smart = "SMART",
    }
}

open_enum! {
    /// Whether the model waits for a function.
    Behavior {
        /// Left to the model.
        Unspecified = "UNSPECIFIED",
        /// It waits for the answer.
        Blocking = "BLOCKING",
        /// The conversation goes on meanwhile.
        NonBlocking = "NON_BLOCKING",
    }
}

open_enum! {
    /// What the model does with the answer of a function it did not wait for.
    FunctionResponseScheduling {
        /// Left to the model, which takes `WHEN_IDLE`.
        Unspecified = "SCHEDULING_UNSPECIFIED",
        /// It keeps it to itself.
        Silent = "SILENT",
        /// It speaks of it as soon as it has finished speaking.
        WhenIdle = "WHEN_IDLE",
        /// It breaks off and speaks of it.
        Interrupt = "INTERRUPT",
    }
}

open_enum! {
    /// The type of a value.
    SchemaType {
        /// None.
        Unspecified = "TYPE_UNSPECIFIED",
        /// Text.
        String = "STRING",
        /// A number.
        Number = "NUMBER",
        /// A whole number.
        Integer = "INTEGER",
        /// True or false.
        Boolean = "BOOLEAN",
        /// A list.
        Array = "ARRAY",
        /// An object.
        Object = "OBJECT",
        /// Nothing.
        Null = "NULL",
    }
    kind Kind::SchemaType
}

open_enum! {
    /// The language of code that the service runs.
    Language {
        /// None.
        Unspecified = "LANGUAGE_UNSPECIFIED",
        /// Python.
        Python = "PYTHON",
    }
}

open_enum! {
    /// How code ended.
    Outcome {
        /// None.
        Unspecified = "OUTCOME_UNSPECIFIED",
        /// Well.
        Ok = "OUTCOME_OK",
        /// With an error.
        Failed = "OUTCOME_FAILED",
        /// It took too long.
        DeadlineExceeded = "OUTCOME_DEADLINE_EXCEEDED",
    }
}

open_enum! {
    /// One of the service's own tools.
    ToolType {
        /// None.
        Unspecified = "TOOL_TYPE_UNSPECIFIED",
        /// Web search.
        GoogleSearchWeb = "GOOGLE_SEARCH_WEB",
        /// Picture search.
        GoogleSearchImage = "GOOGLE_SEARCH_IMAGE",
        /// Reading web addresses.
        UrlContext = "URL_CONTEXT",
        /// Maps.
        GoogleMaps = "GOOGLE_MAPS",
        /// Search in stored files.
        FileSearch = "FILE_SEARCH",
        /// Work on media.
        MediaProcessing = "MEDIA_PROCESSING",
    }
}

open_enum! {
    /// A kind of harm.
    HarmCategory {
        /// None.
        Unspecified = "HARM_CATEGORY_UNSPECIFIED",
        /// Harassment.
        Harassment = "HARM_CATEGORY_HARASSMENT",
        /// Hate speech.
        HateSpeech = "HARM_CATEGORY_HATE_SPEECH",
        /// Sexually explicit content.
        SexuallyExplicit = "HARM_CATEGORY_SEXUALLY_EXPLICIT",
        /// Dangerous content.
        DangerousContent = "HARM_CATEGORY_DANGEROUS_CONTENT",
        /// Content that may harm civic integrity.
        CivicIntegrity = "HARM_CATEGORY_CIVIC_INTEGRITY",
        /// Attempts to get around the rules.
        Jailbreak = "HARM_CATEGORY_JAILBREAK",
        /// Hateful pictures.
        ImageHate = "HARM_CATEGORY_IMAGE_HATE",
        /// Dangerous pictures.
        ImageDangerousContent = "HARM_CATEGORY_IMAGE_DANGEROUS_CONTENT",
        /// Harassing pictures.
        ImageHarassment = "HARM_CATEGORY_IMAGE_HARASSMENT",
        /// Sexually explicit pictures.
        ImageSexuallyExplicit = "HARM_CATEGORY_IMAGE_SEXUALLY_EXPLICIT",
    }
}

open_enum! {
    /// From which probability on something harmful is held back.
    HarmBlockThreshold {
        /// Left to the service.
        Unspecified = "HARM_BLOCK_THRESHOLD_UNSPECIFIED",
        /// Low and above.
        LowAndAbove = "BLOCK_LOW_AND_ABOVE",
        /// Medium and above.
        MediumAndAbove = "BLOCK_MEDIUM_AND_ABOVE",
        /// High alone.
        OnlyHigh = "BLOCK_ONLY_HIGH",
        /// Nothing is held back.
        None = "BLOCK_NONE",
        /// There is no such filter.
        Off = "OFF",
    }
}
