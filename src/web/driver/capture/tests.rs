//! The driver's end of a microphone, from the worklet's end.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::cell::Cell;

use js_sys::Function;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::MessageChannel;

use super::*;
use crate::{
    audio::{CAPTURE_CAPACITY, pcm, ring::Producer},
    web::{driver::ring, sys::channel::sleep},
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

/// What gives this `AudioData`, and notes whether it was taken and closed. Each sample is its number; of two channels the second is
/// twice as loud.
const GIVE: &str = "
    const data = [];
    const make = (from) => {
        const isShort = format.startsWith('s16');
        const samples = new (isShort ? Int16Array : Float32Array)(count * channels);
        for (let frame = 0; frame < count; frame++) {
            for (let channel = 0; channel < channels; channel++) {
                const at = format.endsWith('planar') ? channel * count + frame : frame * channels + channel;
                samples[at] = ((from + frame) * (channel + 1)) / (isShort ? 1 : 32768);
            }
        }
        const timestamp = (from / 16000) * 1e6;
        return new AudioData({ format, sampleRate: 16000, numberOfFrames: count, numberOfChannels: channels, timestamp, data: samples });
    };
    const readable = new ReadableStream({
        async pull(controller) {
            // Without an end it leaves others their turn, as a device does.
            if (most > 10000) await new Promise((resolve) => setTimeout(resolve));
            const from = data.length * count;
            if (from >= most) return controller.close();
            data.push(make(from));
            if (!data.isCancelled) controller.enqueue(data.at(-1));
        },
        cancel() { data.isCancelled = true; },
    });
    return { readable, given: () => data.length, open: () => data.filter((one) => one.format !== null).length, isCancelled: () => data.isCancelled ?? false };";

/// A track that gives as many samples as are taken; nothing where the browser has no `AudioData`.
fn track(format: &str, channels: u32, count: u32, most: u32) -> Option<JsValue> {
    let has_it = js_sys::Reflect::has(&js_sys::global(), &"AudioData".into()).unwrap_or(false);
    let give = Function::new_with_args("format, channels, count, most", GIVE);
    let words = Array::of4(&format.into(), &channels.into(), &count.into(), &most.into());
    has_it.then(|| give.apply(&JsValue::NULL, &words).unwrap())
}

fn asked(track: &JsValue, question: &str) -> JsValue {
    let ask: Function = field(track, question).unchecked_into();
    ask.call0(track).unwrap()
}

/// A driver's end, and what it has fed.
fn listening() -> (CapturePort, MessageChannel, Rc<RefCell<Vec<Vec<i16>>>>) {
    let fed: Rc<RefCell<Vec<Vec<i16>>>> = Rc::default();
    let (feeding, channel) = (fed.clone(), MessageChannel::new().unwrap());
    let feed = move |input: Input<'_>| {
        if let Input::Audio(frame) = input {
            feeding.borrow_mut().push(frame.to_vec());
        }
    };
    (CapturePort::new(channel.port2(), None, 320, feed), channel, fed)
}

async fn until(mut is_so: impl FnMut() -> bool) {
    for _ in 0..500 {
        if is_so() {
            return;
        }
        sleep(10).await;
    }
    assert!(is_so(), "it does not come");
}

#[wasm_bindgen_test]
async fn whatever_a_tracks_data_is_made_of_each_sample_is_fed_once_in_frames_and_the_data_closed() {
    for format in ["f32-planar", "s16", "s16-planar", "f32"] {
        for (channels, count) in [(1, 160), (2, 441), (2, 1)] {
            let Some(track) = track(format, channels, count, 1_500) else { return };
            let (capture, _channel, fed) = listening();
            capture.way.read(&field(&track, "readable"));
            let given = 1_500_u32.div_ceil(count) * count;
            let frames = given as usize / 320;
            until(|| fed.borrow().len() == frames).await;
            let mut samples = fed.borrow().concat();
            assert!(fed.borrow().iter().all(|frame| frame.len() == 320), "{format}");
            samples.extend(capture.flush());
            // The mean of one and of twice as much.
            let due = |at: u32| pcm::from_f64(f64::from(at) * f64::from(channels + 1) / 2.0 / 32768.0);
            let wrong = samples.iter().zip((0..given).map(due)).filter(|(one, due)| one.abs_diff(*due) > 1);
            assert_eq!(
                (samples.len(), wrong.count()),
                (given as usize, 0),
                "{format} in {channels} by {count}"
            );
            assert_eq!(asked(&track, "open"), 0, "{format}");
        }
    }
}

#[wasm_bindgen_test]
async fn the_page_is_told_when_a_track_is_heard_and_when_it_is_over() {
    let Some(track) = track("f32-planar", 1, 160, 3_200) else { return };
    let (capture, channel, fed) = listening();
    let told: Rc<RefCell<Vec<f64>>> = Rc::default();
    let hearing = told.clone();
    let on_message: Closure<dyn FnMut(MessageEvent)> =
        Closure::new(move |event: MessageEvent| hearing.borrow_mut().extend(event.data().as_f64()));
    channel.port1().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    capture.way.read(&field(&track, "readable"));
    until(|| told.borrow().last() == Some(&0.0)).await;
    assert_eq!(*told.borrow(), [1.0, 0.0]);
    assert_eq!(fed.borrow().len(), 10);
}

#[wasm_bindgen_test]
async fn a_microphone_that_is_given_up_gives_its_track_back_and_feeds_nothing_more() {
    let Some(track) = track("f32-planar", 1, 160, u32::MAX) else { return };
    let (capture, _channel, fed) = listening();
    capture.way.read(&field(&track, "readable"));
    until(|| fed.borrow().len() > 5).await;
    drop(capture);
    let count = fed.borrow().len();
    assert_eq!(asked(&track, "isCancelled"), true);
    sleep(50).await;
    assert_eq!(fed.borrow().len(), count);
    // What it had made ahead is the stream's, which is this test's.
    assert!(asked(&track, "open").as_f64().unwrap() <= 1.0);
}
