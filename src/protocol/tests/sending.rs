use crate::{
    error::{Code, Error, WarningCode},
    json::{Map, Value, json, parse},
    protocol::{
        client::{self, ClientContent, RealtimeInput},
        endpoint::{Credential, Endpoint, url},
        setup::{
            Behavior, Blob, Content, FunctionDeclaration, LiveConfig, Modality, Prepared, Schema, SchemaType,
            SessionResumptionConfig, Tool, prepare,
        },
    },
};

fn prepared(config: impl Into<Value>) -> Prepared {
    prepare("m", config, None).unwrap_or_else(|error| panic!("{error}"))
}

fn refused(config: Value) -> Error {
    prepare("m", config, None).err().unwrap_or_else(|| panic!("must be refused"))
}

#[test]
fn an_unknown_option_is_reported_with_the_nearest_known_one() {
    let Prepared { setup, warnings } = prepared(json!({
        "responseModalities": ["AUDIO"],
        "audioConfig": { "targetSampleRate": 16000 },
    }));
    assert_eq!(setup.at("audioConfig"), None);
    assert_eq!(warnings.len(), 1);
    assert_eq!(warnings[0].code, WarningCode::UnknownField);
    assert_eq!(warnings[0].field.as_deref(), Some("audioConfig"));
    assert!(warnings[0].message.contains("`avatarConfig`"), "{}", warnings[0].message);
}

#[test]
fn an_option_of_the_generation_is_told_its_place() {
    let warnings = prepared(json!({ "stopSequences": ["END"] })).warnings;
    assert!(warnings[0].message.contains("`generationConfig.stopSequences`"), "{}", warnings[0].message);
}

#[test]
fn a_nested_unknown_field_is_named_by_its_path() {
    let config = json!({ "tools": [{}, { "functionDeclarations": [{ "name": "f", "paramters": {} }] }] });
    let warnings = prepared(config).warnings;
    assert_eq!(warnings[0].field.as_deref(), Some("tools[1].functionDeclarations[0].paramters"));
    assert!(warnings[0].message.contains("`parameters`"), "{}", warnings[0].message);
}

#[test]
fn an_unknown_value_survives_with_a_warning() {
    let Prepared { setup, warnings } = prepared(json!({ "thinkingConfig": { "thinkingLevel": "EXTREME" } }));
    assert_eq!(setup.at("generationConfig.thinkingConfig.thinkingLevel"), Some(&json!("EXTREME")));
    assert_eq!(warnings[0].code, WarningCode::UnknownValue);
}

#[test]
fn a_value_of_the_wrong_type_is_refused_by_name() {
    let error =
        refused(json!({ "realtimeInputConfig": { "automaticActivityDetection": { "disabled": "yes" } } }));
    assert_eq!(error.code, Code::InvalidConfig);
    assert_eq!(error.field.as_deref(), Some("realtimeInputConfig.automaticActivityDetection.disabled"));
}

#[test]
fn contradictory_options_are_refused_by_name() {
    for (config, field) in [
        (json!({ "temperature": 0, "generationConfig": { "temperature": 1 } }), "temperature"),
        (json!({ "responseModalities": ["AUDIO", "TEXT"] }), "responseModalities"),
        (json!({ "generation_config": {}, "generationConfig": {} }), "generationConfig"),
        (
            json!({ "tools": [{ "functionDeclarations": [{ "parameters": {}, "parametersJsonSchema": {} }] }] }),
            "tools[0].functionDeclarations[0].parametersJsonSchema",
        ),
    ] {
        assert_eq!(refused(config).field.as_deref(), Some(field));
    }
}

#[test]
fn an_avatar_has_picture_and_sound() {
    let setup = prepared(json!({ "responseModalities": ["AUDIO", "VIDEO"] })).setup;
    assert_eq!(setup.modalities(), ["AUDIO", "VIDEO"]);
}

