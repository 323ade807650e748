//! The driver's end of a microphone, from the worklet's end.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::cell::Cell;

use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::MessageChannel;

use super::*;
use crate::{
    audio::{CAPTURE_CAPACITY, ring::Producer},
    web::driver::ring,
};

#[wasm_bindgen_test]
fn a_flush_gives_all_that_the_ring_holds_and_no_frame_was_made_of() {
    let buffer = ring::shared(CAPTURE_CAPACITY).expect("the tests' page is isolated");
    let mut worklet = Producer::new(SharedMemory::new(&buffer));
    let fed: Rc<Cell<u32>> = Rc::default();
    let feeding = fed.clone();
    let channel = MessageChannel::new().unwrap();
    let feed = move |_: Input<'_>| feeding.set(feeding.get() + 1);
    let capture = CapturePort::new(channel.port2(), Some(buffer), 320, feed);
    let said: Vec<i16> = (0..750).collect();
    worklet.push(&said);
    assert_eq!(capture.flush(), said);
    assert!(capture.flush().is_empty());
    worklet.push(&said[..100]);
    assert_eq!(capture.flush(), &said[..100]);
    assert_eq!(fed.get(), 0, "whoever asks for the rest feeds it");
}
