//! One WebSocket, owned: dropping it takes the handlers off and closes it.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::Rc,
    time::Duration,
};

use js_sys::{ArrayBuffer, JsString, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{BinaryType, Blob, CloseEvent, MessageEvent, WebSocket};

use crate::web::sys::{
    channel::sleep,
    task::spawn_local,
    timer::{Alarm, now},
};
use crate::{
    error::{CloseFrame, Code, Error},
    session::frame_too_large,
};

/// What a socket tells its owner.
pub(in crate::web) enum SocketEvent {
    Opened,
    Message(Vec<u8>),
    /// It cannot go on, for a reason that no close frame tells.
    Failed(Error),
    Closed(CloseFrame),
}

pub(in crate::web) struct Socket {
    socket: WebSocket,
    // Kept alive for as long as the browser may call them.
    _handlers: Handlers,
}

struct Handlers {
    _open: Closure<dyn Fn()>,
    _message: Closure<dyn Fn(MessageEvent)>,
    _error: Closure<dyn Fn()>,
    _close: Closure<dyn Fn(CloseEvent)>,
}

impl Socket {
    /// Opens a socket that takes messages of up to `limit` bytes. The URL holds the credential: it appears in no error.
    pub(in crate::web) fn open(
        url: &str,
        limit: u32,
        on_event: impl Fn(SocketEvent) + 'static,
    ) -> Result<Self, Error> {
        let socket = WebSocket::new(url).map_err(|_| refused())?;
        // A Blob becomes bytes only through a promise, which costs time and endangers the order.
        socket.set_binary_type(BinaryType::Arraybuffer);
        let on_event = Rc::new(on_event);
        let inbox = inbox_to(limit, on_event.clone());
        let is_closed: Rc<Cell<bool>> = Rc::default();

        let opened = on_event.clone();
        let open = Closure::new(move || opened(SocketEvent::Opened));
        let message_inbox = inbox.clone();
        let message = Closure::new(move |event: MessageEvent| message_inbox.receive(event.data()));
        let closed = is_closed.clone();
        let close = Closure::new(move |event: CloseEvent| {
            closed.set(true);
            inbox.close(CloseFrame { code: event.code(), reason: event.reason() });
        });
        // `close` follows `error` at once, but for one case: where the content security policy forbids the address,
        // Chromium says nothing more, and whoever waits for `close` waits for ever.
        let silence = Alarm::new(move || {
            if !is_closed.get() {
                on_event(SocketEvent::Failed(refused()));
            }
        });
        let failed = socket.clone();
        let error = Closure::new(move || {
            if failed.ready_state() == WebSocket::CLOSED {
                silence.set(Some(now() + CLOSE_GRACE));
            }
        });
        socket.set_onopen(Some(open.as_ref().unchecked_ref()));
        socket.set_onmessage(Some(message.as_ref().unchecked_ref()));
        socket.set_onerror(Some(error.as_ref().unchecked_ref()));
        socket.set_onclose(Some(close.as_ref().unchecked_ref()));
        let handlers = Handlers { _open: open, _message: message, _error: error, _close: close };
        Ok(Self { socket, _handlers: handlers })
    }

    /// Sends a text frame. Says whether the socket took it: one that is closing swallows what it is given, and throws nothing.
    #[must_use]
    pub(in crate::web) fn send(&self, text: &str) -> bool {
        self.socket.ready_state() == WebSocket::OPEN && self.socket.send_with_str(text).is_ok()
    }

    /// Where it leads. It holds the credential.
    pub(in crate::web) fn url(&self) -> String {
        self.socket.url()
    }

    /// Closes it; one that connects as soon as it has, if that is soon: of one that is closed before, Chromium prints the address, and
    /// the credential with it.
    pub(in crate::web) fn close(&self, code: u16) {
        // Throws for codes that no caller gives.
        let close = move |socket: &WebSocket| drop(socket.close_with_code(code));
        if self.socket.ready_state() != WebSocket::CONNECTING {
            return close(&self.socket);
        }
        let socket = self.socket.clone();
        spawn_local(async move {
            let end = now() + CONNECTING_GRACE;
            while socket.ready_state() == WebSocket::CONNECTING && now() < end {
                sleep(LOOK_MS).await;
            }
            close(&socket);
        });
    }

    pub(in crate::web) fn buffered_amount(&self) -> u32 {
        self.socket.buffered_amount()
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.socket.set_onopen(None);
        self.socket.set_onmessage(None);
        self.socket.set_onerror(None);
        self.socket.set_onclose(None);
        self.close(1000);
    }
}

/// Messages in the order of their arrival, whatever form they have.
///
/// Text and array buffers are delivered at once. Should a Blob come (a wrapped or replaced `WebSocket`
/// may ignore `binaryType`), what follows waits behind it until its bytes are there.
pub(in crate::web) struct Inbox<F> {
    waiting: RefCell<VecDeque<Waiting>>,
    /// Bytes of the largest message that is taken.
    limit: u32,
    deliver: Rc<F>,
}

fn inbox_to<F: Fn(SocketEvent) + 'static>(limit: u32, deliver: Rc<F>) -> Rc<Inbox<F>> {
    Rc::new(Inbox { waiting: RefCell::default(), limit, deliver })
}