#[test]
fn an_extra_setup_is_laid_over_as_it_is() {
    let config = json!({ "temperature": 0.5, "historyConfig": {} });
    let extra =
        json!({ "generationConfig": { "newThing": { "a": null } }, "another": [1], "model": "models/n" });
    let setup = prepare("m", config, Some(extra)).unwrap_or_else(|error| panic!("{error}")).setup;
    assert_eq!(
        parse(setup.to_message().as_bytes()).unwrap_or_default(),
        json!({ "setup": {
            "model": "models/n",
            "generationConfig": { "temperature": 0.5, "newThing": { "a": null } },
            "historyConfig": {},
            "another": [1],
        } })
    );
}

#[test]
fn a_setup_says_what_was_asked_for() {
    let setup = prepared(json!({
        "outputAudioTranscription": {},
        "sessionResumption": {},
        "realtimeInputConfig": { "automaticActivityDetection": { "disabled": true } },
    }))
    .setup;
    assert!(setup.wants_output_transcription() && setup.wants_resumption() && setup.is_manual_activity());
    assert!(!setup.wants_input_transcription() && setup.modalities().is_empty());
    let resuming = setup.with_handle(Some("h"));
    assert_eq!(resuming.at("sessionResumption.handle"), Some(&json!("h")));
    assert_eq!(resuming.with_handle(None).at("sessionResumption.handle"), None);
    assert_eq!(setup.model(), "models/m");
}

#[test]
fn a_setup_shows_neither_instruction_nor_handle() {
    let setup =
        prepared(json!({ "systemInstruction": "secret", "sessionResumption": { "handle": "secret" } })).setup;
    assert!(!format!("{setup:?}").contains("secret"));
}

#[test]
fn typed_configs_are_the_same_json() {
    let parameters = Schema {
        kind: Some(SchemaType::Object),
        properties: Some(
            [("at".to_owned(), Schema { min_length: Some(1.into()), ..Schema::default() })].into(),
        ),
        ..Schema::default()
    };
    let declaration = FunctionDeclaration {
        name: Some("f".to_owned()),
        parameters: Some(parameters),
        behavior: Some(Behavior::NonBlocking),
        ..FunctionDeclaration::default()
    };
    let config = LiveConfig {
        response_modalities: Some(vec![Modality::Audio]),
        system_instruction: Some(Content::user("Be brief.")),
        tools: Some(vec![Tool { function_declarations: Some(vec![declaration]), ..Tool::default() }]),
        temperature: Some(0.5),
        ..LiveConfig::default()
    };
    let Prepared { setup, warnings } = prepared(config);
    assert_eq!(warnings, []);
    assert_eq!(
        Value::Object(setup.as_value().clone()),
        json!({
            "model": "models/m",
            "generationConfig": { "responseModalities": ["AUDIO"], "temperature": 0.5 },
            "systemInstruction": { "role": "user", "parts": [{ "text": "Be brief." }] },
            "tools": [{ "functionDeclarations": [{
                "name": "f",
                "behavior": "NON_BLOCKING",
                "parameters": { "type": "OBJECT", "properties": { "at": { "minLength": "1" } } },
            }] }],
        })
    );
}

#[test]
fn typed_messages_are_the_same_json() {
    let input = RealtimeInput {
        video: Some(Blob {
            mime_type: Some("image/jpeg".to_owned()),
            data: Some("AAAA".to_owned()),
            ..Blob::default()
        }),
        ..RealtimeInput::default()
    };
    let sent = client::realtime_input(serde_json::to_value(input).unwrap_or_default());
    assert_eq!(
        sent.unwrap_or_else(|error| panic!("{error}")).text,
        r#"{"realtimeInput":{"video":{"data":"AAAA","mimeType":"image/jpeg"}}}"#
    );
    let content = ClientContent { turns: Some(vec![Content::model("Hi")]), ..ClientContent::default() };
    let sent = client::client_content(serde_json::to_value(content).unwrap_or_default());
    assert_eq!(
        sent.unwrap_or_else(|error| panic!("{error}")).text,
        r#"{"clientContent":{"turns":[{"parts":[{"text":"Hi"}],"role":"model"}],"turnComplete":true}}"#
    );
}

