//! A button that begins a conversation, and a line that shows what the model says.

use gemini_live_web::{
    error::{Code, Error},
    event::Event,
    protocol::setup::{AudioTranscriptionConfig, LiveConfig, Modality},
    web::{AccessToken, ConnectOptions, LiveSession, MicrophoneOptions, SpeakerOptions},
};
use gloo_net::http::Request;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, HtmlElement};

#[wasm_bindgen(start)]
fn start() -> Result<(), JsValue> {
    let button: HtmlElement = element("start")?.dyn_into()?;
    let caption = element("caption")?;
    let on_click = Closure::<dyn FnMut()>::new(move || {
        let caption = caption.clone();
        spawn_local(async move {
            if let Err(error) = talk(&caption).await {
                caption.set_text_content(Some(&error.to_string()));
            }
        });
    });
    button.set_onclick(Some(on_click.as_ref().unchecked_ref()));
    // The button lives as long as the page, and with it its listener.
    on_click.forget();
    Ok(())
}

/// One conversation, from a click to the end. Microphone and speaker are given back when their handles are dropped.
async fn talk(caption: &Element) -> Result<(), Error> {
    let config = LiveConfig {
        response_modalities: Some(vec![Modality::Audio]),
        output_audio_transcription: Some(AudioTranscriptionConfig::default()),
        ..LiveConfig::default()
    };
    let options =
        ConnectOptions { model: "gemini-3.1-flash-live-preview".into(), config, ..ConnectOptions::default() };
    let (session, mut events) = LiveSession::connect(options, fetch_token).await?;
    let _speaker = session.open_speaker(SpeakerOptions::default()).await?;
    let _microphone = session.open_microphone(MicrophoneOptions::default()).await?;
    let mut words = String::new();
    while let Some(event) = events.next().await {
        match event? {
            Event::OutputTranscription(said) => words.push_str(&said.text),
            Event::TurnComplete { .. } | Event::Interrupted { .. } => words.clear(),
            _ => continue,
        }
        caption.set_text_content(Some(&words));
    }
    Ok(())
}

/// Asks the page's own backend, which has the API key, for a token.
async fn fetch_token() -> Result<AccessToken, Error> {
    let unavailable = |_| Error::new(Code::TokenUnavailable, "The token endpoint gives no token.");
    let answer = Request::post("/token").send().await.map_err(unavailable)?;
    let answer = answer.text().await.map_err(unavailable)?;
    let answer: serde_json::Value = serde_json::from_str(&answer).unwrap_or_default();
    Ok(AccessToken::new(answer["token"].as_str().unwrap_or_default()))
}

fn element(id: &str) -> Result<Element, JsValue> {
    let document = web_sys::window().and_then(|window| window.document()).ok_or("There is no document.")?;
    Ok(document.get_element_by_id(id).ok_or(id)?)
}
