//! The Worker's port: every command and every notice comes over as it was.

#![allow(clippy::panic)]

use std::time::Duration;

use web_sys::{MessageChannel, MessageEvent, MessagePort};

use super::*;
use crate::{
    event::State,
    json::json,
    protocol::{
        endpoint::Endpoint,
        message::{AnsweredCall, Kind, Mark, Message},
        setup::Setup,
    },
    session::{BargeInPolicy, Budget, Policy, Prices, RetryPolicy},
    web::{
        driver::{
            command::{Attachment, Command},
            meaning::{Handle, Meaning},
            tap::Told,
            token::AccessToken,
        },
        worker::Notice,
    },
};

/// What arrives at the other end of a real port.
async fn sent(message: &Array, moved: &Array) -> JsValue {
    let channel = MessageChannel::new().unwrap();
    let (sender, arrived) = slot();
    let on_message: Closure<dyn FnMut(MessageEvent)> =
        Closure::new(move |event: MessageEvent| sender.put(event.data()));
    channel.port2().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    channel.port1().post_message_with_transferable(message, moved).unwrap();
    let data = arrived.take_within(1_000).await.expect("the message arrives");
    channel.port1().close();
    data
}

async fn commanded(command: Command) -> Command {
    let (message, moved) = command.encode();
    Command::decode(&sent(&message, &moved).await).expect("a command of ours")
}

async fn noticed(notice: Notice) -> Notice {
    Notice::decode(&sent(&notice.encode(), &Array::new()).await).expect("a notice of ours")
}

fn failure() -> Error {
    let mut error = Error::new(Code::SetupRefused, "No.").with_remedy("Do.").with_field("model");
    error.close = Some(CloseFrame { code: 1007, reason: "bad".into() });
    error.retryable = true;
    error
}

fn plan() -> Plan {
    let retry = RetryPolicy {
        first: Duration::from_millis(1),
        factor: 1.5,
        longest: Duration::from_millis(2),
        jitter: 0.25,
        give_up: Duration::from_millis(3),
    };
    let barge_in = BargeInPolicy { speech: Duration::from_millis(8), confirm: Duration::from_millis(9) };
    let policy = Policy {
        connect: Duration::from_millis(1234),
        frame_bytes: 77,
        resumption: false,
        fresh_if_stale: true,
        retry,
        hold_reconnecting: Duration::from_millis(4),
        reseed_bytes: 6,
        silence: Duration::from_millis(5),
        seed: u32::MAX,
        turns: 3,
        turn_bytes: 4,
        speech_pause: Duration::from_millis(5),
        push_to_talk: true,
        pre_roll: Duration::from_millis(6),
        half_duplex: true,
        barge_in: Some(barge_in),
        prices: Prices {
            prompt_text: 0.1,
            prompt_audio: 0.2,
            prompt_video: 0.3,
            response_text: 0.4,
            response_audio: 0.5,
        },
        budget: Budget { tokens: 7.0, warn_at: 0.6, ..Budget::default() },
        ..Policy::default()
    };
    let setup = json!({ "model": "models/m", "a": [null, 1.5, "ü"] }).as_object().unwrap().clone();
    Plan {
        setup: Setup::from_value(setup),
        policy,
        endpoint: Endpoint { base: "wss://example".into(), version: Some("v1beta".into()) },
        token_url: Some("https://example/token".into()),
        allows_api_key: true,
    }
}

#[wasm_bindgen_test]
async fn a_whole_plan_crosses() {
    for plan_of in [plan, || Plan { token_url: None, allows_api_key: false, ..plan() }] {
        let Command::Plan(arrived) = commanded(Command::Plan(Box::new(plan_of()))).await else {
            panic!("another command")
        };
        assert_eq!(*arrived, plan_of());
    }
}

