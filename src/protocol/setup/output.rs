//! What of the answer is shown, held back or said unasked: avatars, safety, proactivity.

use super::{HarmBlockThreshold, HarmCategory};
use crate::protocol::schema::{Kind, VERTEX_ONLY, message};

message! {
    /// Proactivity config: whether the model may speak unasked, and keep silent when it is not spoken to.
    /// API version `v1alpha`.
    ProactivityConfig {
        /// Proactive audio. Always on in 3.8 models.
        proactive_audio "proactiveAudio": bool,
        /// Proactive video.
        proactive_video "proactiveVideo": bool,
    }
}

message! {
    /// Avatar config: a face for the voice; avatar models.
    AvatarConfig {
        /// Avatar name: one of the service's avatars.
        avatar_name "avatarName": String,
        /// Customized avatar: one of your own.
        customized_avatar "customizedAvatar": CustomizedAvatar,
        /// Audio bitrate, in bits per second.
        audio_bitrate_bps "audioBitrateBps": i32,
        /// Video bitrate, in bits per second.
        video_bitrate_bps "videoBitrateBps": i32,
    }
}

message! {
    /// Customized avatar: one after an image.
    CustomizedAvatar {
        /// MIME type of the image, such as `image/jpeg`.
        image_mime_type "imageMimeType": String,
        /// Image data in base64.
        image_data "imageData": String,
    }
}

message! {
    /// Safety setting: from which probability on one kind of harm is blocked.
    SafetySetting {
        /// Harm category.
        category "category": HarmCategory,
        /// Harm block threshold.
        threshold "threshold": HarmBlockThreshold,
    }
    hidden { "method": Kind::Unsupported(&VERTEX_ONLY), }
}
