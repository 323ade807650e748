//! What lets a session outlive its connection and the model's context window, unless the application says otherwise.

use super::model_checks::FLEETING;
use crate::{
    json::{Map, Value},
    protocol::json::object,
};

/// Asks for resumption handles and for context window compression in a config that says nothing about them. `null` or `false`
/// leaves either out, and so does a model that is known to take neither.
pub fn lasting(model: &str, config: &mut Value) {
    if config.is_null() {
        *config = Value::Object(Map::new());
    }
    let Value::Object(config) = config else { return };
    let is_taken = !FLEETING.includes(model);
    let window = object("slidingWindow", Value::Object(Map::new()));
    for (name, default) in [("sessionResumption", Map::new().into()), ("contextWindowCompression", window)] {
        match config.get(name) {
            None if is_taken => {
                config.insert(name.to_owned(), default);
            }
            Some(Value::Null | Value::Bool(false)) => {
                config.remove(name);
            }
            None | Some(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::lasting;
    use crate::json::{Value, json};

    #[test]
    fn a_session_lasts_unless_the_application_or_the_model_says_otherwise() {
        let window = || json!({ "slidingWindow": {} });
        let both = || json!({ "sessionResumption": {}, "contextWindowCompression": window() });
        let own = || json!({ "sessionResumption": { "handle": "h" }, "contextWindowCompression": { "triggerTokens": "9" } });
        let rows = [
            ("gemini-3.8-live", Value::Null, both()),
            ("gemini-2.5-flash-native-audio-latest", json!({}), both()),
            ("m", own(), own()),
            ("m", json!({ "sessionResumption": null, "contextWindowCompression": false }), json!({})),
            ("m", json!({ "sessionResumption": false }), json!({ "contextWindowCompression": window() })),
            ("gemini-3.5-transcribe-live", json!({}), json!({})),
            (
                "gemini-3.5-live-translate-preview",
                json!({ "sessionResumption": {} }),
                json!({ "sessionResumption": {} }),
            ),
            ("m", json!([1]), json!([1])),
        ];
        for (model, mut config, wanted) in rows {
            lasting(model, &mut config);
            assert_eq!(config, wanted, "{model}");
        }
    }
}
