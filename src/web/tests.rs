//! What needs a browser: the ring's two halves, sockets, options, events, the worklet's script.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod driver;
mod events;
mod lasting;
mod port;
mod timer;
mod tokens;

use std::{cell::RefCell, rc::Rc};

use js_sys::{
    Array, ArrayBuffer, Function, Int16Array, Object, Promise, Reflect, SharedArrayBuffer, Uint8Array,
};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{AudioContext, AudioContextState};

use crate::web::{
    api::convert::{JsOptions, json, live_error, microphone_options},
    driver::{
        plan::Plan,
        ring::{SharedMemory, shared},
        socket::{Socket, SocketEvent, inbox},
    },
    page::{
        context::Graph,
        worklet::{Worklet, WorkletOptions},
    },
    sys::{
        channel::{Oneshot, observed, sleep},
        task::spawn_local,
        value::object,
    },
};
use crate::{
    audio::ring::{Consumer, HEADER_BYTES, Producer},
    error::{CloseFrame, Code, Error, Warning, WarningCode},
    event::{AudioState, LocalEvent, SessionEvent},
};

wasm_bindgen_test_configure!(run_in_browser);

const WORKLETS: &str = include_str!("../../www/worklets/live-audio.js");

/// The ring as the worklets have it, on this page.
fn js_ring(buffer: &SharedArrayBuffer, capacity: u32) -> Object {
    let script = ["globalThis.sampleRate = 48000;", WORKLETS].concat();
    let registered = Array::new();
    let collect = Function::new_with_args("list", "return (name, processor) => list.push(processor)")
        .call1(&JsValue::NULL, &registered)
        .unwrap();
    let base =
        Function::new_no_args("return class { port = new MessageChannel().port1; }").call0(&JsValue::NULL);
    Function::new_with_args("AudioWorkletProcessor, registerProcessor", &script)
        .call2(&JsValue::NULL, &base.unwrap(), &collect)
        .unwrap();
    let parts = Reflect::get(&registered.get(0), &"parts".into()).unwrap();
    let class: Function = Reflect::get(&parts, &"SampleRing".into()).unwrap().unchecked_into();
    Reflect::construct(&class, &Array::of2(buffer, &capacity.into())).unwrap().unchecked_into()
}

fn call(ring: &Object, method: &str, arguments: &[JsValue]) -> JsValue {
    let function: Function = Reflect::get(ring, &method.into()).unwrap().unchecked_into();
    function.apply(ring, &arguments.iter().collect::<Array>()).unwrap()
}

fn ramp(from: i32, count: i32) -> Vec<i16> {
    (from..from + count).map(|sample| sample as i16).collect()
}

#[wasm_bindgen_test]
fn what_the_worklet_captures_rust_reads_in_order_across_the_rings_end() {
    let buffer = shared(1024).expect("the tests' page is isolated");
    assert_eq!(buffer.byte_length() as usize, HEADER_BYTES + 2048);
    let worklet = js_ring(&buffer, 1024);
    let mut rust = Consumer::new(SharedMemory::new(&buffer));
    let mut heard = Vec::new();
    for block in 0..50 {
        let samples = Int16Array::from(ramp(block * 100, 100).as_slice());
        call(&worklet, "push", &[samples.into(), 100.into()]);
        let mut out = [0; 256];
        let pulled = rust.pull(&mut out);
        assert_eq!((pulled.count, pulled.lost), (100, 0));
        heard.extend_from_slice(&out[..100]);
    }
    assert_eq!(heard, ramp(0, 5000));
}

#[wasm_bindgen_test]
fn what_overflows_in_the_worklet_rust_counts_as_lost() {
    let buffer = shared(1024).unwrap();
    let worklet = js_ring(&buffer, 1024);
    let mut rust = Consumer::new(SharedMemory::new(&buffer));
    for block in 0..15 {
        call(&worklet, "push", &[Int16Array::from(ramp(block * 100, 100).as_slice()).into(), 100.into()]);
    }
    let mut out = [0; 2048];
    let pulled = rust.pull(&mut out);
    assert_eq!(pulled.count + pulled.lost, 1500);
    assert!(pulled.lost >= 476);
    assert_eq!(out[..pulled.count], ramp(pulled.lost as i32, pulled.count as i32));
}

