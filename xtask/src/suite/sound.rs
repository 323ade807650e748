//! A sound card for a browser that has none, and that Chromium must not see: it would take it for its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};

use crate::process::{self, Running};
use crate::workspace::{Workspace, fresh_directory};

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
        command.args(["--log-level=error", "-F"]).arg(&script);
        command.env("PULSE_RUNTIME_PATH", &directory).env("PULSE_STATE_PATH", &directory);
        let mut server = Self { server: process::start(&mut command)?, directory };
        server.wait_until_it_answers(workspace)?;
        Ok(server)
    }

    /// What `PULSE_SERVER` has to be for those who are to use it.
    pub(super) fn address(&self) -> String {
        format!("unix:{}", socket(&self.directory).display())
    }

    fn wait_until_it_answers(&mut self, workspace: &Workspace) -> Result<()> {
        let started = Instant::now();
        while started.elapsed() < LONGEST_START && self.server.is_alive() {
            let mut question = process::command("pactl", workspace.root());
            question.env("PULSE_SERVER", self.address()).args(["list", "short", "sources"]);
            if process::ask(&mut question).is_some_and(|sources| sources.contains(MICROPHONE)) {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(50));
        }
        Err(anyhow!("the sound server for Firefox does not start: see what `pulseaudio` says above"))
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

const MICROPHONE: &str = "microphone";

const LONGEST_START: Duration = Duration::from_secs(10);
