//! The context of a conversation: how it is resumed, kept within the model's window, and seeded.

use crate::protocol::schema::{Int64, Kind, VERTEX_ONLY, message};

message! {
    /// Session resumption config: asks for handles with which the conversation goes on over another
    /// connection. An empty one begins a new conversation.
    SessionResumptionConfig {
        /// Handle: the last one of the conversation to go on with. It lives about two hours.
        handle "handle" secret: String,
    }
    hidden { "transparent": Kind::Unsupported(&VERTEX_ONLY), }
}

message! {
    /// Context window compression config: lets a session outlive the model's context window.
    ContextWindowCompressionConfig {
        /// Trigger tokens: the length of the context at which it is compressed. Default: 80 % of the window.
        trigger_tokens "triggerTokens": Int64,
        /// Sliding window: what is kept.
        sliding_window "slidingWindow": SlidingWindow,
    }
}

message! {
    /// Sliding window: the oldest turns are dropped, the newest kept.
    SlidingWindow {
        /// Target tokens: how many are kept. Default: half of `triggerTokens`.
        target_tokens "targetTokens": Int64,
    }
}

message! {
    /// History config: how a conversation of the past is restored.
    HistoryConfig {
        /// Initial history in client content: whether the first client contents are the past. They are then
        /// taken without an answer until one says `turnComplete`, and real-time input begins the
        /// conversation. Default `false`.
        initial_history_in_client_content "initialHistoryInClientContent": bool,
    }
}