#[wasm_bindgen_test]
fn what_rust_plays_the_worklet_reads_and_a_flush_voids_it() {
    let buffer = shared(1024).unwrap();
    let worklet = js_ring(&buffer, 1024);
    let mut rust = Producer::new(SharedMemory::new(&buffer));
    assert_eq!(rust.push(&ramp(0, 2000)), 1024, "no more than fit");
    assert_eq!(call(&worklet, "look", &[]), 1024);
    assert_eq!(call(&worklet, "take", &[]), 0);
    assert_eq!(call(&worklet, "take", &[]), 1);
    let is = |name: &str| Reflect::get(&worklet, &name.into()).unwrap().is_truthy();
    assert!(!is("isVoid") && !is("isEnded"));
    rust.flush();
    call(&worklet, "look", &[]);
    assert!(is("isVoid") && is("isEnded"));
    call(&worklet, "skip", &[]);
    assert_eq!(Reflect::get(&worklet, &"left".into()).unwrap(), 0);
}

#[wasm_bindgen_test]
async fn messages_of_every_kind_keep_their_order() {
    let heard: Rc<RefCell<Vec<String>>> = Rc::default();
    let hearing = heard.clone();
    let inbox = inbox(1000, move |event| {
        hearing.borrow_mut().push(match event {
            SocketEvent::Opened => "opened".into(),
            SocketEvent::Message(bytes) => String::from_utf8(bytes).unwrap(),
            SocketEvent::Failed(error) => error.code.to_string(),
            SocketEvent::Closed(close) => close.code.to_string(),
        });
    });
    let blob = |text: &str| web_sys::Blob::new_with_str_sequence(&Array::of1(&text.into())).unwrap().into();
    let buffer = |text: &str| Uint8Array::from(text.as_bytes()).buffer().into();
    for message in ["1".into(), blob("2"), buffer("3"), blob("4"), "5".into()] {
        inbox.receive(message);
    }
    inbox.close(CloseFrame { code: 1000, reason: String::new() });
    while heard.borrow().len() < 6 {
        JsFuture::from(Promise::resolve(&JsValue::NULL)).await.unwrap();
        sleep(1).await;
    }
    assert_eq!(*heard.borrow(), ["1", "2", "3", "4", "5", "1000"]);
}

#[wasm_bindgen_test]
fn a_message_over_the_bound_is_refused_before_it_is_unpacked() {
    let heard: Rc<RefCell<Vec<Code>>> = Rc::default();
    let hearing = heard.clone();
    let inbox = inbox(4, move |event| {
        if let SocketEvent::Failed(error) = event {
            hearing.borrow_mut().push(error.code);
        }
    });
    let buffer = |bytes: u32| ArrayBuffer::new(bytes).into();
    let blob = web_sys::Blob::new_with_str_sequence(&Array::of1(&"12345".into())).unwrap();
    for message in ["1234".into(), "12345".into(), buffer(4), buffer(5), blob.into()] {
        inbox.receive(message);
    }
    assert_eq!(*heard.borrow(), [Code::FrameTooLarge; 3]);
    let memory = || {
        let memory: js_sys::WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
        memory.buffer().unchecked_into::<ArrayBuffer>().byte_length()
    };
    let before = memory();
    inbox.receive(buffer(100 << 20));
    assert_eq!((heard.borrow().len(), memory()), (4, before), "it was not copied");
}

#[wasm_bindgen_test]
async fn a_socket_that_cannot_be_opened_is_closed_without_a_reason() {
    let (sender, closed) = slot();
    let socket = Socket::open("ws://127.0.0.1:9/", 1000, move |event| {
        if let SocketEvent::Closed(close) = event {
            sender.put(close.code);
        }
    });
    assert!(socket.is_ok());
    assert_eq!(closed.take_within(10_000).await, Some(1006));
}

#[wasm_bindgen_test]
fn an_address_that_is_none_is_refused_without_being_repeated() {
    let error = Socket::open("ftp://example/?access_token=secret", 1000, |_| {}).err().unwrap();
    assert_eq!((error.code, error.field.as_deref()), (Code::Network, Some("endpoint")));
    assert!(!error.to_string().contains("secret"));
}

