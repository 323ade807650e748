//! A sound card for a browser that has none, and that Chromium must not see: it would take it for its own.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};

use crate::process::{self, Running};
use crate::workspace::{Workspace, fresh_directory};

/// `cargo xtask sound`: a sound server for whoever starts this, until its input ends. Then nothing of it is left, even if
/// who started it was killed.
pub(crate) fn run(workspace: &Workspace) -> Result<ExitCode> {
    let mut server = SoundServer::start(workspace)?;
    println!("sound at {}", server.address());
    let (told, end) = mpsc::channel();
    thread::spawn(move || {
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        let _ = told.send(());
    });
    while end.recv_timeout(BETWEEN_LOOKS) == Err(RecvTimeoutError::Timeout) {
        server.verdict()?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A PulseAudio server of our own. What is played on the sink `stage` is what its microphone hears. It ends with this
/// value.
#[derive(Debug)]
pub(super) struct SoundServer {
    server: Running,
    directory: PathBuf,
}

impl SoundServer {
    /// Starts it and waits until it answers.
    pub(super) fn start(workspace: &Workspace) -> Result<Self> {
        static STARTED: AtomicUsize = AtomicUsize::new(0);
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        // Not below the repository: the path of a socket may have a hundred characters.
        let directory = std::env::temp_dir().join(format!("xtask-sound-{}-{number}", std::process::id()));
        fresh_directory(&directory)?;
        let script = directory.join("sound.pa");
        fs::write(&script, setup(&directory))
            .with_context(|| format!("cannot write {}", script.display()))?;
        let mut command = process::command("pulseaudio", workspace.root());
        command.args(["-n", "--exit-idle-time=-1", "--disallow-exit", "--daemonize=no", "--use-pid-file=no"]);
        // The kernel kills a thread of real-time priority that computes for 200 ms at a stretch, as it does when the machine
        // was late; root's would be one. And what memory clients share is not every machine's to give. Going before the
        // browsers does no harm: a sound server that is late makes holes in what is said.
        command.args(["--realtime=no", "--high-priority=yes", "--no-cpu-limit", "--disable-shm"]);
        command.arg(format!("--log-target=newfile:{}", log(&directory).display()));
        command.args(["--log-level=notice", "-F"]).arg(&script);
        command.env("PULSE_RUNTIME_PATH", &directory).env("PULSE_STATE_PATH", &directory);
        let mut server = Self { server: process::start(&mut command)?, directory };
        server.wait_until_it_answers(workspace)?;
        Ok(server)
    }

    /// What `PULSE_SERVER` has to be for those who are to use it.
    pub(super) fn address(&self) -> String {
        format!("unix:{}", socket(&self.directory).display())
    }

    /// How it died, if it has: it is told to end by this value alone.
    pub(super) fn verdict(&mut self) -> Result<()> {
        if self.server.is_alive() {
            return Ok(());
        }
        let status = self.server.wait(Duration::ZERO)?;
        Err(anyhow!("{DIED} ({status}); its log ends: {}", self.last_words()))
    }

    fn wait_until_it_answers(&mut self, workspace: &Workspace) -> Result<()> {
        let started = Instant::now();
        while started.elapsed() < LONGEST_START {
            self.verdict()?;
            let mut question = process::command("pactl", workspace.root());
            question.env("PULSE_SERVER", self.address()).args(["list", "short", "sources"]);
            if process::ask(&mut question).is_some_and(|sources| sources.contains(MICROPHONE)) {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(20));
        }
        Err(anyhow!("the sound server for Firefox does not start; its log ends: {}", self.last_words()))
    }

    /// The end of its log.
    fn last_words(&self) -> String {
        let text = fs::read_to_string(log(&self.directory)).unwrap_or_default();
        let lines: Vec<_> = text.lines().rev().take(LAST_LINES).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }
}

impl Drop for SoundServer {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// A loudspeaker that nobody hears, and a microphone in front of another: were it the same one, the model would hear
/// itself.
fn setup(directory: &Path) -> String {
    format!(
        "load-module module-native-protocol-unix auth-anonymous=1 socket={}\n\
         load-module module-null-sink sink_name=loudspeaker rate=48000 channels=2\n\
         load-module module-null-sink sink_name=stage rate=48000 channels=1\n\
         load-module module-remap-source master=stage.monitor source_name={MICROPHONE} \
         source_properties=device.description=Microphone\n\
         set-default-sink loudspeaker\n\
         set-default-source {MICROPHONE}\n",
        socket(directory).display()
    )
}

fn socket(directory: &Path) -> PathBuf {
    directory.join("native")
}

fn log(directory: &Path) -> PathBuf {
    directory.join("log")
}

/// What is said of a server that ended by itself. A test may fail because of that.
pub(super) const DIED: &str = "the sound server died";

const MICROPHONE: &str = "microphone";

const LAST_LINES: usize = 5;

const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

const LONGEST_START: Duration = Duration::from_secs(30);
