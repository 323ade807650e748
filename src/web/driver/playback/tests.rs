//! The port to a worklet that has its ring to itself, from the worklet's end.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use js_sys::{ArrayBuffer, Float64Array, Promise};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::MessageChannel;

use super::*;
use crate::web::sys::value::object;

/// What the worklet's end of the port hears, and what the session is told.
struct Bench {
    port: MessagePort,
    heard: Rc<RefCell<Vec<JsValue>>>,
    reports: Rc<RefCell<Vec<Playback>>>,
    _on_message: OnMessage,
}

fn bench() -> (Rc<PlaybackPort>, Bench) {
    let channel = MessageChannel::new().unwrap();
    let heard: Rc<RefCell<Vec<JsValue>>> = Rc::default();
    let hearing = heard.clone();
    let on_message: OnMessage =
        Closure::new(move |event: MessageEvent| hearing.borrow_mut().push(event.data()));
    channel.port1().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    let reports: Rc<RefCell<Vec<Playback>>> = Rc::default();
    let reported = reports.clone();
    let playback = PlaybackPort::new(channel.port2(), None, move |report| reported.borrow_mut().push(report));
    (playback, Bench { port: channel.port1(), heard, reports, _on_message: on_message })
}

impl Bench {
    /// Waits until `count` messages have come.
    async fn heard(&self, count: usize) -> Vec<JsValue> {
        while self.heard.borrow().len() < count {
            turn().await;
        }
        self.heard.borrow().clone()
    }

    /// Reports as the worklet does, and gives what the session is told of it.
    async fn report(&self, read: u32, played: u32, playing: bool) -> Playback {
        let report = object(&[
            ("read", read.into()),
            ("played", played.into()),
            ("concealmentEvents", 3.into()),
            ("concealedSamples", 72.into()),
            ("insertedSamplesForDeceleration", 24.into()),
            ("sums", Float64Array::from(&[2.5, 1.5, 0.25, 7.0][..]).into()),
            ("playing", playing.into()),
        ]);
        let before = self.reports.borrow().len();
        self.port.post_message(&report).unwrap();
        while self.reports.borrow().len() == before {
            turn().await;
        }
        *self.reports.borrow().last().unwrap()
    }
}

/// The second turn's beginning.
const PLACE: (u32, f64) = (2, 0.0);

/// Lets the messages that are under way arrive.
async fn turn() {
    let wait = Promise::new(&mut |resolve, _| {
        web_sys::window().unwrap().set_timeout_with_callback(&resolve).unwrap();
    });
    JsFuture::from(wait).await.unwrap();
}

fn chunk(count: usize) -> Pcm {
    Pcm { samples: vec![7; count], odd: None, rate_hz: 24_000 }
}

fn samples(message: &JsValue) -> usize {
    message.dyn_ref::<ArrayBuffer>().map_or(0, |buffer| buffer.byte_length() as usize / 2)
}

#[wasm_bindgen_test]
async fn speech_flushes_and_ends_go_over_the_port_in_their_order() {
    let (playback, bench) = bench();
    playback.play(0, PLACE, chunk(100)).unwrap();
    playback.flush(1);
    playback.play(0, PLACE, chunk(50)).unwrap();
    playback.play(1, PLACE, chunk(200)).unwrap();
    playback.finish();
    drop(playback);
    let heard = bench.heard(5).await;
    assert_eq!((samples(&heard[0]), samples(&heard[2])), (100, 200));
    assert_eq!((&heard[1], &heard[3], &heard[4]), (&"flush".into(), &"end".into(), &"drain".into()));
}

#[wasm_bindgen_test]
async fn a_pause_ends_behind_the_flush_that_ends_it() {
    let (playback, bench) = bench();
    playback.pause(true);
    playback.flush(1);
    playback.pause(false);
    let heard = bench.heard(3).await;
    assert_eq!((&heard[0], &heard[1], &heard[2]), (&"pause".into(), &"flush".into(), &"resume".into()));
}