/// An inbox without a socket.
#[cfg(test)]
pub(in crate::web) fn inbox<F: Fn(SocketEvent) + 'static>(limit: u32, deliver: F) -> Rc<Inbox<F>> {
    inbox_to(limit, Rc::new(deliver))
}

enum Waiting {
    Message(JsValue),
    Closed(CloseFrame),
}

impl<F: Fn(SocketEvent) + 'static> Inbox<F> {
    pub(in crate::web) fn receive(self: &Rc<Self>, data: JsValue) {
        // Before it is copied: wasm memory that has grown never shrinks again, and it may not grow without end.
        let bytes = length(&data);
        if bytes > self.limit {
            let error = frame_too_large(bytes as usize, self.limit as usize);
            return (self.deliver)(SocketEvent::Failed(error));
        }
        if self.waiting.borrow().is_empty() {
            if let Some(bytes) = bytes_now(&data) {
                return (self.deliver)(SocketEvent::Message(bytes));
            }
            spawn_local(self.clone().unpack());
        }
        if self.waiting.borrow().len() >= WAITING_LIMIT {
            return (self.deliver)(SocketEvent::Failed(not_unpacked()));
        }
        self.waiting.borrow_mut().push_back(Waiting::Message(data));
    }

    pub(in crate::web) fn close(&self, close: CloseFrame) {
        if self.waiting.borrow().is_empty() {
            return (self.deliver)(SocketEvent::Closed(close));
        }
        self.waiting.borrow_mut().push_back(Waiting::Closed(close));
    }

    /// Delivers what waits. Each stays in the queue until it is delivered, so that others line up behind.
    async fn unpack(self: Rc<Self>) {
        while let Some(first) = self.first() {
            let event = match first {
                Waiting::Closed(close) => SocketEvent::Closed(close),
                Waiting::Message(data) => SocketEvent::Message(bytes_later(data).await),
            };
            (self.deliver)(event);
            self.waiting.borrow_mut().pop_front();
        }
    }

    fn first(&self) -> Option<Waiting> {
        self.waiting.borrow().front().map(|first| match first {
            Waiting::Message(data) => Waiting::Message(data.clone()),
            Waiting::Closed(close) => Waiting::Closed(close.clone()),
        })
    }
}

/// Bytes of a message, as far as they can be told without unpacking it: text has at least one for each of its units.
fn length(data: &JsValue) -> u32 {
    if let Some(buffer) = data.dyn_ref::<ArrayBuffer>() {
        return buffer.byte_length();
    }
    if let Some(blob) = data.dyn_ref::<Blob>() {
        return blob.size() as u32;
    }
    data.dyn_ref::<JsString>().map_or(0, JsString::length)
}

fn bytes_now(data: &JsValue) -> Option<Vec<u8>> {
    if let Some(buffer) = data.dyn_ref::<ArrayBuffer>() {
        return Some(Uint8Array::new(buffer).to_vec());
    }
    data.dyn_ref::<JsString>().map(|text| String::from(text).into_bytes())
}

/// The bytes of a message of any kind; none of one that is unreadable, which is then reported as malformed.
async fn bytes_later(data: JsValue) -> Vec<u8> {
    if let Some(bytes) = bytes_now(&data) {
        return bytes;
    }
    let Some(blob) = data.dyn_ref::<Blob>() else { return Vec::new() };
    match JsFuture::from(blob.array_buffer()).await {
        Ok(buffer) => Uint8Array::new(&buffer).to_vec(),
        Err(_) => Vec::new(),
    }
}

fn refused() -> Error {
    Error::new(Code::Network, "The browser refused to open the WebSocket.")
        .with_remedy(
            "Check the endpoint, and that the page's content security policy allows it in connect-src.",
        )
        .with_field("endpoint")
}

fn not_unpacked() -> Error {
    Error::new(Code::EventOverflow, "Messages of the server arrive faster than the browser unpacks them.").with_remedy(
        "Let WebSocket deliver array buffers: something on this page replaced it by one that delivers Blobs.",
    )
}

/// How long a socket may take to connect that nobody wants any more, and how often is looked.
const CONNECTING_GRACE: Duration = Duration::from_secs(2);
const LOOK_MS: u32 = 20;
/// How long after an `error` the `close` may come.
const CLOSE_GRACE: Duration = Duration::from_millis(100);
const WAITING_LIMIT: usize = 4096;
