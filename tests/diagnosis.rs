//! The diagnosis of a setup that had no effect: never without a cause, never missed, never twice.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, missing_docs)]

#[path = "../src/session/tests/grammar.rs"]
mod grammar;

use gemini_live_web::{
    error::Error,
    event::Event,
    protocol::{
        client::{self, Outgoing},
        setup,
    },
    session::{Action, ConnId, Input, Policy, Session},
    time::Instant,
};
use proptest::prelude::*;
use serde_json::{Value, json};

/// What the application asks for.
#[derive(Clone, Copy, Debug)]
struct Asked {
    input: bool,
    output: bool,
    resumption: bool,
}

/// One turn of a conversation.
#[derive(Clone, Debug)]
struct Turn {
    /// 20 ms frames of voice that begin it; none if it is typed.
    voice_frames: usize,
    /// Chunks of 250 ms that answer it.
    chunks: usize,
    is_interrupted: bool,
    has_tool_call: bool,
}

impl Asked {
    fn config(self) -> Value {
        let mut config = json!({ "responseModalities": ["AUDIO"] });
        let fields = [
            ("inputAudioTranscription", self.input),
            ("outputAudioTranscription", self.output),
            ("sessionResumption", self.resumption),
        ];
        for (field, _) in fields.into_iter().filter(|(_, is_asked)| *is_asked) {
            config[field] = json!({});
        }
        config
    }

    fn nothing() -> Self {
        Self { input: false, output: false, resumption: false }
    }
}

struct Conversation {
    session: Session,
    now: Instant,
    place: grammar::Place,
    diagnoses: Vec<Vec<&'static str>>,
}

impl Conversation {
    fn open(config: Value) -> Self {
        let setup = setup::prepare("m", config, None).expect("usable").setup;
        let mut open = Self {
            session: Session::new(setup, Policy::default()),
            now: Instant::ZERO,
            place: grammar::Place::default(),
            diagnoses: vec![],
        };
        open.feed(Input::Connect);
        open.feed(Input::Opened(ConnId(1)));
        open.frame(json!({ "setupComplete": {} }));
        open
    }

    fn feed(&mut self, input: Input<'_>) {
        self.session.handle(input, self.now);
        while let Some(action) = self.session.poll() {
            let Action::Emit(event) = action else { continue };
            let event = Event::from(event);
            self.place.hear(&event);
            if let Event::Diagnosis { missing, .. } = event {
                self.diagnoses.push(missing);
            }
        }
    }

    /// Lets time pass, with every deadline on the way.
    fn wait(&mut self, time: std::time::Duration) {
        let end = self.now + time;
        while let Some(due) = self.session.deadline().filter(|due| *due <= end) {
            self.now = due;
            // Everything has left the socket.
            self.feed(Input::Backlog(ConnId(1), 0));
            self.feed(Input::Tick);
        }
        self.now = end;
    }

    fn frame(&mut self, message: Value) {
        self.feed(Input::Frame(ConnId(1), message.to_string().as_bytes()));
    }

    fn say(&mut self, outgoing: Result<Outgoing, Error>) {
        self.feed(Input::Send(outgoing.expect("the message is usable").into()));
    }

    fn hear(&mut self, frames: usize, level: i16) {
        for _ in 0..frames {
            self.now = self.now + std::time::Duration::from_millis(20);
            let frame: [i16; 320] = std::array::from_fn(|i| if i % 2 == 0 { level } else { -level });
            self.feed(Input::Audio(&frame));
        }
    }

