//! Functions of the application that answer the model's calls. The rules are in `tools.js`.

use std::rc::Rc;

use wasm_bindgen::prelude::*;

use crate::{
    error::{Error, Warning, WarningCode},
    json::parse,
    protocol::client,
    web::page::handle::Handle,
};

#[wasm_bindgen(module = "/src/web/page/tools.js")]
extern "C" {
    /// The tools of a session, and the calls that their handlers are at work on.
    #[derive(Clone, Debug)]
    pub(in crate::web) type Tools;

    #[wasm_bindgen(constructor, catch)]
    pub(in crate::web) fn new(tools: &JsValue) -> Result<Tools, JsValue>;

    /// The config with what they declare.
    #[wasm_bindgen(method)]
    pub(in crate::web) fn declare(this: &Tools, config: &JsValue) -> JsValue;

    #[wasm_bindgen(method)]
    fn serve(this: &Tools, send: &JsValue, warn: &JsValue);

    /// Hears of calls, or that some are taken back: the event as JSON text.
    #[wasm_bindgen(method)]
    pub(in crate::web) fn hear(this: &Tools, event: &str);

    /// The session is over, or about to be: nobody waits for any answer.
    #[wasm_bindgen(method)]
    pub(in crate::web) fn end(this: &Tools);
}

impl Tools {
    /// Lets them answer for this session.
    pub(in crate::web) fn answer_for(&self, session: &Rc<Handle>) {
        let telling = |tell: fn(&Handle, String)| {
            let session = Rc::downgrade(session);
            let telling: Closure<dyn Fn(String)> = Closure::new(move |text| {
                if let Some(session) = session.upgrade() {
                    tell(&session, text);
                }
            });
            // The garbage collector owns it from here on.
            telling.into_js_value()
        };
        let warn =
            |session: &Handle, message| session.warn(vec![Warning::new(WarningCode::ToolFailed, message)]);
        self.serve(&telling(send), &telling(warn));
    }
}

/// Sends the argument of `sendToolResponse`, in JSON.
fn send(session: &Handle, response: String) {
    let sent = session.send(|| client::tool_response(parse(response.as_bytes()).unwrap_or_default()));
    session.warn(sent.unwrap_or_else(|error: Error| vec![Warning::new(WarningCode::NotSent, error.message)]));
}
