//! What is kept and what is not.

use std::time::Duration;

use super::*;

fn knock() -> Knock {
    Knock::read(
        "google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent",
        "key=secret",
        None,
    )
    .unwrap()
}

#[test]
fn nothing_secret_and_nothing_long_is_kept() {
    let mut records = Records::new(Capacity::default());
    let id = records.open(&knock(), Duration::ZERO);
    let record = records.get_mut(id).unwrap();
    let setup =
        json!({"tools": [{"googleMaps": {"authConfig": {"apiKey": "secret"}}}], "x": "auth_tokens/secret"});
    record.setup(setup.clone(), &setup);
    let long = json!({"data": "secret".repeat(10_000), "text": "ä".repeat(10_000)});
    record.log("client", long, Duration::ZERO);
    let shown = format!("{}{}", record.summary(), record.log_json());
    assert!(!shown.contains("secret"), "{shown}");
    assert!(shown.len() < 10_000);
}

#[test]
fn old_connections_make_room_for_new_ones() {
    let mut records = Records::new(Capacity::default());
    let first = records.open(&knock(), Duration::ZERO);
    let last =
        (0..Capacity::default().connections).map(|_| records.open(&knock(), Duration::ZERO)).last().unwrap();
    assert!(records.get(first).is_none());
    assert!(records.get(last).is_some());
}

#[test]
fn no_message_is_too_long_to_be_kept() {
    let mut records = Records::new(Capacity::default());
    let id = records.open(&knock(), Duration::ZERO);
    let record = records.get_mut(id).unwrap();
    let fields = (0..10_000).map(|number| (number.to_string(), json!("text"))).collect();
    record.log("client", Value::Object(fields), Duration::ZERO);
    assert!(record.log_json().to_string().len() < 4_000);
}

#[test]
fn the_first_cause_of_an_end_counts() {
    let mut records = Records::new(Capacity::default());
    let id = records.open(&knock(), Duration::ZERO);
    let record = records.get_mut(id).unwrap();
    record.ended(Ending::Refused(&Refusal::aborted("over")), Duration::from_millis(5));
    record.ended(Ending::Left { code: 1000, reason: "" }, Duration::from_millis(9));
    assert_eq!(record.summary()["close"]["code"], 1008);
    assert_eq!(record.summary()["close"]["ms"], 5);
}