#[test]
fn microphone_audio_is_little_endian_at_16_khz() {
    assert_eq!(
        client::audio(&[1, -2, 300]),
        r#"{"realtimeInput":{"audio":{"data":"AQD+/ywB","mimeType":"audio/pcm;rate=16000"}}}"#
    );
}

#[test]
fn fixed_messages_are_what_the_encoder_would_write() {
    for (text, input) in [
        (client::AUDIO_STREAM_END, json!({ "audioStreamEnd": true })),
        (client::ACTIVITY_START, json!({ "activityStart": {} })),
        (client::ACTIVITY_END, json!({ "activityEnd": {} })),
    ] {
        assert_eq!(client::realtime_input(input).unwrap_or_else(|error| panic!("{error}")).text, text);
    }
}

#[test]
fn a_schema_deeper_than_any_real_one_is_refused() {
    let mut schema = json!({ "type": "string" });
    for _ in 0..100 {
        schema = json!({ "type": "array", "items": schema });
    }
    let error =
        refused(json!({ "tools": [{ "functionDeclarations": [{ "name": "f", "parameters": schema }] }] }));
    assert!(error.message.contains("nested too deeply"), "{error}");
}

#[test]
fn warnings_have_a_bound() {
    let config: Value = (0..1_000).map(|at| (format!("x{at}"), json!(1))).collect::<Map>().into();
    let warnings = prepared(config).warnings;
    assert_eq!(warnings.len(), 33);
    assert_eq!(warnings[32].code, WarningCode::MoreWarnings);
}

#[test]
fn only_this_machine_is_reached_without_encryption() {
    let open = |base: &str| {
        url(&Endpoint { base: base.to_owned(), version: None }, &Credential::detect("auth_tokens/a/b"))
    };
    for base in [
        "ws://localhost:1/x/",
        "ws://127.0.0.1",
        "ws://127.9.9.9:80",
        "ws://[::1]:80",
        "wss://proxy.example",
        "WSS://a",
    ] {
        assert!(open(base).is_ok(), "{base}");
    }
    for base in [
        "",
        "http://localhost",
        "ws://example.com",
        "ws://localhost.example.com",
        "ws://127.0.0.1.example.com",
        "ws://[::1]example.com",
        "ws://localhost@example.com",
        "ws://127.0.0.1\\@example.com",
        "wss://",
        "wss://a?b",
        "wss://a#b",
        "wss://a b",
        "ws://0.0.0.0",
        "ws://127.1",
        "ws://127.0.0.256",
        "ws://127.0.0.+1",
        "ws://[::2]",
        "example.com",
    ] {
        let error = open(base).err().unwrap_or_else(|| panic!("{base} must be refused"));
        assert_eq!((error.code, error.field.as_deref()), (Code::InvalidOption, Some("endpoint")));
        assert!(!error.to_string().contains("auth_tokens"));
    }
    assert_eq!(
        open("ws://localhost:1/x/").unwrap_or_default(),
        "ws://localhost:1/x/ws/google.ai.generativelanguage.v1alpha.GenerativeService.BidiGenerateContentConstrained\
         ?access_token=auth_tokens%2Fa%2Fb"
    );
}

#[test]
fn a_key_goes_to_the_plain_method() {
    let address = url(&Endpoint::default(), &Credential::detect(" KEY ")).unwrap_or_default();
    assert_eq!(
        address,
        "wss://generativelanguage.googleapis.com/ws/google.ai.generativelanguage.v1beta.GenerativeService\
         .BidiGenerateContent?key=KEY"
    );
    let endpoint = Endpoint { version: Some("v1/..".to_owned()), ..Endpoint::default() };
    let error = url(&endpoint, &Credential::detect("KEY")).err().unwrap_or_else(|| panic!("must be refused"));
    assert_eq!(error.field.as_deref(), Some("apiVersion"));
}