#[wasm_bindgen_test]
async fn no_more_is_sent_than_the_worklets_ring_holds_and_the_rest_when_it_has_read() {
    let (playback, bench) = bench();
    playback.play(0, PLACE, chunk(PLAYBACK_CAPACITY + 1_000)).unwrap();
    assert_eq!(samples(&bench.heard(1).await[0]), PLAYBACK_CAPACITY);
    let report = bench.report(600, 600, true).await;
    assert_eq!(report.waiting, (PLAYBACK_CAPACITY + 400) as f64);
    assert_eq!(samples(&bench.heard(2).await[1]), 600);
}

#[wasm_bindgen_test]
async fn the_last_word_is_all_that_found_no_room() {
    let (playback, bench) = bench();
    playback.play(0, PLACE, chunk(3 * PLAYBACK_CAPACITY)).unwrap();
    playback.hand_over();
    drop(playback);
    let heard = bench.heard(3).await;
    assert_eq!((samples(&heard[0]), samples(&heard[1])), (PLAYBACK_CAPACITY, 2 * PLAYBACK_CAPACITY));
    assert_eq!(heard[2], "drain");
}

#[wasm_bindgen_test]
async fn a_report_from_before_a_flush_is_of_the_epoch_before() {
    let (playback, bench) = bench();
    playback.play(0, PLACE, chunk(1_000)).unwrap();
    playback.flush(1);
    playback.play(1, PLACE, chunk(500)).unwrap();
    let late = bench.report(400, 400, true).await;
    assert_eq!((late.epoch, late.epoch_played, late.is_playing), (0, 400.0, true));
    let flushed = bench.report(1_000, 520, true).await;
    assert_eq!((flushed.epoch, flushed.epoch_played, flushed.is_playing), (1, 0.0, false));
    let now = bench.report(1_100, 620, true).await;
    assert_eq!((now.epoch, now.epoch_played, now.is_playing), (1, 100.0, true));
    assert_eq!((now.played, now.concealment_events, now.concealed_samples), (620.0, 3.0, 72.0));
    assert_eq!(now.inserted_samples, 24.0);
    assert_eq!((now.target_delay, now.minimum_delay, now.energy), (2.5, 1.5, 0.25));
}

/// What the listener at the other end of this channel is told, in words: lists, with how many samples there are.
async fn told(channel: &MessageChannel, count: usize) -> Vec<String> {
    let heard: Rc<RefCell<Vec<String>>> = Rc::default();
    let hearing = heard.clone();
    let on_message: OnMessage = Closure::new(move |event: MessageEvent| {
        let word = |value: JsValue| match value.dyn_into::<Int16Array>() {
            Ok(samples) => format!("[{}]", samples.length()),
            Err(value) => value.as_string().unwrap_or_else(|| format!("{value:?}")),
        };
        let list: Array = event.data().unchecked_into();
        hearing.borrow_mut().push(list.iter().map(word).collect::<Vec<_>>().join(" "));
    });
    channel.port1().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    while heard.borrow().len() < count {
        turn().await;
    }
    heard.take()
}

#[wasm_bindgen_test]
async fn a_listener_is_told_what_is_given_and_played_from_then_on_and_the_end() {
    let (playback, bench) = bench();
    playback.play(0, PLACE, chunk(100)).unwrap();
    bench.report(40, 40, true).await;
    let channel = MessageChannel::new().unwrap();
    playback.tell_pcm(Some(channel.port2()));
    playback.play(0, (2, 100.0), chunk(50)).unwrap();
    playback.flush(1);
    playback.play(0, (2, 150.0), chunk(10)).unwrap();
    playback.play(1, (4, 0.0), chunk(20)).unwrap();
    bench.report(150, 60, false).await;
    drop(playback);
    let told = told(&channel, 5).await;
    assert!(told[0].starts_with("played JsValue(0) JsValue(40) JsValue(40)"), "{told:?}");
    assert_eq!(told[1], "audio JsValue(0) JsValue(100) JsValue(2) JsValue(100) [50]");
    assert_eq!(told[2], "audio JsValue(1) JsValue(0) JsValue(4) JsValue(0) [20]", "what is void is not told");
    assert!(told[3].starts_with("played JsValue(1) JsValue(0) JsValue(60) JsValue(20)"), "{told:?}");
    assert_eq!(told[4], "end");
}
