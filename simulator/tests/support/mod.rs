//! A server for tests over real sockets, and its clients.

#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    missing_debug_implementations,
    reason = "each test uses some of it"
)]

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use gemini_live_simulator::{Options, Simulator, serve};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

pub type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

pub const SERVICE: &str = "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent";

/// Long enough for a loaded machine; nothing waits for it when all is well.
pub const DEADLINE: Duration = Duration::from_secs(20);

pub struct Server {
    pub address: String,
    pub simulator: Simulator,
    pub stop: oneshot::Sender<()>,
    pub served: JoinHandle<std::io::Result<()>>,
}

impl Server {
    pub async fn start() -> Self {
        Self::start_with(Options::default()).await
    }

    pub async fn start_with(options: Options) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let simulator = Simulator::with(options).unwrap();
        let (stop, stopped) = oneshot::channel();
        let served = tokio::spawn(serve(listener, simulator.clone(), async {
            stopped.await.ok();
        }));
        Self { address, simulator, stop, served }
    }

    pub async fn connect(&self, target: &str) -> Socket {
        connect_async(format!("ws://{}{target}", self.address)).await.unwrap().0
    }

    pub async fn session(&self, model: &str) -> Socket {
        let mut socket = self.connect(&format!("{SERVICE}?key=k")).await;
        let setup = json!({"model": format!("models/{model}"), "generationConfig": {"responseModalities": ["AUDIO"]}});
        say(&mut socket, json!({"setup": setup})).await;
        assert_eq!(next(&mut socket).await.unwrap(), json!({"setupComplete": {}}));
        socket
    }

    /// Status line and body of an HTTP exchange.
    pub async fn http(&self, head: &str, body: &str) -> (String, Vec<u8>) {
        self.http_at(&self.address, head, body).await
    }

    /// The same, the server being called `host`.
    pub async fn http_at(&self, host: &str, head: &str, body: &str) -> (String, Vec<u8>) {
        let mut stream = TcpStream::connect(&self.address).await.unwrap();
        let length = body.len();
        let request =
            format!("{head}\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        tokio::time::timeout(DEADLINE, stream.read_to_end(&mut answer)).await.unwrap().unwrap();
        let split = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
        (String::from_utf8(answer[..split].to_vec()).unwrap(), answer[split + 4..].to_vec())
    }

    pub async fn json(&self, path: &str) -> Value {
        serde_json::from_slice(&self.http(&format!("GET {path} HTTP/1.1"), "").await.1).unwrap()
    }
}

pub async fn say(socket: &mut Socket, message: Value) {
    socket.send(Message::text(message.to_string())).await.unwrap();
}

/// The next message, or the close code and reason.
pub async fn next(socket: &mut Socket) -> Result<Value, (u16, String)> {
    loop {
        match tokio::time::timeout(DEADLINE, socket.next()).await.expect("no frame in time") {
            Some(Ok(Message::Binary(json))) => return Ok(serde_json::from_slice(&json).unwrap()),
            Some(Ok(Message::Text(json))) => panic!("a text frame: {json}"),
            Some(Ok(Message::Close(Some(frame)))) => {
                return Err((frame.code.into(), frame.reason.to_string()));
            }
            Some(Ok(_)) => {}
            other => return Err((1006, format!("{other:?}"))),
        }
    }
}

pub async fn turn(socket: &mut Socket) -> Vec<Value> {
    let mut messages = Vec::new();
    while !messages.last().is_some_and(|message: &Value| message["serverContent"]["turnComplete"] == true) {
        messages.push(next(socket).await.unwrap());
    }
    messages
}
