//! Recordings of a session, which can be played again. How they are made is in `recording.js`.

use std::fmt;

use js_sys::{Array, AsyncIterator};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::{
    error::Error,
    web::sys::value::{field, object, refused},
};

#[wasm_bindgen(module = "/src/web/page/recording.js")]
extern "C" {
    /// Makes a recording of what it hears.
    #[derive(Clone)]
    pub(in crate::web) type Recorder;

    #[wasm_bindgen(constructor, catch)]
    fn new(options: &JsValue, by: &str) -> Result<Recorder, JsValue>;

    /// Takes in what a driver tells. Answers whether it wants more.
    #[wasm_bindgen(method)]
    pub(in crate::web) fn hear(this: &Recorder, told: &Array) -> bool;

    #[wasm_bindgen(method)]
    pub(in crate::web) fn end(this: &Recorder);

    /// What a JavaScript application gets.
    #[wasm_bindgen(method, getter)]
    pub(in crate::web) fn recording(this: &Recorder) -> JsValue;

    #[wasm_bindgen(method, getter, js_name = isOver)]
    fn is_over(this: &Recorder) -> bool;

    #[wasm_bindgen(method, getter)]
    fn dropped(this: &Recorder) -> f64;

    #[wasm_bindgen(method)]
    fn all(this: &Recorder) -> Array;

    #[wasm_bindgen(method)]
    fn each(this: &Recorder) -> AsyncIterator;
}

impl Recorder {
    /// A recorder with the options of an application, in JavaScript's form.
    pub(in crate::web) fn with(options: &JsValue) -> Result<Self, Error> {
        Self::new(options, BY).map_err(|thrown| refused(&thrown, "record"))
    }
}

/// What a recording is to hold.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct RecordOptions {
    /// Whether audio is in it, and the pictures that were sent. Otherwise their lengths are. Default `false`.
    pub audio: bool,
    /// How many bytes are kept: then the oldest lines go, but for those that opened the connection. Default 16 MiB.
    pub limit_bytes: u32,
}

impl Default for RecordOptions {
    fn default() -> Self {
        Self { audio: false, limit_bytes: 16 << 20 }
    }
}

impl RecordOptions {
    pub(in crate::web) fn recorder(self) -> Result<Recorder, Error> {
        let fields = [("audio", self.audio.into()), ("limitBytes", self.limit_bytes.into())];
        Recorder::with(&object(&fields))
    }
}

/// What went over the wire, without tokens, keys and handles: `gemini-live-simulator replay` serves it again. It outlives its
/// session.
pub struct Recording {
    recorder: Recorder,
    lines: Option<AsyncIterator>,
}

impl fmt::Debug for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recording").field("is_stopped", &self.is_stopped()).finish_non_exhaustive()
    }
}

impl Recording {
    pub(in crate::web) fn of(recorder: Recorder) -> Self {
        Self { recorder, lines: None }
    }

    /// Records nothing more.
    pub fn stop(&self) {
        self.recorder.end();
    }

    /// Whether nothing more is recorded: it was stopped, or the session is over.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.recorder.is_over()
    }

    /// How many lines there was no more room for.
    #[must_use]
    pub fn dropped_lines(&self) -> u64 {
        self.recorder.dropped() as u64
    }

    /// The recording as a file: JSON lines.
    #[must_use]
    pub fn text(&self) -> String {
        let lines = self.recorder.all().into_iter().filter_map(|line| line.as_string());
        lines.flat_map(|line| [line, "\n".to_owned()]).collect()
    }

    /// The next line, from the first on and as it is recorded; `None` when nothing more is. Lines that are taken too slowly are
    /// dropped, which a line in their place says.
    pub async fn next_line(&mut self) -> Option<String> {
        let lines = self.lines.get_or_insert_with(|| self.recorder.each());
        let next = JsFuture::from(lines.next().ok()?).await.ok()?;
        field(&next, "value").as_string()
    }
}

const BY: &str = concat!("gemini-live-web ", env!("CARGO_PKG_VERSION"));
