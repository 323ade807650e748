//! The TCP connection below a WebSocket: to end it as networks do, which no WebSocket library would.

use std::io;
use std::net::{Shutdown, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use socket2::{SockRef, Socket};
use tokio::io::Interest;
use tokio::net::{TcpListener, TcpStream};

/// A listener whose connections can be ended as networks end them, and whose small frames do not wait for each other.
#[derive(Debug)]
pub struct Lines(pub TcpListener);

/// The TCP connection of a request. A server that serves [`crate::router`] gives it to its requests by [`Lines`] and
/// `into_make_service_with_connect_info::<Line>()`; without, a reset is no more than an end.
#[derive(Clone, Debug, Default)]
pub struct Line {
    socket: Option<Arc<Socket>>,
}

/// Sees whether the client of a connection is there still, and leaves what it sends unread.
#[derive(Debug)]
pub(super) struct Watch {
    stream: Option<TcpStream>,
}

impl Listener for Lines {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        // Small frames follow each other closely here: none may wait for the acknowledgement of the one before. Without
        // it everything works, only later.
        let _ = stream.set_nodelay(true);
        (stream, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, Lines>> for Line {
    fn connect_info(stream: IncomingStream<'_, Lines>) -> Self {
        Self::of(stream.io())
    }
}

impl Line {
    fn of(stream: &TcpStream) -> Self {
        Self { socket: SockRef::from(stream).try_clone().ok().map(Arc::new) }
    }

    /// Says that nothing follows (FIN); what comes can still be read.
    pub(super) fn end(&self) {
        if let Some(socket) = &self.socket {
            // What is gone already needs no end.
            let _ = socket.shutdown(Shutdown::Write);
        }
    }

    /// Watches for the client's end.
    pub(super) fn watch(&self) -> Watch {
        let socket = self.socket.as_ref().and_then(|socket| socket.try_clone().ok());
        Watch { stream: socket.and_then(|socket| TcpStream::from_std(socket.into()).ok()) }
    }

    /// Has the connection reset (RST) as soon as everybody has let go of it.
    pub(super) fn reset(self) {
        if let Some(socket) = &self.socket {
            let _ = socket.set_linger(Some(Duration::ZERO));
        }
    }
}

impl Watch {
    /// Waits until the client has hung up. One whose last words find no room in the buffers on the way cannot say so.
    pub(super) async fn hung_up(&self) {
        let Some(stream) = &self.stream else { return std::future::pending().await };
        while let Ok(ready) = stream.ready(Interest::READABLE).await {
            if ready.is_read_closed() {
                return;
            }
            // Something came, which stays where it is: the next wake-up is for what comes after it.
            let _ = stream.try_io(Interest::READABLE, || Err::<(), _>(io::ErrorKind::WouldBlock.into()));
        }
    }
}
