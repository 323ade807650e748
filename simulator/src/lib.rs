//! A local Gemini Live API.
