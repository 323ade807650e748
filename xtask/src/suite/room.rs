use std::io::{ErrorKind, Read};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context, Result};

/// Room in the server of wasm-bindgen's test runner. It begins with four threads, gives each connection one for as long as that
/// stays open, and makes more only while none waits; of a browser's connections that come within a moment, all but four are never
/// answered then, and the page is loaded for ever. Four that are held here, of which nothing is asked, leave none that waits, unless they
/// came before all four threads waited, or one has since: of two connections that come while it wakes, both are left to it. So others
/// come now and then, and are over at once. The thread that one of them gets looks for what was left when it is done.
pub(super) struct Room {
    address: SocketAddr,
    is_over: Arc<AtomicBool>,
    holding: Option<JoinHandle<()>>,
}

impl Room {
    /// Makes room in each server that `command`, or a child of it, starts from now on, one after the other.
    pub(super) fn in_servers_of(command: &mut Command) -> Result<Self> {
        let free = TcpListener::bind("127.0.0.1:0").context("no port is free")?;
        let address = free.local_addr().context("the port that is free has no address")?;
        drop(free);
        command.env("WASM_BINDGEN_TEST_ADDRESS", address.to_string());
        let is_over = Arc::new(AtomicBool::new(false));
        let over = is_over.clone();
        let holding = thread::spawn(move || {
            while !over.load(Ordering::Relaxed) {
                hold(address, &over);
                thread::sleep(SOON);
            }
        });
        Ok(Self { address, is_over, holding: Some(holding) })
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        if let Some(holding) = self.holding.take()
            && holding.join().is_err()
        {
            println!("  nobody held connections to {} any more", self.address);
        }
    }
}

/// Holds connections till the server is gone, if there is one, and makes others.
fn hold(address: SocketAddr, is_over: &AtomicBool) {
    let mut held: Vec<_> = (0..THREADS).map_while(|_| TcpStream::connect(address).ok()).collect();
    let Some(first) = held.first_mut() else { return };
    if first.set_read_timeout(Some(NOW_AND_THEN)).is_err() {
        return;
    }
    let stays = |error: &std::io::Error| matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut);
    while !is_over.load(Ordering::Relaxed) && first.read(&mut [0]).is_err_and(|error| stays(&error)) {
        drop(TcpStream::connect(address));
    }
}

/// With how many threads the server begins.
const THREADS: usize = 4;

const SOON: Duration = Duration::from_millis(10);

const NOW_AND_THEN: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_server_at_the_address_has_as_many_connections_as_it_has_threads() {
        let mut command = Command::new("true");
        let room = Room::in_servers_of(&mut command).expect("room");
        for _ in 0..2 {
            let server = TcpListener::bind(room.address).expect("the port is free");
            let held: Vec<_> = (0..THREADS).map(|_| server.accept().expect("a connection")).collect();
            let (mut another, _) = server.accept().expect("another");
            assert_eq!(another.read(&mut [0]).expect("an end"), 0, "it is over at once");
            drop((server, held));
        }
        let named = command.get_envs().any(|(name, value)| {
            name == "WASM_BINDGEN_TEST_ADDRESS"
                && value.is_some_and(|value| *value == *room.address.to_string())
        });
        assert!(named);
    }
}
