//! Sample arithmetic: two pure pipelines between the wire's PCM and the rings that the audio worklets share.
//!
//! | module | job | who else does the same |
//! |---|---|---|
//! | [`pcm`] | 16-bit samples to and from bytes, base64 and floats | the worklet converts floats by the same rule |
//! | [`filter`] | designs the polyphase coefficients; reference resampler | the worklet runs the same arithmetic |
//! | [`ring`] | one producer, one consumer, one buffer | `SampleRing` in the worklet is the other half |
//! | [`track`] | what a track gives, at any rate, to 16 kHz samples; the seam between two tracks | the worklet, where it is on the way |
//! | [`uplink`] | microphone samples in, frames of one length out, the rest of one when a mark must follow it | – |
//! | [`downlink`] | chunks of PCM in, 24 kHz samples out, epoch floor, bounded backlog | – |
//! | [`vad`] | whether a frame holds a voice | – |
//!
//! Nothing here knows a clock, a browser or a socket.

pub mod downlink;
pub mod filter;
pub mod pcm;
pub mod ring;
pub mod track;
pub mod uplink;
pub mod vad;

/// Samples per second that the service takes.
pub const CAPTURE_RATE_HZ: u32 = 16_000;

/// Samples per second that the service speaks, and that the playback ring holds.
pub const PLAYBACK_RATE_HZ: u32 = 24_000;

/// Samples of the capture ring: 16.4 s at 16 kHz. A page or a machine that does something else for seconds loses nothing.
pub const CAPTURE_CAPACITY: usize = 262_144;

/// Samples of the playback ring: 5.46 s at 24 kHz.
pub const PLAYBACK_CAPACITY: usize = 131_072;
