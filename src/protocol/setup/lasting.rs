//! What lets a session outlive its connection and the model's context window, unless the application says otherwise.

use super::model_checks::FLEETING;
use crate::{
    json::{Map, Value},
    protocol::{json::object, schema::names::camel_case},
};

/// What a session asks for where its config says nothing about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lasting {
    /// Resumption handles: the conversation may go on over another connection.
    pub resumption: bool,
    /// Context window compression: it may outlive the model's context window.
    pub compression: bool,
}

/// Asks for what is wished of resumption handles and context window compression in a config that says nothing about them. `null`
/// or `false` leaves either out, and so does a model that is known to take neither.
pub fn lasting(model: &str, config: &mut Value, wished: Lasting) {
    if config.is_null() {
        *config = Value::Object(Map::new());
    }
    let Value::Object(config) = config else { return };
    let is_taken = !FLEETING.includes(model);
    let window = object("slidingWindow", Value::Object(Map::new()));
    for (name, default, is_wished) in [
        ("sessionResumption", Map::new().into(), wished.resumption),
        ("contextWindowCompression", window, wished.compression),
    ] {
        // The config may have it under its name in snake_case.
        let is_it = |key: &str| camel_case(key) == name;
        let said = config.keys().any(|key| is_it(key));
        config.retain(|key, value| !(is_it(key) && matches!(value, Value::Null | Value::Bool(false))));
        if is_taken && is_wished && !said {
            config.set(name, default);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Lasting, lasting};
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
            (
                "m",
                json!({ "session_resumption": { "handle": "h" }, "context_window_compression": null }),
                json!({ "session_resumption": { "handle": "h" } }),
            ),
            ("gemini-3.5-transcribe-live", json!({}), json!({})),
            (
                "gemini-3.5-live-translate-preview",
                json!({ "sessionResumption": {} }),
                json!({ "sessionResumption": {} }),
            ),
            ("m", json!([1]), json!([1])),
        ];
        for (model, mut config, wanted) in rows {
            lasting(model, &mut config, Lasting { resumption: true, compression: true });
            assert_eq!(config, wanted, "{model}");
        }
    }

    #[test]
    fn what_is_not_wished_for_is_not_asked_for_and_what_the_config_has_stays() {
        let mut config = json!({ "sessionResumption": { "handle": "h" } });
        lasting("m", &mut config, Lasting { resumption: false, compression: false });
        assert_eq!(config, json!({ "sessionResumption": { "handle": "h" } }));
    }
}
