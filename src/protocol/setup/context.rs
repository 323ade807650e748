//! The context of a conversation: how it is resumed, kept within the model's window, and seeded.

use crate::protocol::{
    VERTEX_ONLY,
    schema::{Int64, Kind, message},
};

message! {
    /// Asks for handles with which the conversation goes on over another connection. Empty: a new one.
    SessionResumptionConfig {
        /// The last handle of the conversation to go on with. It lives about two hours.
        handle "handle": String,
    }
    hidden { "transparent": Kind::Unsupported(&VERTEX_ONLY), }
}

message! {
    /// Lets a session outlive the model's context window.
    ContextWindowCompressionConfig {
        /// Tokens at which the context is shortened. Default: 80 % of the window.
        trigger_tokens "triggerTokens": Int64,
        /// What is kept.
        sliding_window "slidingWindow": SlidingWindow,
    }
}

message! {
    /// Keeps the newest turns.
    SlidingWindow {
        /// Tokens that are kept. Default: half of `triggerTokens`.
        target_tokens "targetTokens": Int64,
    }
}

message! {
    /// How a conversation of the past is restored.
    HistoryConfig {
        /// Whether the first client contents are the past: taken without an answer until one says
        /// `turnComplete`; real-time input then begins the conversation. Default `false`.
        initial_history_in_client_content "initialHistoryInClientContent": bool,
    }
}
