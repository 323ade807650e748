//! Functions of the application that answer the model's calls. The rules are in `tools.js`.

use std::rc::Rc;

use wasm_bindgen::prelude::*;

use crate::{
    error::{Warning, WarningCode},
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
        let telling = |tell: fn(&Handle, String) -> Option<String>| {
            let session = Rc::downgrade(session);
            let telling: Closure<dyn Fn(String) -> Option<String>> =
                Closure::new(move |text| session.upgrade().and_then(|session| tell(&session, text)));
            // The garbage collector owns it from here on.
            telling.into_js_value()
        };
        self.serve(&telling(send), &telling(warn));
    }
}

/// Sends the argument of `sendToolResponse`, in JSON. Answers why it was not sent.
fn send(session: &Handle, response: String) -> Option<String> {
    match session.send(|| client::tool_response(parse(response.as_bytes()).unwrap_or_default())) {
        Ok(warnings) => {
            session.warn(warnings);
            None
        }
        Err(error) => Some(error.message.clone()),
    }
}

fn warn(session: &Handle, message: String) -> Option<String> {
    session.warn(vec![Warning::new(WarningCode::ToolFailed, message)]);
    None
}