fn slot<T>() -> (Rc<Oneshot<T>>, Rc<Oneshot<T>>) {
    let slot = Rc::new(Oneshot::default());
    (slot.clone(), slot)
}

fn options(fields: &[(&str, JsValue)]) -> Result<Plan, Error> {
    warned_options(fields).map(|(plan, _)| plan)
}

fn warned_options(fields: &[(&str, JsValue)]) -> Result<(Plan, Vec<Warning>), Error> {
    JsOptions::from_js(&object(fields))?.options.plan()
}

#[wasm_bindgen_test]
fn options_are_checked_one_by_one_and_name_the_field() {
    let good = ("model", JsValue::from("m"));
    let token = ("token", JsValue::from("/token"));
    assert!(options(&[good.clone(), token.clone()]).is_ok());
    let field = |fields: &[(&str, JsValue)]| {
        let error = options(fields).err().unwrap();
        (error.code, error.field.clone().unwrap_or_default())
    };
    assert_eq!(field(std::slice::from_ref(&token)), (Code::InvalidOption, "model".into()));
    assert_eq!(field(std::slice::from_ref(&good)), (Code::InvalidOption, "token".into()));
    let both = [good, token];
    for (name, value) in [
        ("modle", "m".into()),
        ("connectTimeoutMs", 0.into()),
        ("connectTimeoutMs", "soon".into()),
        ("eventQueueLimit", f64::NAN.into()),
        ("runIn", "thread".into()),
        ("speaker", "loud".into()),
        ("endpoint", "http://example".into()),
        ("endpoint", "ws://example".into()),
        ("signal", object(&[]).into()),
        ("dangerouslyAllowApiKey", 1.into()),
        ("budget", object(&[("cost", 1.into())]).into()),
    ] {
        let fields = [&both[..], &[(name, value)]].concat();
        assert_eq!(field(&fields), (Code::InvalidOption, name.into()));
    }
    let inner = object(&[("stream", 1.into())]);
    let fields = [&both[..], &[("microphone", inner.into())]].concat();
    assert_eq!(field(&fields), (Code::InvalidOption, "stream".into()));
    let error = JsOptions::from_js(&JsValue::from("model")).err().unwrap();
    assert_eq!(error.code, Code::InvalidOption);
}

#[wasm_bindgen_test]
fn what_a_model_will_not_take_is_a_warning_unless_that_is_switched_off() {
    let config = object(&[("thinkingConfig", object(&[("thinkingBudget", 8.into())]).into())]);
    let fields =
        [("model", "gemini-3.8-live".into()), ("token", "/token".into()), ("config", JsValue::from(config))];
    let (_, warnings) = warned_options(&fields).unwrap();
    assert!(
        warnings
            .iter()
            .any(|warning| warning.field.as_deref().is_some_and(|field| field.contains("thinking")))
    );
    let switched_off = [&fields[..], &[("modelChecks", false.into())]].concat();
    assert!(warned_options(&switched_off).unwrap().1.is_empty());
}

#[wasm_bindgen_test]
fn device_options_of_the_wrong_class_are_refused() {
    assert!(microphone_options(&JsValue::UNDEFINED).is_ok());
    let error = microphone_options(&object(&[("stream", object(&[]).into())])).err().unwrap();
    assert_eq!(error.field.as_deref(), Some("stream"));
}

#[wasm_bindgen_test]
fn a_config_that_is_no_data_is_refused() {
    let cycle = object(&[]);
    Reflect::set(&cycle, &"self".into(), &cycle).unwrap();
    assert_eq!(json(&cycle, "config").unwrap_err().field.as_deref(), Some("config"));
    for no_data in [Function::new_no_args("").into(), js_sys::Symbol::for_("a").into()] {
        let error = json(&no_data, "config").unwrap_err();
        assert_eq!((error.code, error.field.as_deref()), (Code::InvalidOption, Some("config")));
    }
    assert_eq!(json(&object(&[("a", 1.into())]), "config").unwrap(), crate::json::json!({ "a": 1 }));
}

