//! Running other programs: visibly, with a deadline, and never outliving this one.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{ChildStdout, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use process_wrap::std::{ChildWrapper, CommandWrap};

/// Runs a program to its end, its output shown as it comes.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let shown = announce(command);
    let status = Running::start(command)?.wait(LONGEST_RUN)?;
    if status.success() { Ok(()) } else { Err(anyhow!("`{shown}` failed ({status})")) }
}

/// Runs a program to its end, its output shown as it comes; hands back what it wrote to standard output, and whether it
/// succeeded.
pub(crate) fn watch(command: &mut Command) -> Result<(String, bool)> {
    announce(command);
    command.stdout(Stdio::piped());
    let running = Running::start(command)?;
    let output = running.stdout().map(|pipe| thread::spawn(move || show_and_keep(pipe)));
    let status = running.wait(LONGEST_RUN)?;
    // What it started may still hold the pipe: the end of the group is the end of the output.
    drop(running);
    let text = output.and_then(|thread| thread.join().ok()).unwrap_or_default();
    Ok((text, status.success()))
}

/// Runs a short program silently and hands back what it wrote to standard output, if it succeeded.
pub(crate) fn ask(command: &mut Command) -> Option<String> {
    ask_within(LONGEST_ANSWER, command)
}

/// The same for a program that computes for a while.
pub(crate) fn ask_within(limit: Duration, command: &mut Command) -> Option<String> {
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let running = Running::start(command).ok()?;
    let mut pipe = running.stdout()?;
    let reader = thread::spawn(move || {
        let mut text = String::new();
        pipe.read_to_string(&mut text).map(|_| text)
    });
    let status = running.wait(limit).ok()?;
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
        for group in lock(&GROUPS).iter().filter_map(Weak::upgrade) {
            end(&group);
        }
        std::process::exit(130);
    })?;
    Ok(())
}

/// A started program, the leader of a process group (on Windows a job) that ends with this value.
#[derive(Debug)]
pub(crate) struct Running {
    group: Arc<Group>,
}

type Group = Mutex<Box<dyn ChildWrapper>>;

impl Running {
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        command.stdin(Stdio::null());
        let program = command.get_program().to_string_lossy().into_owned();
        // The wrapper keeps what it starts.
        let mut command = CommandWrap::from(std::mem::replace(command, Command::new(&program)));
        #[cfg(unix)]
        command.wrap(process_wrap::std::ProcessGroup::leader());
        #[cfg(windows)]
        command.wrap(process_wrap::std::JobObject);
        let child = command
            .spawn()
            .with_context(|| format!("cannot start `{program}`: is it installed and in PATH?"))?;
        let group = Arc::new(Mutex::new(child));
        let mut groups = lock(&GROUPS);
        groups.retain(|known| known.strong_count() > 0);
        groups.push(Arc::downgrade(&group));
        Ok(Self { group })
    }

    /// What it writes to standard output, if that is piped, for whoever asks first.
    pub(crate) fn stdout(&self) -> Option<ChildStdout> {
        lock(&self.group).stdout().take()
    }

    /// Whether it still runs.
    pub(crate) fn is_alive(&mut self) -> bool {
        matches!(lock(&self.group).try_wait(), Ok(None))
    }

    pub(crate) fn wait(&self, limit: Duration) -> Result<ExitStatus> {
        let started = Instant::now();
        let mut pause = Duration::from_millis(2);
        loop {
            if let Some(status) = lock(&self.group).try_wait()? {
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
        end(&self.group);
    }
}

/// Ends everything in the group.
fn end(group: &Group) {
    let mut child = lock(group);
    // Fails when nothing is left, which is what is wanted.
    let _ = child.start_kill();
    // Of the program alone: a job's end may have been told already, and is told once.
    let _ = child.inner_mut().wait();
}

/// What a panicking thread left behind is as good as ever: it is looked at and ended, nothing more.
fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

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

/// Shows what is run, and hands it back.
fn announce(command: &Command) -> String {
    let shown = shown(command);
    println!("  $ {shown}");
    let _ = std::io::stdout().flush();
    shown
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

/// The groups that are running.
static GROUPS: Mutex<Vec<Weak<Group>>> = Mutex::new(Vec::new());

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
    fn what_is_dropped_ends_with_all_it_started() {
        // The inner shell tells its id, and then sleeps beside the outer one.
        let file = std::env::temp_dir().join(format!("xtask-process-{}", std::process::id()));
        let script =
            format!("sh -c 'echo $$ > {0}.new; mv {0}.new {0}; exec sleep 60' & sleep 60", file.display());
        let mut running = start(&mut shell(&script)).expect("it runs");
        let id = std::iter::repeat_with(|| std::fs::read_to_string(&file).unwrap_or_default())
            .inspect(|_| thread::sleep(Duration::from_millis(2)))
            .take(10_000)
            .find(|id| !id.is_empty())
            .expect("its id");
        assert!(running.is_alive() && process_is_there(id.trim()));
        drop(running);
        // It is ended already, but not before somebody has taken note does it disappear. By itself it would in a minute.
        let dropped = Instant::now();
        let is_gone = std::iter::repeat_with(|| thread::sleep(Duration::from_millis(2)))
            .take_while(|()| dropped.elapsed() < Duration::from_secs(30))
            .any(|()| !process_is_there(id.trim()));
        assert!(is_gone);
        std::fs::remove_file(file).expect("cleared");
    }

    /// Whether a process runs; one that has ended and was not yet taken note of does not.
    fn process_is_there(id: &str) -> bool {
        let state = ask(command("ps", Path::new("/")).args(["-o", "stat=", "-p", id]));
        state.is_some_and(|state| !state.trim_start().starts_with('Z'))
    }

    #[test]
    fn an_answer_of_a_failing_program_is_no_answer() {
        assert_eq!(ask(&mut shell("echo hello")).as_deref(), Some("hello\n"));
        assert_eq!(ask(&mut shell("echo hello; exit 1")), None);
    }
}
