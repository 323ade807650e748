//! The rules of a conversation, in virtual time.
