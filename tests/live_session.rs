//! The Rust API on a page, against the simulator that the test runner starts beside the browser.

#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::{cell::Cell, rc::Rc};

use gemini_live_web::{
    error::{Code, Error},
    event::{Event, State},
    protocol::setup::{
        AudioTranscriptionConfig, Behavior, FunctionDeclaration, FunctionResponseScheduling, LiveConfig,
        Modality,
    },
    web::{
        AccessToken, ConnectOptions, Events, LiveSession, LiveTool, MicrophoneDevice, MicrophoneOptions,
        PendingCall, RecordOptions, SpeakerOptions, TokenSource,
    },
};
use serde_json::{Value, json};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Request, RequestInit, Response};

#[path = "../src/session/tests/grammar.rs"]
mod grammar;
use grammar::Place;

wasm_bindgen_test_configure!(run_in_browser);

async fn wait(ms: i32) {
    let waited = js_sys::Promise::new(&mut |resolve, _| {
        let window = web_sys::window().unwrap();
        window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, ms).unwrap();
    });
    JsFuture::from(waited).await.unwrap();
}

async fn fetch(url: &str, init: &RequestInit) -> Value {
    let request = Request::new_with_str_and_init(url, init).unwrap();
    let response = JsFuture::from(web_sys::window().unwrap().fetch_with_request(&request)).await.unwrap();
    let text = JsFuture::from(response.unchecked_into::<Response>().text().unwrap()).await.unwrap();
    serde_json::from_str(&text.as_string().unwrap()).unwrap()
}

/// The simulator's address, as the test runner wrote it down.
async fn simulator() -> String {
    let found = fetch("/target/browser-tests/simulator.json", &RequestInit::new()).await;
    found["url"].as_str().unwrap().to_owned()
}

async fn mint(simulator: &str) -> String {
    mint_with(simulator, json!({})).await
}

async fn mint_with(simulator: &str, request: Value) -> String {
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_body(&JsValue::from(request.to_string()));
    let headers = web_sys::Headers::new().unwrap();
    headers.set("x-goog-api-key", "a-key").unwrap();
    init.set_headers(&headers);
    let token = fetch(&[simulator, "/v1alpha/auth_tokens"].concat(), &init).await;
    token["name"].as_str().unwrap().to_owned()
}

async fn options(model: &str, token: impl Into<TokenSource>) -> ConnectOptions {
    let mut options = ConnectOptions::new(model, token).with_config(LiveConfig {
        response_modalities: Some(vec![Modality::Audio]),
        output_audio_transcription: Some(AudioTranscriptionConfig::default()),
        ..LiveConfig::default()
    });
    options.endpoint = simulator().await.replacen("http", "ws", 1).into();
    options
}

/// Those of a session that answers in writing. Nothing is spoken, so a turn is over as soon as it is written: for tests of which
/// audio is no part.
async fn in_writing(token: impl Into<TokenSource>) -> ConnectOptions {
    options("sim-text", token)
        .await
        .with_config(LiveConfig { response_modalities: Some(vec![Modality::Text]), ..LiveConfig::default() })
}

fn minted() -> TokenSource {
    TokenSource::provider(async || Ok(mint(&simulator().await).await))
}

async fn connect(model: &str) -> Result<(LiveSession, Heard), Error> {
    connect_with(options(model, minted()).await).await
}

async fn connect_with(options: ConnectOptions) -> Result<(LiveSession, Heard), Error> {
    let (session, events) = LiveSession::connect(options).await?;
    Ok((session, Heard { events, place: Place::default() }))
}

/// The events of a session, each held against their grammar.
#[derive(Debug)]
struct Heard {
    events: Events,
    place: Place,
}

impl Heard {
    async fn next(&mut self) -> Option<Result<Event, Error>> {
        let event = self.events.next().await;
        if let Some(Ok(event)) = &event {
            self.place.hear(event);
        }
        event
    }
}

