//! What of the answer is shown, held back or said unasked: avatars, safety, proactivity.

use super::{HarmBlockThreshold, HarmCategory};
use crate::protocol::{
    VERTEX_ONLY,
    schema::{Kind, message},
};

message! {
    /// Whether the model speaks unasked, or keeps silent when it is not spoken to. `v1alpha`.
    ProactivityConfig {
        /// With audio. Always on in 3.8.
        proactive_audio "proactiveAudio": bool,
        /// With video.
        proactive_video "proactiveVideo": bool,
    }
}

message! {
    /// A face for the voice; avatar models.
    AvatarConfig {
        /// One of the service's avatars.
        avatar_name "avatarName": String,
        /// One of one's own.
        customized_avatar "customizedAvatar": CustomizedAvatar,
        /// Bits per second of its sound.
        audio_bitrate_bps "audioBitrateBps": i32,
        /// Bits per second of its picture.
        video_bitrate_bps "videoBitrateBps": i32,
    }
}

message! {
    /// An avatar after a picture.
    CustomizedAvatar {
        /// The picture's type, such as `image/jpeg`.
        image_mime_type "imageMimeType": String,
        /// The picture in base64.
        image_data "imageData": String,
    }
}

message! {
    /// From which probability on one kind of harm is held back.
    SafetySetting {
        /// The kind.
        category "category": HarmCategory,
        /// The threshold.
        threshold "threshold": HarmBlockThreshold,
    }
    hidden { "method": Kind::Unsupported(&VERTEX_ONLY), }
}
