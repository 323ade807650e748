//! Work that goes on by itself.

use std::{future::Future, pin::Pin};

/// Begins `work`, which goes on when the caller is done. In a box: what runs it is made once, not for each kind of work.
pub(in crate::web) fn spawn_local(work: impl Future<Output = ()> + 'static) {
    let work: Pin<Box<dyn Future<Output = ()>>> = Box::pin(work);
    wasm_bindgen_futures::spawn_local(work);
}