    /// The service answers a turn with what `granted` says that its setup holds.
    fn turn(&mut self, turn: &Turn, granted: Asked) {
        self.hear(20, 0);
        if turn.voice_frames == 0 {
            self.say(client::realtime_input(json!({ "text": "Hi" })));
        }
        self.hear(turn.voice_frames, 9000);
        if granted.resumption {
            self.frame(json!({ "sessionResumptionUpdate": { "newHandle": "h", "resumable": true } }));
        }
        if granted.input && turn.voice_frames > 0 {
            self.frame(json!({ "serverContent": { "inputTranscription": { "text": "words" } } }));
        }
        if turn.has_tool_call {
            self.frame(json!({ "toolCall": { "functionCalls": [{ "id": "1", "name": "f" }] } }));
        }
        for _ in 0..turn.chunks {
            let data = "A".repeat(16_000);
            let part = json!({ "inlineData": { "mimeType": "audio/pcm;rate=24000", "data": data } });
            self.frame(json!({ "serverContent": { "modelTurn": { "parts": [part] } } }));
            if granted.output {
                self.frame(json!({ "serverContent": { "outputTranscription": { "text": "words" } } }));
            }
        }
        if turn.is_interrupted {
            self.frame(json!({ "serverContent": { "interrupted": true } }));
        }
        self.frame(
            json!({ "serverContent": { "turnComplete": true }, "usageMetadata": { "totalTokenCount": 1 } }),
        );
    }
}

fn asked() -> impl Strategy<Value = Asked> {
    any::<(bool, bool, bool)>().prop_map(|(input, output, resumption)| Asked { input, output, resumption })
}

fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let turn = (0_usize..60, 0_usize..6, any::<bool>(), any::<bool>());
    let turn = turn.prop_map(|(voice_frames, chunks, is_interrupted, has_tool_call)| Turn {
        voice_frames,
        chunks,
        is_interrupted,
        has_tool_call,
    });
    prop::collection::vec(turn, 0..5)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_service_that_honours_the_setup_is_never_accused(asked in asked(), turns in turns()) {
        let mut conversation = Conversation::open(asked.config());
        turns.iter().for_each(|turn| conversation.turn(turn, asked));
        prop_assert!(conversation.diagnoses.is_empty(), "{:?}", conversation.diagnoses);
    }

    #[test]
    fn what_was_not_asked_for_is_never_missed(granted in asked(), turns in turns()) {
        let mut conversation = Conversation::open(Asked::nothing().config());
        turns.iter().for_each(|turn| conversation.turn(turn, granted));
        prop_assert!(conversation.diagnoses.is_empty());
    }

    #[test]
    fn a_setup_that_was_ignored_is_diagnosed_once_and_by_name(
        asked in asked(),
        interrupted in 0_usize..3,
        turns in turns(),
    ) {
        let mut conversation = Conversation::open(asked.config());
        let whole = Turn { voice_frames: 60, chunks: 4, is_interrupted: false, has_tool_call: false };
        let cut = Turn { is_interrupted: true, ..whole.clone() };
        (0..interrupted).for_each(|_| conversation.turn(&cut, Asked::nothing()));
        prop_assert!(conversation.diagnoses.is_empty(), "an interrupted turn proves nothing");
        // Of a handle alone one turn says nothing yet: it may be on its way.
        conversation.turn(&whole, Asked::nothing());
        conversation.turn(&whole, Asked::nothing());
        turns.iter().for_each(|turn| conversation.turn(turn, Asked::nothing()));
        let missing = [
            ("inputAudioTranscription", asked.input),
            ("outputAudioTranscription", asked.output),
            ("sessionResumption", asked.resumption),
        ];
        let missing: Vec<_> = missing.into_iter().filter_map(|(field, is_asked)| is_asked.then_some(field)).collect();
        let expected = if missing.is_empty() { vec![] } else { vec![missing] };
        prop_assert_eq!(conversation.diagnoses, expected);
    }
}

#[test]
fn an_answer_of_another_kind_than_asked_for_is_diagnosed() {
    let mut conversation = Conversation::open(json!({ "responseModalities": ["TEXT"] }));
    conversation.turn(
        &Turn { voice_frames: 0, chunks: 4, is_interrupted: false, has_tool_call: false },
        Asked::nothing(),
    );
    assert_eq!(conversation.diagnoses, [["generationConfig.responseModalities"]]);
}

#[test]
fn activity_that_the_service_detects_by_itself_though_it_should_not_is_diagnosed() {
    let manual = json!({ "realtimeInputConfig": { "automaticActivityDetection": { "disabled": true } } });
    let mut conversation = Conversation::open(manual);
    conversation.frame(json!({ "voiceActivity": { "voiceActivityType": "ACTIVITY_START" } }));
    conversation.frame(json!({ "serverContent": { "turnComplete": true } }));
    assert_eq!(conversation.diagnoses, [["realtimeInputConfig.automaticActivityDetection"]]);
}