#[wasm_bindgen_test]
async fn every_command_crosses() {
    assert!(matches!(commanded(Command::Connect).await, Command::Connect));
    assert!(matches!(commanded(Command::Retry).await, Command::Retry));
    let answered = |id: &str, will_continue| AnsweredCall { id: id.into(), will_continue };
    for kind in [
        Kind::Text,
        Kind::Mark(Mark::ActivityEnd),
        Kind::Content { completes_turn: false },
        Kind::ToolResponse(vec![answered("ü", false), answered("", true)]),
    ] {
        let message = Message { kind, text: "ü{}".into() };
        let arrived = commanded(Command::Message(message.clone())).await;
        assert!(matches!(arrived, Command::Message(arrived) if arrived == message));
    }
    assert!(matches!(commanded(Command::Mute(true)).await, Command::Mute(true)));
    assert!(matches!(commanded(Command::Mute(false)).await, Command::Mute(false)));
    assert!(matches!(commanded(Command::DetachMicrophone(7)).await, Command::DetachMicrophone(7)));
    assert!(matches!(commanded(Command::DetachSpeaker(8)).await, Command::DetachSpeaker(8)));
    assert!(matches!(commanded(Command::Stats(9)).await, Command::Stats(9)));
    assert!(matches!(commanded(Command::Record(true)).await, Command::Record(true)));
    assert!(matches!(commanded(Command::Record(false)).await, Command::Record(false)));
    let channel = MessageChannel::new().unwrap();
    assert!(matches!(commanded(Command::Pcm(5, Some(channel.port2()))).await, Command::Pcm(5, Some(_))));
    assert!(matches!(commanded(Command::Pcm(5, None)).await, Command::Pcm(5, None)));
    assert!(matches!(commanded(Command::Abort).await, Command::Abort));
    assert!(matches!(commanded(Command::Close).await, Command::Close));
    assert!(matches!(commanded(Command::Fail(failure())).await, Command::Fail(error) if error == failure()));
    let token = || AccessToken::new("auth_tokens/x").until("2030-05-01T10:34:56.25Z");
    assert!(
        matches!(commanded(Command::Token(3, Ok(token()))).await, Command::Token(3, Ok(one)) if one == token())
    );
    let plain = || AccessToken::new("auth_tokens/x");
    assert!(
        matches!(commanded(Command::Token(3, Ok(plain()))).await, Command::Token(3, Ok(one)) if one == plain())
    );
    assert!(
        matches!(commanded(Command::Token(4, Err(failure()))).await, Command::Token(4, Err(error)) if error == failure())
    );
}

#[wasm_bindgen_test]
async fn devices_cross_with_their_port_and_their_ring() {
    let device = |ring: bool| Attachment {
        id: 5,
        port: MessageChannel::new().unwrap().port1(),
        ring: ring.then(|| shared(1024).unwrap()),
    };
    for has_ring in [true, false] {
        let Command::AttachMicrophone(one) = commanded(Command::AttachMicrophone(device(has_ring))).await
        else {
            panic!("another command")
        };
        let Command::AttachSpeaker(other) = commanded(Command::AttachSpeaker(device(has_ring))).await else {
            panic!("another command")
        };
        for Attachment { id, port, ring } in [one, other] {
            assert!(port.is_instance_of::<MessagePort>());
            assert_eq!((id, ring.is_some()), (5, has_ring));
        }
    }
}

#[wasm_bindgen_test]
async fn every_notice_crosses() {
    let states = [State::Connecting, State::Open, State::Reconnecting, State::Closing, State::Closed];
    for state in states {
        // One more, and this does not compile before it is in the list.
        match state {
            State::Connecting | State::Open | State::Reconnecting | State::Closing | State::Closed => {}
        }
    }
    let mut meanings = vec![
        Meaning::News,
        Meaning::Calls,
        Meaning::Opened,
        Meaning::Kept(7),
        Meaning::Closed(None),
        Meaning::Closed(Some(failure())),
    ];
    meanings.extend(states.map(Meaning::State));
    meanings.extend([None, Some(Handle("ü".into()))].map(Meaning::Handle));
    for meaning in meanings {
        let notice = || Notice::Event(r#"{"type":"ü"}"#.into(), meaning.clone());
        assert_eq!(noticed(notice()).await, notice());
    }
    assert_eq!(noticed(Notice::Ready).await, Notice::Ready);
    assert_eq!(Notice::decode(&Array::of1(&"failed".into())), None, "what the Worker's script says");
    assert_eq!(noticed(Notice::Token(1)).await, Notice::Token(1));
    assert_eq!(noticed(Notice::TokenUnwanted(2)).await, Notice::TokenUnwanted(2));
    assert_eq!(noticed(Notice::Stats(3, 4.into())).await, Notice::Stats(3, 4.into()));
    let told = || Notice::Wire(Told(Array::of2(&"address".into(), &"wss://x?access_token=t0ken".into())));
    let Notice::Wire(Told(arrived)) = noticed(told()).await else { panic!("another notice") };
    assert_eq!(arrived.join(" ").as_string().as_deref(), Some("address wss://x?access_token=t0ken"));
    assert!(!format!("{:?}", told()).contains("t0ken"));
}
