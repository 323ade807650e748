//! Enums of the server. A name newer than this library survives as `Other`. On JavaScript's way each is a text: nobody
//! there asks which names are known, and no page downloads them.

use crate::protocol::schema::{Kind, open_enum};

open_enum! {
    /// Modality of tokens.
    TokenModality {
        /// None.
        Unspecified = "MODALITY_UNSPECIFIED",
        /// Text.
        Text = "TEXT",
        /// Images.
        Image = "IMAGE",
        /// Video.
        Video = "VIDEO",
        /// Audio.
        Audio = "AUDIO",
        /// Documents.
        Document = "DOCUMENT",
    }
    kind Kind::Text
}

open_enum! {
    /// Service tier.
    ServiceTier {
        /// None.
        Unspecified = "unspecified",
        /// Flex.
        Flex = "flex",
        /// Standard.
        Standard = "standard",
        /// Priority.
        Priority = "priority",
    }
    kind Kind::Text
}

open_enum! {
    /// URL retrieval status.
    UrlRetrievalStatus {
        /// None.
        Unspecified = "URL_RETRIEVAL_STATUS_UNSPECIFIED",
        /// Success.
        Success = "URL_RETRIEVAL_STATUS_SUCCESS",
        /// An error.
        Error = "URL_RETRIEVAL_STATUS_ERROR",
        /// Behind a paywall.
        Paywall = "URL_RETRIEVAL_STATUS_PAYWALL",
        /// Unsafe content.
        Unsafe = "URL_RETRIEVAL_STATUS_UNSAFE",
    }
    kind Kind::Text
}

open_enum! {
    /// Voice activity type.
    VoiceActivityType {
        /// None.
        Unspecified = "TYPE_UNSPECIFIED",
        /// Activity start: the user began to speak.
        ActivityStart = "ACTIVITY_START",
        /// Activity end: the user stopped speaking.
        ActivityEnd = "ACTIVITY_END",
    }
    kind Kind::Text
}

open_enum! {
    /// VAD signal type: the older form of voice activity.
    VadSignalType {
        /// None.
        Unspecified = "VAD_SIGNAL_TYPE_UNSPECIFIED",
        /// Start of speech.
        StartOfSpeech = "VAD_SIGNAL_TYPE_SOS",
        /// End of speech.
        EndOfSpeech = "VAD_SIGNAL_TYPE_EOS",
    }
    kind Kind::Text
}

open_enum! {
    /// Interaction status: whether work goes on behind the completed turn.
    InteractionStatus {
        /// None.
        Unspecified = "INTERACTION_STATUS_UNSPECIFIED",
        /// In progress.
        InProgress = "IN_PROGRESS",
        /// Requires action. Deprecated.
        RequiresAction = "REQUIRES_ACTION",
        /// Idle.
        Idle = "IDLE",
    }
    kind Kind::Text
}

open_enum! {
    /// Turn complete reason: why a turn ended, where it was not the ordinary way.
    TurnCompleteReason {
        /// None.
        Unspecified = "TURN_COMPLETE_REASON_UNSPECIFIED",
        /// The function call was malformed.
        MalformedFunctionCall = "MALFORMED_FUNCTION_CALL",
        /// The response was rejected.
        ResponseRejected = "RESPONSE_REJECTED",
        /// The model needs more input.
        NeedMoreInput = "NEED_MORE_INPUT",
        /// The input is prohibited.
        ProhibitedInputContent = "PROHIBITED_INPUT_CONTENT",
        /// The input has a prohibited image.
        ImageProhibitedInputContent = "IMAGE_PROHIBITED_INPUT_CONTENT",
        /// The input's text names a prominent person.
        InputTextContainProminentPersonProhibited = "INPUT_TEXT_CONTAIN_PROMINENT_PERSON_PROHIBITED",
        /// The input's image shows a celebrity.
        InputImageCelebrity = "INPUT_IMAGE_CELEBRITY",
        /// The input's image shows a child.
        InputImagePhotoRealisticChildProhibited = "INPUT_IMAGE_PHOTO_REALISTIC_CHILD_PROHIBITED",
        /// The input's text asks for intimate imagery without consent.
        InputTextNciiProhibited = "INPUT_TEXT_NCII_PROHIBITED",
        /// The input, for another reason.
        InputOther = "INPUT_OTHER",
        /// The input infringes intellectual property.
        InputIpProhibited = "INPUT_IP_PROHIBITED",
        /// The input has a word of the blocklist.
        Blocklist = "BLOCKLIST",
        /// The prompt is unsafe for image generation.
        UnsafePromptForImageGeneration = "UNSAFE_PROMPT_FOR_IMAGE_GENERATION",
        /// The generated image is unsafe.
        GeneratedImageSafety = "GENERATED_IMAGE_SAFETY",
        /// The generated content is unsafe.
        GeneratedContentSafety = "GENERATED_CONTENT_SAFETY",
        /// The generated audio is unsafe.
        GeneratedAudioSafety = "GENERATED_AUDIO_SAFETY",
        /// The generated video is unsafe.
        GeneratedVideoSafety = "GENERATED_VIDEO_SAFETY",
        /// The generated content is prohibited.
        GeneratedContentProhibited = "GENERATED_CONTENT_PROHIBITED",
        /// The generated content has a word of the blocklist.
        GeneratedContentBlocklist = "GENERATED_CONTENT_BLOCKLIST",
        /// The generated image is prohibited.
        GeneratedImageProhibited = "GENERATED_IMAGE_PROHIBITED",
        /// The generated image shows a celebrity.
        GeneratedImageCelebrity = "GENERATED_IMAGE_CELEBRITY",
        /// The generated image shows prominent people.
        GeneratedImageProminentPeopleDetectedByRewriter =
            "GENERATED_IMAGE_PROMINENT_PEOPLE_DETECTED_BY_REWRITER",
        /// The generated image shows identifiable people.
        GeneratedImageIdentifiablePeople = "GENERATED_IMAGE_IDENTIFIABLE_PEOPLE",
        /// The generated image shows minors.
        GeneratedImageMinors = "GENERATED_IMAGE_MINORS",
        /// The output's image infringes intellectual property.
        OutputImageIpProhibited = "OUTPUT_IMAGE_IP_PROHIBITED",
        /// The generated content, for another reason.
        GeneratedOther = "GENERATED_OTHER",
        /// The answer was generated anew too often.
        MaxRegenerationReached = "MAX_REGENERATION_REACHED",
    }
    kind Kind::Text
}
