//! Running other programs: visibly, with a deadline, and never outliving this one.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};

/// Runs a program to its end, its output shown as it comes.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    announce(command);
    let status = Running::start(command)?.wait(LONGEST_RUN)?;
    verdict(command, status)
}

/// Runs a program to its end, its output shown as it comes; hands back what it wrote to standard output, and whether it
/// succeeded.
pub(crate) fn watch(command: &mut Command) -> Result<(String, bool)> {
    announce(command);
    command.stdout(Stdio::piped());
    let mut running = Running::start(command)?;
    let output = running.child.stdout.take().map(|pipe| thread::spawn(move || show_and_keep(pipe)));
    let status = running.wait(LONGEST_RUN)?;
    // What it started may still hold the pipe: the end of the group is the end of the output.
    drop(running);
    let text = output.and_then(|thread| thread.join().ok()).unwrap_or_default();
    Ok((text, status.success()))
}

/// Runs a short program silently and hands back what it wrote to standard output, if it succeeded.
pub(crate) fn ask(command: &mut Command) -> Option<String> {
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut running = Running::start(command).ok()?;
    let mut pipe = running.child.stdout.take()?;
    let reader = thread::spawn(move || {
        let mut text = String::new();
        pipe.read_to_string(&mut text).map(|_| text)
    });
    let status = running.wait(LONGEST_ANSWER).ok()?;
    drop(running);
    let text = reader.join().ok()?.ok()?;
    status.success().then_some(text)
}

/// Starts a program that runs beside this one, for as long as the value lives.
pub(crate) fn start(command: &mut Command) -> Result<Running> {
    announce(command);
    Running::start(command)
}

/// A command for `program` in `directory`, without the variables that `cargo run` left for this program: build
/// scripts that watch them would run again each time. And without the key, which is nobody's business but the demo's.
pub(crate) fn command(program: impl AsRef<std::ffi::OsStr>, directory: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(directory).env_remove("GEMINI_API_KEY");
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|prefix| text.starts_with(prefix)) {
            command.env_remove(&name);
        }
    }
    command
}

/// Makes an interrupted or terminated `xtask` take everything it started with it.
pub(crate) fn end_children_with_us() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    thread::Builder::new().name("signals".into()).spawn(move || {
        runtime.block_on(asked_to_end());
        for group in GROUPS.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            end_group(*group);
        }
        std::process::exit(130);
    })?;
    Ok(())
}

/// A started program, the leader of a process group that ends with this value.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
}

impl Running {
    fn start(command: &mut Command) -> Result<Self> {
        command.stdin(Stdio::null());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        let child = command.spawn().with_context(|| {
            let program = command.get_program().to_string_lossy().into_owned();
            format!("cannot start `{program}`: is it installed and in PATH?")
        })?;
        GROUPS.lock().unwrap_or_else(PoisonError::into_inner).insert(child.id());
        Ok(Self { child })
    }

    /// Whether it still runs.
    pub(crate) fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    fn wait(&mut self, limit: Duration) -> Result<ExitStatus> {
        let started = Instant::now();
        let mut pause = Duration::from_millis(2);
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            if started.elapsed() > limit {
                return Err(anyhow!("no end after {} minutes: it was stopped", limit.as_secs() / 60));
            }
            thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(50));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        end_group(self.child.id());
        // Already gone is what is wanted: only then does the kill fail.
        let _ = self.child.kill();
        let _ = self.child.wait();
        GROUPS.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.child.id());
    }
}

#[cfg(unix)]
fn end_group(leader: u32) {
    let leader = i32::try_from(leader).ok().and_then(rustix::process::Pid::from_raw);
    if let Some(leader) = leader {
        // Fails when the group is empty, which is what is wanted.
        let _ = rustix::process::kill_process_group(leader, rustix::process::Signal::KILL);
    }
}

#[cfg(not(unix))]
fn end_group(_leader: u32) {}

#[cfg(unix)]
async fn asked_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    let wait = async |kind: SignalKind| match signal(kind) {
        Ok(mut signal) => {
            signal.recv().await;
        }
        Err(_) => std::future::pending().await,
    };
    tokio::select! {
        () = wait(SignalKind::interrupt()) => {}
        () = wait(SignalKind::terminate()) => {}
        () = wait(SignalKind::hangup()) => {}
    }
}

#[cfg(not(unix))]
async fn asked_to_end() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

fn announce(command: &Command) {
    println!("  $ {}", shown(command));
    let _ = std::io::stdout().flush();
}

fn verdict(command: &Command, status: ExitStatus) -> Result<()> {
    if status.success() { Ok(()) } else { Err(anyhow!("`{}` failed ({status})", shown(command))) }
}

/// The command as a person would type it.
fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str());
    let words = std::iter::once(name).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

fn show_and_keep(pipe: impl Read) -> String {
    let mut kept = String::new();
    let mut reader = BufReader::new(pipe);
    let mut line = Vec::new();
    while matches!(reader.read_until(b'\n', &mut line), Ok(count) if count > 0) {
        let mut screen = std::io::stdout().lock();
        let _ = screen.write_all(&line).and_then(|()| screen.flush());
        kept.push_str(&String::from_utf8_lossy(&line));
        line.clear();
    }
    kept
}

/// The leaders of the process groups that are running.
static GROUPS: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());

/// Nothing here takes this long unless it hangs: a cold build on a slow machine takes some minutes.
const LONGEST_RUN: Duration = Duration::from_secs(45 * 60);

/// For programs that only say something about themselves.
const LONGEST_ANSWER: Duration = Duration::from_secs(60);

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = command("sh", Path::new("/"));
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_program_that_fails_is_named_in_the_error() {
        let error = run(&mut shell("exit 3")).expect_err("it failed").to_string();
        assert!(error.contains("sh -c exit 3") && error.contains('3'), "{error}");
    }

    #[test]
    fn a_program_that_is_missing_is_named_in_the_error() {
        let error =
            run(&mut command("no-such-program", Path::new("/"))).expect_err("it is missing").to_string();
        assert!(error.contains("no-such-program"), "{error}");
    }

    #[test]
    fn the_key_is_not_handed_on() {
        let command = shell("true");
        assert!(command.get_envs().any(|(name, value)| name == "GEMINI_API_KEY" && value.is_none()));
    }

    #[test]
    fn what_a_program_leaves_running_ends_with_it() {
        // The grandchild holds the pipe for a minute: were it left alone, this would wait as long.
        let started = Instant::now();
        let (text, succeeded) = watch(&mut shell("sleep 60 & echo done")).expect("it ran");
        assert!(succeeded && text == "done\n");
        assert!(started.elapsed() < Duration::from_secs(30));
    }

    #[test]
    fn an_answer_of_a_failing_program_is_no_answer() {
        assert_eq!(ask(&mut shell("echo hello")).as_deref(), Some("hello\n"));
        assert_eq!(ask(&mut shell("echo hello; exit 1")), None);
    }
}
