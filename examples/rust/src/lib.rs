//! A button that begins a conversation, and a line that shows what the model says.

use gemini_live_web::{
    ConnectOptions, Error, Event, LiveConfig, LiveSession, MicrophoneOptions, SpeakerOptions,
    protocol::setup::{AudioTranscriptionConfig, Modality},
};
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

/// One conversation, from a click to the end. Microphone and speaker are given back when the session is dropped.
async fn talk(caption: &Element) -> Result<(), Error> {
    // The page's own backend, which has the API key, gives a token for each connection.
    let mut options = ConnectOptions::new("gemini-3.1-flash-live-preview", "/token").with_config(LiveConfig {
        response_modalities: Some(vec![Modality::Audio]),
        output_audio_transcription: Some(AudioTranscriptionConfig::default()),
        ..LiveConfig::default()
    });
    // Opened with the click, before the service can say its first word.
    options.speaker = Some(SpeakerOptions::default());
    options.microphone = Some(MicrophoneOptions::default());
    let (_session, mut events) = LiveSession::connect(options).await?;
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

fn element(id: &str) -> Result<Element, JsValue> {
    let document = web_sys::window().and_then(|window| window.document()).ok_or("There is no document.")?;
    Ok(document.get_element_by_id(id).ok_or(id)?)
}
