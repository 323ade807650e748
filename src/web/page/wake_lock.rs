//! The screen that stays on. The rules are in `devices.js`.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/web/page/devices.js")]
extern "C" {
    /// Keeps the screen on until it is ended.
    #[derive(Clone, Debug)]
    pub(in crate::web) type WakeLock;

    #[wasm_bindgen(constructor)]
    pub(in crate::web) fn new() -> WakeLock;

    #[wasm_bindgen(method)]
    pub(in crate::web) fn end(this: &WakeLock);
}