const WHOLE: Turn = Turn { voice_frames: 60, chunks: 4, is_interrupted: false, has_tool_call: false };
const TYPED: Turn = Turn { voice_frames: 0, ..WHOLE };

/// A session that asked for a transcript of what is said to it.
fn transcribed() -> Conversation {
    Conversation::open(Asked { input: true, ..Asked::nothing() }.config())
}

#[test]
fn a_picture_a_mark_or_a_silent_context_before_the_first_word_does_not_hide_what_is_missing() {
    let picture = json!({ "video": { "mimeType": "image/jpeg", "data": "AAAA" } });
    let context = json!({ "turns": "The user is at home.", "turnComplete": false });
    let messages = [
        client::realtime_input(picture),
        client::realtime_input(json!({ "audioStreamEnd": true })),
        client::client_content(context),
    ];
    for message in messages {
        let mut conversation = transcribed();
        conversation.say(message);
        conversation.turn(&WHOLE, Asked::nothing());
        assert_eq!(conversation.diagnoses, [["inputAudioTranscription"]]);
    }
}

#[test]
fn the_past_that_is_restored_first_is_no_turn_in_writing() {
    let mut config = Asked { input: true, ..Asked::nothing() }.config();
    config["historyConfig"] = json!({ "initialHistoryInClientContent": true });
    let mut conversation = Conversation::open(config);
    conversation.say(client::client_content(json!({ "turns": "Hello" })));
    conversation.turn(&WHOLE, Asked::nothing());
    assert_eq!(conversation.diagnoses, [["inputAudioTranscription"]]);
}

#[test]
fn a_turn_in_writing_proves_nothing_and_the_first_spoken_one_does() {
    let mut conversation = transcribed();
    conversation.turn(&TYPED, Asked::nothing());
    assert!(conversation.diagnoses.is_empty());
    conversation.turn(&WHOLE, Asked::nothing());
    assert_eq!(conversation.diagnoses, [["inputAudioTranscription"]]);
}

/// A session that asked for handles, after one typed turn without one.
fn resumable() -> Conversation {
    let mut conversation = Conversation::open(Asked { resumption: true, ..Asked::nothing() }.config());
    conversation.turn(&TYPED, Asked::nothing());
    assert!(conversation.diagnoses.is_empty(), "it may still come");
    conversation
}

#[test]
fn a_handle_that_comes_after_the_first_turn_is_none_too_late() {
    let mut conversation = resumable();
    conversation.frame(json!({ "sessionResumptionUpdate": { "newHandle": "h", "resumable": true } }));
    conversation.wait(std::time::Duration::from_secs(60));
    conversation.turn(&TYPED, Asked::nothing());
    assert!(conversation.diagnoses.is_empty(), "{:?}", conversation.diagnoses);
}

#[test]
fn a_handle_that_never_comes_is_missed_after_a_while_though_nobody_speaks() {
    let mut conversation = resumable();
    conversation.wait(std::time::Duration::from_secs(11));
    assert_eq!(conversation.diagnoses, [["sessionResumption"]]);
    assert_eq!(conversation.session.deadline(), None, "once");
}

#[test]
fn the_remedy_names_the_token() {
    let mut session = Session::new(
        setup::prepare("m", json!({ "sessionResumption": {} }), None).expect("usable").setup,
        Policy::default(),
    );
    let mut remedies = Vec::new();
    let inputs = [
        Input::Connect,
        Input::Opened(ConnId(1)),
        Input::Frame(ConnId(1), br#"{"setupComplete":{}}"#),
        Input::Frame(ConnId(1), br#"{"serverContent":{"turnComplete":true}}"#),
        Input::Frame(ConnId(1), br#"{"serverContent":{"turnComplete":true}}"#),
    ];
    for input in inputs {
        session.handle(input, Instant::ZERO);
        while let Some(action) = session.poll() {
            if let Action::Emit(event) = action
                && let Event::Diagnosis { remedy, .. } = Event::from(event)
            {
                remedies.push(remedy);
            }
        }
    }
    assert!(matches!(remedies[..], [remedy] if remedy.contains("token")));
}
