//! The program as its users meet it: its words, its exit codes, its end.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Long enough for a loaded machine; nothing waits for it when all is well.
const DEADLINE: Duration = Duration::from_secs(20);

/// The started program. It does not outlive the test.
struct Program {
    child: Child,
    address: String,
}

impl Program {
    fn start(words: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_gemini-live-simulator"))
            .args(words)
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http://").expect(&line).to_owned();
        Self { child, address }
    }

    fn ask(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", self.address);
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Its exit code, once it has ended by itself.
    fn ended(&mut self) -> Option<i32> {
        let started = Instant::now();
        while started.elapsed() < DEADLINE {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("it has not ended");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn run(words: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_gemini-live-simulator")).args(words).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn it_says_where_it_listens_and_answers_there() {
    let program = Program::start(&[], &[]);
    assert!(program.address.starts_with("127.0.0.1:"), "{}", program.address);
    assert!(program.ask("/_simulator/health").starts_with("HTTP/1.1 200"));
}

#[test]
fn its_standard_input_may_be_closed() {
    let mut program = Program::start(&[], &[]);
    drop(program.child.stdin.take());
    assert!(program.ask("/_simulator/health").starts_with("HTTP/1.1 200"));
    assert!(program.child.try_wait().unwrap().is_none());
}

#[test]
fn it_ends_with_the_starter_that_holds_its_standard_input() {
    let mut program = Program::start(&[], &[("GEMINI_LIVE_SIMULATOR_STARTER", "1")]);
    assert!(program.child.try_wait().unwrap().is_none());
    drop(program.child.stdin.take());
    assert_eq!(program.ended(), Some(0));
}

#[cfg(unix)]
#[test]
fn the_signals_of_terminals_and_containers_end_it_well() {
    for signal in ["-INT", "-TERM"] {
        let mut program = Program::start(&[], &[]);
        // Only one that has answered has set its handlers.
        program.ask("/_simulator/health");
        let id = program.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        assert_eq!(program.ended(), Some(0), "{signal}");
    }
}

#[test]
fn a_taken_port_is_one_line_and_a_mistyped_option_is_told() {
    let program = Program::start(&[], &[]);
    let port = program.address.rsplit_once(':').unwrap().1;
    let (code, out, error) = run(&["--port", port]);
    assert_eq!((code, out.as_str(), error.lines().count()), (Some(1), "", 1), "{error}");
    assert!(error.contains("--port"), "{error}");
    let (code, _, error) = run(&["--prot", "1"]);
    assert!(code == Some(2) && error.contains("--port"), "{error}");
}

#[test]
fn it_says_what_it_is() {
    let (code, out, _) = run(&["--version"]);
    assert_eq!((code, out.trim()), (Some(0), concat!("gemini-live-simulator ", env!("CARGO_PKG_VERSION"))));
    assert!(run(&["--help"]).1.contains("Examples:"));
}