#[wasm_bindgen_test]
fn half_a_character_becomes_one_that_says_so() {
    let text = js_sys::eval(r#"["a\ud83d", "\udc4db", "\ud83d\udc4d", "\\ud83d", "\u0007"]"#).unwrap();
    let wanted = crate::json::json!(["a\u{fffd}", "\u{fffd}b", "\u{1f44d}", "\\ud83d", "\u{7}"]);
    assert_eq!(json(&text, "config").unwrap(), wanted);
}

#[wasm_bindgen_test]
fn a_failure_is_an_error_that_says_what_to_do() {
    let mut failure = Error::new(Code::SetupRefused, "No.").with_remedy("Do.").with_field("model");
    failure.close = Some(CloseFrame { code: 1007, reason: "bad".into() });
    let error = live_error(&failure);
    assert!(error.is_instance_of::<js_sys::Error>());
    let field = |name: &str| Reflect::get(&error, &name.into()).unwrap();
    assert_eq!(field("name"), "LiveError");
    assert_eq!((field("code"), field("remedy")), ("setup-refused".into(), "Do.".into()));
    assert_eq!(Reflect::get(&field("close"), &"code".into()).unwrap(), 1007);
}

#[wasm_bindgen_test]
async fn the_worklets_script_is_shipped_and_registers_both_processors() {
    let graph: Rc<Graph> = Rc::default();
    let lease = graph.lease(Some(AudioContext::new().unwrap())).unwrap();
    lease.start(lease.ask(None).unwrap()).await.unwrap();
    for (name, outputs, rates) in
        [("live-capture", 0, (None, Some(16_000))), ("live-playback", 1, (Some(24_000), None))]
    {
        let node = Worklet::new(
            &lease,
            name,
            &WorkletOptions {
                outputs,
                ring: shared(1024),
                capacity: 1024,
                frame: 320,
                rates,
                jitter_ms: None,
                time_stretch: false,
            },
            &lease.context.create_gain().unwrap(),
        );
        assert!(node.is_ok(), "{name}");
    }
    let missing = Worklet::new(
        &lease,
        "live-nothing",
        &WorkletOptions {
            outputs: 1,
            ring: None,
            capacity: 1024,
            frame: 320,
            rates: (None, None),
            jitter_ms: None,
            time_stretch: false,
        },
        &lease.context.destination(),
    );
    assert_eq!(missing.err().unwrap().code, Code::WorkletUnavailable);
}

#[wasm_bindgen_test]
async fn a_worklet_script_that_is_not_there_is_a_clear_error() {
    let graph: Rc<Graph> = Rc::default();
    let lease = graph.lease(None).unwrap();
    let error = lease.start(lease.ask(Some("/no-such-file.js".into())).unwrap()).await.unwrap_err();
    assert_eq!((error.code, error.field.as_deref()), (Code::WorkletUnavailable, Some("workletUrl")));
}

#[wasm_bindgen_test]
async fn two_copies_of_the_worklets_script_in_one_context_do_no_harm() {
    let graph: Rc<Graph> = Rc::default();
    let lease = graph.lease(Some(AudioContext::new().unwrap())).unwrap();
    lease.start(lease.ask(None).unwrap()).await.unwrap();
    let own = ["data:text/javascript,", &String::from(js_sys::encode_uri_component(WORKLETS))].concat();
    // Another bundle's copy: its names are taken.
    lease.start(lease.ask(Some(own)).unwrap()).await.unwrap();
    let options = WorkletOptions {
        outputs: 1,
        ring: None,
        capacity: 1024,
        frame: 320,
        rates: (Some(24_000), None),
        jitter_ms: Some(18.0),
        time_stretch: true,
    };
    assert!(Worklet::new(&lease, "live-playback", &options, &lease.context.destination()).is_ok());
}

#[wasm_bindgen_test]
async fn an_interruption_of_the_applications_own_context_is_told_and_once_for_both_devices() {
    let graph: Rc<Graph> = Rc::default();
    let told: Rc<RefCell<Vec<SessionEvent>>> = Rc::default();
    let hearing = told.clone();
    graph.set_tell(move |event| hearing.borrow_mut().push(event.clone()));
    let own = AudioContext::new().unwrap();
    let leases = [graph.lease(Some(own.clone())).unwrap(), graph.lease(Some(own.clone())).unwrap()];
    leases[0].start(leases[0].ask(None).unwrap()).await.unwrap();
    JsFuture::from(own.suspend().unwrap()).await.unwrap();
    for _ in 0..100 {
        if told.borrow().is_empty() {
            sleep(10).await;
        }
    }
    sleep(20).await;
    // The application may have meant it: it stays so.
    assert_eq!(*told.borrow(), [LocalEvent::AudioStateChange { state: AudioState::Interrupted }.into()]);
    graph.resume().await.unwrap();
    assert_eq!(own.state(), AudioContextState::Running);
    drop(leases);
    JsFuture::from(own.close().unwrap()).await.unwrap();
}

#[wasm_bindgen_test]
async fn devices_and_context_are_given_back_within_one_deadline() {
    let graph: Rc<Graph> = Rc::default();
    let lease = graph.lease(None).unwrap();
    let context = lease.context.clone();
    let never = Function::new_no_args("return new Promise(() => {})");
    Reflect::set(&context, &"close".into(), &never).unwrap();
    let (asked, _put_back) = watch_timers();
    spawn_local(async move {
        sleep(300).await;
        drop(lease);
    });
    sleep(0).await;
    graph.given_back(1_000).await;
    // Turn by turn: the lease's time, and the deadline for the devices; then what is left of it for the context.
    let times: Vec<f64> = asked.iter().filter_map(|ms| ms.as_f64()).filter(|ms| *ms > 0.0).collect();
    assert_eq!(times.len(), 3, "{times:?}");
    assert!(times[1] > 900.0 && times[2] < 750.0, "{times:?}");
    Reflect::delete_property(&context, &"close".into()).unwrap();
    JsFuture::from(context.close().unwrap()).await.unwrap();
}

/// Notes what every timer is set to, until it is dropped.
fn watch_timers() -> (Array, impl Drop) {
    struct PutBack(JsValue);
    impl Drop for PutBack {
        fn drop(&mut self) {
            Reflect::set(&js_sys::global(), &"setTimeout".into(), &self.0).unwrap();
        }
    }
    let global = js_sys::global();
    let before = Reflect::get(&global, &"setTimeout".into()).unwrap();
    let asked = Array::new();
    let watching = Function::new_with_args(
        "before, asked",
        "return (callback, ms) => { asked.push(ms); return before.call(globalThis, callback, ms); }",
    );
    let watching = watching.call2(&JsValue::NULL, &before, &asked).unwrap();
    Reflect::set(&global, &"setTimeout".into(), &watching).unwrap();
    (asked, PutBack(before))
}

#[wasm_bindgen_test]
fn a_key_is_held_against_the_rules_of_the_version_that_it_goes_to() {
    let config = object(&[("proactivity", object(&[("proactiveAudio", true.into())]).into())]);
    let warns = |token: &str, more: &[(&str, JsValue)]| {
        let fields = [
            ("model", JsValue::from("gemini-2.5-flash-native-audio-preview-09-2025")),
            ("token", token.into()),
            ("config", config.clone().into()),
            ("dangerouslyAllowApiKey", true.into()),
        ];
        let (_, warnings) = warned_options(&[&fields[..], more].concat()).unwrap();
        warnings.iter().any(|warning| warning.message.contains("v1alpha"))
    };
    let key = ["AIza", &"x".repeat(35)].concat();
    assert!(warns(&key, &[]), "a key goes to v1beta");
    assert!(!warns(&key, &[("apiVersion", "v1alpha".into())]));
    assert!(!warns("auth_tokens/x", &[]), "a token goes to v1alpha");
    let provider = Function::new_no_args("return 'auth_tokens/x'");
    assert!(!warns("", &[("token", provider.clone().into())]), "it may give a token, and go to v1alpha");
    assert!(!warns("/token", &[]), "and so may an address");
    assert!(warns("", &[("token", provider.into()), ("apiVersion", "v1beta".into())]));
}

#[wasm_bindgen_test]
fn a_tool_with_functions_in_it_is_named_before_they_are_left_out() {
    let tool = object(&[("callTool", Function::new_no_args("").into())]);
    let config = object(&[("tools", Array::of1(&tool).into())]);
    let fields = [("model", "m".into()), ("token", "/token".into()), ("config", JsValue::from(config))];
    let error = options(&fields).err().unwrap();
    assert_eq!((error.code, error.field.as_deref()), (Code::InvalidConfig, Some("config.tools")));
    assert!(error.message.contains("CallableTool"));
}
