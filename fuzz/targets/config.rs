//! Any JSON as what an application gives: taken, with a message that is JSON, or refused.

#![no_main]

use gemini_live_web::{
    json::{Value, parse},
    protocol::{
        client,
        setup::{self, model_checks},
    },
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (model, text) = text.split_once('\n').unwrap_or(("m", text));
    let Ok(value) = parse(text.as_bytes()) else { return };
    if let Ok(prepared) = setup::prepare(model, value.clone(), None) {
        assert!(is_object(&prepared.setup.to_message()));
        let _ = model_checks::check(&prepared.setup, Some("v1beta"));
    }
    let extra = setup::prepare(model, Value::Null, Some(value.clone()));
    assert!(extra.is_err() || extra.is_ok_and(|prepared| is_object(&prepared.setup.to_message())));
    for encode in
        [client::realtime_input, client::client_content, client::tool_response, client::context_update]
    {
        if let Ok(message) = encode(value.clone()) {
            assert!(is_object(&message.text));
        }
    }
});

fn is_object(text: &str) -> bool {
    parse(text.as_bytes()).is_ok_and(|value| value.is_object())
}
