//! Enums: the sets of names on the wire. A name newer than this library survives as `Other`.

use crate::protocol::schema::open_enum;

open_enum! {
    /// Role: who says a content.
    Role {
        /// The user.
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
    /// Response modality: what an answer is made of.
    Modality {
        /// Left to the service.
        Unspecified = "MODALITY_UNSPECIFIED",
        /// Text. Native-audio models do not offer it.
        Text = "TEXT",
        /// Images.
        Image = "IMAGE",
        /// Speech.
        Audio = "AUDIO",
        /// Video; avatar models.
        Video = "VIDEO",
    }
}

open_enum! {
    /// Media resolution: how many tokens an image or a video frame is worth.
    MediaResolution {
        /// Left to the service.
        Unspecified = "MEDIA_RESOLUTION_UNSPECIFIED",
        /// Low: 64 tokens.
        Low = "MEDIA_RESOLUTION_LOW",
        /// Medium: 256 tokens.
        Medium = "MEDIA_RESOLUTION_MEDIUM",
        /// High: 256 tokens, and zoomed reframing of what matters.
        High = "MEDIA_RESOLUTION_HIGH",
    }
}

open_enum! {
    /// Media resolution level of one part.
    PartMediaResolutionLevel {
        /// Left to the service.
        Unspecified = "MEDIA_RESOLUTION_UNSPECIFIED",
        /// Low resolution.
        Low = "MEDIA_RESOLUTION_LOW",
        /// Medium resolution.
        Medium = "MEDIA_RESOLUTION_MEDIUM",
        /// High resolution.
        High = "MEDIA_RESOLUTION_HIGH",
        /// Ultra high resolution.
        UltraHigh = "MEDIA_RESOLUTION_ULTRA_HIGH",
    }
}

open_enum! {
    /// Thinking level: how much the model thinks before it answers.
    ThinkingLevel {
        /// Left to the service.
        Unspecified = "THINKING_LEVEL_UNSPECIFIED",
        /// Minimal thinking; the fastest answer.
        Minimal = "MINIMAL",
        /// Low.
        Low = "LOW",
        /// Medium.
        Medium = "MEDIUM",
        /// High.
        High = "HIGH",
    }
}

open_enum! {
    /// Start-of-speech sensitivity: how readily a sound counts as the start of speech.
    StartSensitivity {
        /// Left to the service, which takes high sensitivity.
        Unspecified = "START_SENSITIVITY_UNSPECIFIED",
        /// High sensitivity: speech is detected more often.
        High = "START_SENSITIVITY_HIGH",
        /// Low sensitivity: speech is detected less often, and so are noises.
        Low = "START_SENSITIVITY_LOW",
    }
}

open_enum! {
    /// End-of-speech sensitivity: how readily a pause counts as the end of speech.
    EndSensitivity {
        /// Left to the service, which takes high sensitivity.
        Unspecified = "END_SENSITIVITY_UNSPECIFIED",
        /// High sensitivity: speech ends at shorter pauses.
        High = "END_SENSITIVITY_HIGH",
        /// Low sensitivity: speech ends at longer pauses.
        Low = "END_SENSITIVITY_LOW",
    }
}

open_enum! {
    /// Activity handling: whether the user's activity interrupts the model's answer (barge-in).
    ActivityHandling {
        /// Left to the service, which interrupts.
        Unspecified = "ACTIVITY_HANDLING_UNSPECIFIED",
        /// The start of activity interrupts the answer.
        StartOfActivityInterrupts = "START_OF_ACTIVITY_INTERRUPTS",
        /// No interruption: the answer goes on.
        NoInterruption = "NO_INTERRUPTION",
    }
}

open_enum! {
    /// Turn coverage: which input belongs to the user's turn.
    TurnCoverage {
        /// Left to the model.
        Unspecified = "TURN_COVERAGE_UNSPECIFIED",
        /// Only activity: what was sent while the user was active.
        OnlyActivity = "TURN_INCLUDES_ONLY_ACTIVITY",
        /// All input since the last turn, silence too.
        AllInput = "TURN_INCLUDES_ALL_INPUT",
        /// Audio while the user was active, and all video.
        AudioActivityAndAllVideo = "TURN_INCLUDES_AUDIO_ACTIVITY_AND_ALL_VIDEO",
    }
}

open_enum! {
    /// Transcription mode: how speech becomes text.
    TranscriptionMode {
        /// Left to the service.
        Unspecified = "MODE_UNSPECIFIED",
        /// Verbatim: word for word.
        Verbatim = "VERBATIM",
        /// Smart: tidied up.
        Smart = "SMART",
    }
}

open_enum! {
    /// Function behavior: whether the model waits for a function's response.
    Behavior {
        /// Left to the model.
        Unspecified = "UNSPECIFIED",
        /// Blocking: it waits for the response.
        Blocking = "BLOCKING",
        /// Non-blocking: the conversation goes on meanwhile.
        NonBlocking = "NON_BLOCKING",
    }
}

open_enum! {
    /// Function response scheduling: what the model does with the response of a non-blocking function.
    FunctionResponseScheduling {
        /// Left to the model, which takes `WHEN_IDLE`.
        Unspecified = "SCHEDULING_UNSPECIFIED",
        /// Silent: it knows, and says nothing about it.
        Silent = "SILENT",
        /// When idle: it speaks of it when it has finished speaking.
        WhenIdle = "WHEN_IDLE",
        /// Interrupt: it breaks off and speaks of it.
        Interrupt = "INTERRUPT",
    }
}

open_enum! {
    /// Language of executable code.
    Language {
        /// None.
        Unspecified = "LANGUAGE_UNSPECIFIED",
        /// Python.
        Python = "PYTHON",
    }
}

open_enum! {
    /// Outcome of code execution.
    Outcome {
        /// None.
        Unspecified = "OUTCOME_UNSPECIFIED",
        /// The code ran to its end.
        Ok = "OUTCOME_OK",
        /// The code failed.
        Failed = "OUTCOME_FAILED",
        /// The code took too long.
        DeadlineExceeded = "OUTCOME_DEADLINE_EXCEEDED",
    }
}

open_enum! {
    /// Tool type: which of the service's own tools.
    ToolType {
        /// None.
        Unspecified = "TOOL_TYPE_UNSPECIFIED",
        /// Google Search for web pages.
        GoogleSearchWeb = "GOOGLE_SEARCH_WEB",
        /// Google Search for images.
        GoogleSearchImage = "GOOGLE_SEARCH_IMAGE",
        /// URL context.
        UrlContext = "URL_CONTEXT",
        /// Google Maps.
        GoogleMaps = "GOOGLE_MAPS",
        /// File search.
        FileSearch = "FILE_SEARCH",
        /// Media processing.
        MediaProcessing = "MEDIA_PROCESSING",
    }
}

open_enum! {
    /// Harm category.
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
        /// Jailbreaks: attempts to get around the rules.
        Jailbreak = "HARM_CATEGORY_JAILBREAK",
        /// Hateful images.
        ImageHate = "HARM_CATEGORY_IMAGE_HATE",
        /// Dangerous images.
        ImageDangerousContent = "HARM_CATEGORY_IMAGE_DANGEROUS_CONTENT",
        /// Harassing images.
        ImageHarassment = "HARM_CATEGORY_IMAGE_HARASSMENT",
        /// Sexually explicit images.
        ImageSexuallyExplicit = "HARM_CATEGORY_IMAGE_SEXUALLY_EXPLICIT",
    }
}

open_enum! {
    /// Harm block threshold: from which probability of harm on content is blocked.
    HarmBlockThreshold {
        /// Left to the service.
        Unspecified = "HARM_BLOCK_THRESHOLD_UNSPECIFIED",
        /// Low probability and above.
        LowAndAbove = "BLOCK_LOW_AND_ABOVE",
        /// Medium probability and above.
        MediumAndAbove = "BLOCK_MEDIUM_AND_ABOVE",
        /// High probability alone.
        OnlyHigh = "BLOCK_ONLY_HIGH",
        /// Nothing is blocked.
        None = "BLOCK_NONE",
        /// The filter is off.
        Off = "OFF",
    }
}
