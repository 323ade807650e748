//! Media: bytes in a message, or an address.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::protocol::schema::message;

message! {
    /// Blob: inline data, a medium in the message itself.
    Blob {
        /// MIME type, such as `image/jpeg` or `audio/pcm;rate=16000`.
        mime_type "mimeType": String,
        /// Data: its bytes in base64.
        data "data": String,
        /// Display name.
        display_name "displayName": String,
    }
}

message! {
    /// File data: a medium by its address.
    FileData {
        /// MIME type, such as `image/jpeg`.
        mime_type "mimeType": String,
        /// File URI: its address.
        file_uri "fileUri": String,
        /// Display name.
        display_name "displayName": String,
    }
}

impl Blob {
    /// Bytes, in base64 already, and their MIME type.
    #[must_use]
    pub fn new(mime_type: impl Into<String>, data: impl Into<String>) -> Self {
        Self { mime_type: Some(mime_type.into()), data: Some(data.into()), display_name: None }
    }

    /// A medium of these bytes.
    #[must_use]
    pub fn of_bytes(mime_type: impl Into<String>, bytes: impl AsRef<[u8]>) -> Self {
        Self::new(mime_type, STANDARD.encode(bytes))
    }
}