/// Everything up to the event that is waited for.
async fn until(events: &mut Heard, is_last: impl Fn(&Event) -> bool) -> Vec<Event> {
    let mut heard = Vec::new();
    while let Some(event) = events.next().await {
        let event = event.expect("the session goes on");
        let is_found = is_last(&event);
        heard.push(event);
        if is_found {
            break;
        }
    }
    heard
}

#[wasm_bindgen_test]
async fn a_conversation_is_recorded_without_its_token() {
    let token = mint(&simulator().await).await;
    let mut options = in_writing(token.as_str()).await;
    options.record = Some(RecordOptions::default());
    let (session, mut events) = connect_with(options).await.unwrap();
    session.send(&["My token is ", &token].concat()).unwrap();
    until(&mut events, |event| matches!(event, Event::TurnComplete { .. })).await;
    let mut recording = session.recording().unwrap();
    assert!(!recording.is_stopped() && recording.dropped_lines() == 0);
    session.close().await;
    assert!(recording.is_stopped());
    let text = recording.text();
    assert!(!text.contains(&token), "{text}");
    assert!(text.contains(r#""text":"My token is …""#), "{text}");
    let mut lines = String::new();
    while let Some(line) = recording.next_line().await {
        lines.extend([line.as_str(), "\n"]);
    }
    assert_eq!(lines, text);
    assert_eq!(session.record(RecordOptions::default()).unwrap_err().code, Code::NotOpen);
}

#[wasm_bindgen_test]
async fn a_typed_sentence_is_answered_and_heard_to_its_end() {
    let (session, mut events) = connect("sim-parrot").await.unwrap();
    assert_eq!(session.state(), State::Open);
    let speaker = session.open_speaker(SpeakerOptions::default()).await.unwrap();
    assert!(speaker.sample_rate() >= 8000);
    session.send("Hello").unwrap();
    let heard = until(&mut events, |event| matches!(event, Event::PlaybackEnded { .. })).await;
    for wanted in ["SetupComplete", "OutputTranscription", "PlaybackStarted", "TurnComplete", "PlaybackEnded"]
    {
        assert!(heard.iter().any(|event| format!("{event:?}").starts_with(wanted)), "no {wanted}");
    }
    assert!(session.stats().playback_samples_played > 0.0);
    session.close().await;
    assert_eq!(session.state(), State::Closed);
    assert_eq!(session.send("Hello").unwrap_err().code, Code::NotOpen);
    until(&mut events, |event| matches!(event, Event::Closed { error: None, .. })).await;
    assert!(events.next().await.is_none());
}

#[wasm_bindgen_test]
async fn the_microphone_is_sent_in_frames_of_20_ms_until_it_is_dropped() {
    let (session, _events) = connect("sim-parrot").await.unwrap();
    let microphone = session.open_microphone(MicrophoneOptions::default()).await.unwrap();
    while session.stats().audio_frames_sent < 10 {
        wait(20).await;
    }
    microphone.set_muted(true);
    microphone.set_device(MicrophoneDevice::default()).await.unwrap();
    let missing = microphone.set_device("no-such-device").await.unwrap_err();
    assert_eq!(missing.code, Code::DeviceNotFound);
    assert!(microphone.is_muted() && !microphone.is_stopped());
    microphone.stop();
    assert_eq!(microphone.set_device(MicrophoneDevice::default()).await.unwrap_err().code, Code::NotOpen);
    drop(microphone);
    assert_eq!(session.stats().capture_samples_lost, 0);
}

#[wasm_bindgen_test]
async fn a_refused_setup_is_an_error_with_the_services_reason() {
    let error = connect("sim-refuse-1007").await.unwrap_err();
    assert_eq!(error.code, Code::SetupRefused);
    assert_eq!(error.close.as_ref().unwrap().code, 1007);
}

#[wasm_bindgen_test]
async fn a_setup_that_is_not_answered_ends_with_the_deadline() {
    let mut options = options("sim-deaf", minted()).await;
    options.connect_timeout = Some(std::time::Duration::from_millis(500));
    let error = connect_with(options).await.unwrap_err();
    assert_eq!((error.code, error.retryable), (Code::Timeout, true));
}

#[wasm_bindgen_test]
async fn a_key_in_a_browser_is_refused_and_not_repeated() {
    let error = connect_with(options("m", "AIza-secret").await).await.unwrap_err();
    assert_eq!(error.code, Code::ApiKeyRefused);
    assert!(!format!("{error} {error:?} {:?}", AccessToken::new("AIza-secret")).contains("AIza"));
}

#[wasm_bindgen_test]
async fn a_provider_that_fails_fails_the_connect_with_its_error() {
    let failing = async || Err::<String, _>(Error::new(Code::TokenUnavailable, "the backend sleeps"));
    let error = connect_with(options("m", TokenSource::provider(failing)).await).await.unwrap_err();
    assert_eq!((error.code, error.message.as_str()), (Code::TokenUnavailable, "the backend sleeps"));
    assert!(error.retryable, "it may wake up");
}

#[wasm_bindgen_test]
async fn a_provider_that_never_settles_holds_nothing_once_it_is_given_up() {
    let held = Rc::new(());
    let holders = Rc::downgrade(&held);
    let provider = async move || {
        let _held = &held;
        std::future::pending::<Result<String, Error>>().await
    };
    let mut options = options("m", TokenSource::provider(provider)).await;
    options.connect_timeout = Some(std::time::Duration::from_millis(300));
    let error = connect_with(options).await.unwrap_err();
    assert_eq!(error.code, Code::Timeout);
    // The test's own deadline ends this if it is not so.
    while holders.strong_count() > 0 {
        wait(20).await;
    }
}

#[wasm_bindgen_test]
async fn a_token_that_was_used_up_is_refused() {
    let simulator = simulator().await;
    let token = mint(&simulator).await;
    let (session, _events) = connect_with(options("m", token.as_str()).await).await.unwrap();
    session.close().await;
    let error = connect_with(options("m", token).await).await.unwrap_err();
    assert_eq!(error.code, Code::TokenRefused);
}

#[wasm_bindgen_test]
async fn a_session_that_is_dropped_is_closed_and_its_events_end() {
    let (session, mut events) = connect("sim-parrot").await.unwrap();
    drop(session);
    let heard = until(&mut events, |event| matches!(event, Event::Closed { .. })).await;
    assert!(matches!(heard.last(), Some(Event::Closed { error: None, .. })));
}

#[wasm_bindgen_test]
async fn a_provider_that_gives_a_token_of_yesterday_is_asked_again() {
    let asked = Rc::new(Cell::new(0));
    let counting = asked.clone();
    let provider = async move || {
        counting.set(counting.get() + 1);
        let token = AccessToken::new(mint(&simulator().await).await);
        Ok(if counting.get() == 1 { token.until("2020-01-01T00:00:00Z") } else { token })
    };
    let (session, _events) =
        connect_with(options("sim-parrot", TokenSource::provider(provider)).await).await.unwrap();
    assert_eq!((asked.get(), session.state()), (2, State::Open));
}

#[wasm_bindgen_test]
async fn a_token_with_a_setup_of_its_own_is_diagnosed_after_the_first_turn() {
    let provider = async || {
        let setup = json!({
            "model": "models/sim-parrot",
            "generationConfig": { "responseModalities": ["AUDIO"] },
        });
        Ok(mint_with(&simulator().await, json!({ "bidiGenerateContentSetup": setup })).await)
    };
    let (session, mut events) =
        connect_with(options("sim-parrot", TokenSource::provider(provider)).await).await.unwrap();
    session.send("Tell me something long enough to be sure of").unwrap();
    let heard = until(&mut events, |event| matches!(event, Event::Diagnosis { .. })).await;
    let Some(Event::Diagnosis { missing, .. }) = heard.last() else { panic!("no diagnosis") };
    // Nobody asked for the latter by name; but without it the conversation does not outlive its connection.
    assert_eq!(missing[..], ["outputAudioTranscription", "sessionResumption"]);
}

#[wasm_bindgen_test]
async fn a_token_endpoint_is_named_by_its_address_alone() {
    let error = connect_with(options("sim-parrot", "/no-such-endpoint").await).await.unwrap_err();
    assert_eq!((error.code, error.field.as_deref()), (Code::TokenUnavailable, Some("token")));
}

#[wasm_bindgen_test]
async fn devices_that_are_wished_for_are_open_when_the_session_is() {
    let mut options = options("sim-parrot", minted()).await;
    options.speaker = Some(SpeakerOptions::default());
    options.microphone = Some(MicrophoneOptions::default());
    let (session, _events) = connect_with(options).await.unwrap();
    let microphone = session.microphone().unwrap();
    assert!(session.speaker().unwrap().sample_rate() >= 8000);
    drop(session.microphone());
    assert!(!microphone.is_stopped(), "it is the session's");
    session.close().await;
    assert!(microphone.is_stopped() && session.microphone().is_none() && session.speaker().is_none());
}

#[wasm_bindgen_test]
async fn a_signal_that_is_aborted_already_closes_the_session() {
    let (session, mut events) = connect("sim-parrot").await.unwrap();
    session.abort_on(web_sys::AbortSignal::abort());
    let heard = until(&mut events, |event| matches!(event, Event::Closed { .. })).await;
    assert!(matches!(heard.last(), Some(Event::Closed { error: None, .. })));
}

#[wasm_bindgen_test]
async fn a_connect_that_nobody_waits_for_any_more_is_given_up() {
    let simulator = simulator().await;
    let connections = [&*simulator, "/_simulator/connections"].concat();
    let options = options("sim-deaf", minted()).await;
    let mut connecting = Box::pin(connect_with(options));
    let mut is_dialled = Box::pin(async {
        loop {
            wait(20).await;
            let last = fetch(&connections, &RequestInit::new()).await.as_array().unwrap().last().cloned();
            if last.is_some_and(|last| last["model"] == "models/sim-deaf" && last["close"].is_null()) {
                return;
            }
        }
    });
    std::future::poll_fn(|context| {
        assert!(connecting.as_mut().poll(context).is_pending(), "the setup is never answered");
        is_dialled.as_mut().poll(context)
    })
    .await;
    drop(connecting);
    // The test's own deadline ends this if it is not so.
    while fetch(&connections, &RequestInit::new()).await.as_array().unwrap().last().unwrap()["close"]
        .is_null()
    {
        wait(20).await;
    }
}

/// What the model says once `tool` has been called by its name.
async fn said_of(tool: LiveTool) -> String {
    let (session, mut events) = connect_with(in_writing(minted()).await.with_tool(tool)).await.unwrap();
    session.send("call look").unwrap();
    let heard = until(&mut events, |event| matches!(event, Event::TurnComplete(_))).await;
    session.close().await;
    let text = |event| if let Event::Text(said) = event { Some(said.text) } else { None };
    heard.into_iter().filter_map(text).collect()
}

fn look() -> FunctionDeclaration {
    FunctionDeclaration::new("look", "Looks out of the window.")
}

#[wasm_bindgen_test]
async fn a_tools_closure_answers_the_models_call() {
    let tool = LiveTool::new(look(), async |call| {
        assert_eq!((call.name.as_str(), call.args.is_empty()), ("look", true));
        wait(10).await;
        Ok::<_, String>(json!({ "sky": "clear" }))
    });
    assert_eq!(said_of(tool).await, "look says: sky clear.");
}

#[wasm_bindgen_test]
async fn a_tool_that_fails_takes_too_long_or_is_not_approved_of_is_answered_in_words() {
    let failing = LiveTool::new(look(), async |_| Err::<Value, _>("it is dark"));
    assert_eq!(said_of(failing).await, "look says: error it is dark.");
    let sleeping = LiveTool::new(look(), async |_| {
        wait(60_000).await;
        Ok::<_, String>(Value::Null)
    });
    let said = said_of(sleeping.with_timeout(std::time::Duration::from_millis(50))).await;
    assert_eq!(said, "look says: error The function did not answer in time..");
    let refused = LiveTool::new(look(), async |_| -> Result<Value, String> { panic!("nobody approved") });
    let said = said_of(refused.with_approval(async |call| call.name != "look")).await;
    assert_eq!(said, "look says: error The user did not allow this call..");
}

#[wasm_bindgen_test]
async fn a_closure_answers_in_parts_which_are_taken_up_as_its_tool_says() {
    let mut declaration = look();
    declaration.behavior = Some(Behavior::NonBlocking);
    let tool = LiveTool::new(declaration, async |call| {
        call.progress("clouds");
        Ok::<_, String>("rain")
    });
    let tool = tool.with_scheduling(FunctionResponseScheduling::WhenIdle);
    let mut options = in_writing(minted()).await.with_tool(tool);
    options.record = Some(RecordOptions::default());
    let (session, _events) = connect_with(options).await.unwrap();
    session.send("call look").unwrap();
    let mut recording = session.recording().unwrap();
    let mut parts = Vec::new();
    while parts.len() < 2 {
        let line: Value = serde_json::from_str(&recording.next_line().await.expect("a line")).unwrap();
        let answer = &line["message"]["toolResponse"]["functionResponses"][0];
        if answer.is_object() {
            parts.push(json!([answer["response"], answer["willContinue"], answer["scheduling"]]));
        }
    }
    session.close().await;
    assert_eq!(
        parts,
        [
            json!([{ "output": "clouds" }, true, "WHEN_IDLE"]),
            json!([{ "output": "rain" }, null, "WHEN_IDLE"])
        ]
    );
}

/// What becomes of a closure.
type Fate = Rc<Cell<&'static str>>;

/// Works for ever, and tells when it is gone.
async fn works_on(fate: &Fate, call: PendingCall) {
    struct Guard(Fate);
    impl Drop for Guard {
        fn drop(&mut self) {
            self.0.set("dropped");
        }
    }
    fate.set("working");
    let _guard = Guard(fate.clone());
    assert!(call.signal.is_some_and(|signal| !signal.aborted()));
    std::future::pending().await
}

#[wasm_bindgen_test]
async fn a_closure_whose_call_was_taken_back_is_dropped() {
    let state = Fate::default();
    let telling = state.clone();
    let tool = LiveTool::new(look(), async move |call| {
        works_on(&telling, call).await;
        Ok::<_, String>(Value::Null)
    });
    is_dropped_with_its_call(tool, &state).await;
}

#[wasm_bindgen_test]
async fn a_question_about_a_call_that_was_taken_back_is_dropped() {
    let state = Fate::default();
    let telling = state.clone();
    let tool = LiveTool::new(look(), async |_| -> Result<Value, String> { panic!("nobody approved") });
    let tool = tool.with_approval(async move |call| {
        works_on(&telling, call).await;
        true
    });
    is_dropped_with_its_call(tool, &state).await;
}

async fn is_dropped_with_its_call(tool: LiveTool, state: &Fate) {
    let (session, mut events) = connect_with(in_writing(minted()).await.with_tool(tool)).await.unwrap();
    session.send("call look").unwrap();
    until(&mut events, |event| matches!(event, Event::ToolCall(_))).await;
    wait(10).await;
    assert_eq!(state.get(), "working");
    session.send("never mind").unwrap();
    until(&mut events, |event| matches!(event, Event::ToolCallCancellation(_))).await;
    wait(10).await;
    assert_eq!(state.get(), "dropped");
    session.close().await;
}