#[test]
fn scheduling_inside_of_a_response_is_sent_where_the_service_reads_it() {
    let sent = |response: Value| {
        let response = json!({ "id": "1", "name": "f", "response": response });
        let sent = client::tool_response(json!({ "functionResponses": [response] }));
        let text = sent.unwrap_or_else(|error| panic!("{error}")).text;
        let message: Value = parse(text.as_bytes()).unwrap_or_default();
        message["toolResponse"]["functionResponses"][0].clone()
    };
    assert_eq!(
        sent(json!({ "result": "ok", "scheduling": "INTERRUPT", "willContinue": true })),
        json!({
            "id": "1", "name": "f", "response": { "result": "ok" }, "scheduling": "INTERRUPT", "willContinue": true,
        })
    );
    // A result of the application's own that only has the name.
    let own = json!({ "scheduling": "next Tuesday", "willContinue": "maybe" });
    assert_eq!(sent(own.clone()), json!({ "id": "1", "name": "f", "response": own }));
}

#[test]
fn scheduling_given_twice_is_the_one_outside() {
    let response =
        json!({ "id": "1", "name": "f", "scheduling": "SILENT", "response": { "scheduling": "INTERRUPT" } });
    let sent = client::tool_response(json!({ "functionResponses": response }));
    let text = sent.unwrap_or_else(|error| panic!("{error}")).text;
    assert!(
        text.contains(r#""scheduling":"SILENT""#) && text.contains(r#"{"scheduling":"INTERRUPT"}"#),
        "{text}"
    );
}

#[test]
fn a_callable_tool_is_refused_with_what_to_do_instead() {
    let tool = json!({ "mcpTools": [], "functionNameToMcpClient": {}, "mcpClients": [{}] });
    let error = refused(json!({ "tools": [{ "googleSearch": {} }, tool] }));
    assert!(error.message.contains("functionDeclarations") && error.message.contains("toolCall"), "{error}");
    assert!(error.field.as_ref().is_some_and(|field| field.starts_with("tools[1].")));
}

#[test]
fn a_field_that_belongs_inside_of_another_is_told_its_place() {
    let warnings = prepared(json!({ "handle": "h", "silenceDurationMs": 5 })).warnings;
    assert!(warnings[0].message.contains("`sessionResumption.handle`"), "{}", warnings[0].message);
}

#[test]
fn typed_configs_do_not_show_their_secrets() {
    let config = LiveConfig {
        session_resumption: Some(SessionResumptionConfig { handle: Some("s3cr3t".to_owned()) }),
        system_instruction: Some(Content::user("s3cr3t")),
        temperature: Some(0.5),
        ..LiveConfig::default()
    };
    let shown = format!("{config:?}");
    assert!(!shown.contains("s3cr3t") && shown.contains("temperature: 0.5"), "{shown}");
}

#[test]
fn messages_have_short_constructors() {
    let text = |sent: Result<client::Outgoing, Error>| sent.unwrap_or_else(|error| panic!("{error}")).text;
    assert_eq!(text(client::realtime_input(RealtimeInput::text("hi"))), r#"{"realtimeInput":{"text":"hi"}}"#);
    assert_eq!(text(client::realtime_input(RealtimeInput::activity_end())), client::ACTIVITY_END);
    assert_eq!(
        text(client::client_content(ClientContent::user("hi"))),
        r#"{"clientContent":{"turns":[{"parts":[{"text":"hi"}],"role":"user"}],"turnComplete":true}}"#
    );
}

#[test]
fn a_medium_is_made_of_its_bytes() {
    let input = RealtimeInput::video(Blob::of_bytes("image/jpeg", [1, 2, 255]));
    let sent: serde_json::Value =
        serde_json::from_str(&client::realtime_input(input).expect("it can be sent").text).expect("JSON");
    assert_eq!(
        sent["realtimeInput"]["video"],
        serde_json::json!({ "mimeType": "image/jpeg", "data": "AQL/" })
    );
}
