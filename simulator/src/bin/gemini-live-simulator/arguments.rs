//! The command line.

use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};
use gemini_live_simulator::{Capacity, Options, Recording, Script, Voice};

/// What can be said to the program.
#[derive(Debug, Parser)]
#[command(
    name = "gemini-live-simulator",
    disable_help_subcommand = true,
    version,
    about = "A local Gemini Live API, for tests and demos",
    long_about = "A local Gemini Live API, for tests and demos: the service's paths, messages, tokens, refusals\n\
                  and close codes, without a model behind it. It prints one line, `listening on http://…`,\n\
                  and serves until it is interrupted or terminated."
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    task: Option<Task>,
    /// The port to listen on; 0 takes any free one and prints it
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// The address to listen at
    ///
    /// Beyond this machine, as in a network of containers, say as well which names it is
    /// asked under (--name): whoever can reach it can listen to what it has recorded.
    #[arg(long, verbatim_doc_comment, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub(crate) host: IpAddr,
    /// A name besides localhost that it is asked under, such as a container's; may be repeated
    #[arg(long = "name", value_name = "NAME")]
    names: Vec<String>,
    /// What names of tokens, handles and calls are made from: the same seed, the same names
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// A file with a script, or the name of one of the simulator's own (below): what every connection goes
    /// through that chooses nothing by its path; may be repeated, the last one counts
    #[arg(long = "script", verbatim_doc_comment, value_name = "FILE|NAME")]
    scripts: Vec<String>,
    /// How fast its clock runs: at 60 the ten minutes of a connection take ten seconds
    #[arg(long, value_name = "TIMES")]
    speed: Option<f64>,
    /// How many of the latest connections it remembers, all with their audio; unless given 64, of which 16
    /// with audio
    #[arg(long, verbatim_doc_comment, value_name = "CONNECTIONS", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    keep: Option<u32>,
    /// Who speaks the answers to typed text
    #[arg(long, value_enum, default_value_t = VoiceName::Espeak)]
    voice: VoiceName,
    /// Prints to standard error who connects and how that ends, or every message as well
    #[arg(
        long,
        value_enum,
        value_name = "WHAT",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "connections"
    )]
    pub(crate) log: Option<Log>,
}

/// What it does besides answering.
#[derive(Debug, Subcommand)]
enum Task {
    /// Serves a conversation that was recorded, with its timing, in place of answers
    Replay {
        /// JSON lines: docs/recordings.md describes them
        file: PathBuf,
    },
}

/// Whose voice it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum VoiceName {
    /// espeak-ng, where it is installed; otherwise the built-in one
    Espeak,
    /// A sound per letter: the same on every machine
    Builtin,
}

/// What is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Log {
    /// Who connects, and how that ends
    Connections,
    /// Every message too, without audio, tokens and keys
    Messages,
}

impl Arguments {
    /// Reads the command line. Ends the program where it is help that was asked for, or where something is wrong.
    pub(crate) fn read() -> Self {
        let command = Self::command().after_help(EXAMPLES).after_long_help(long_help());
        let read = Self::from_arg_matches(&command.get_matches());
        read.unwrap_or_else(|error| error.exit())
    }

    /// What these say about the simulator itself.
    pub(crate) fn options(&self) -> Result<Options, String> {
        let mut names = self.names.clone();
        if !self.host.is_unspecified() {
            names.push(self.host.to_string());
        }
        let voice = match self.voice {
            VoiceName::Espeak => Voice::Espeak,
            VoiceName::Builtin => Voice::BuiltIn,
        };
        let capacity = self.keep.map_or_else(Capacity::default, |keep| {
            let connections = keep as usize;
            Capacity { connections, with_audio: connections, ..Capacity::default() }
        });
        let mut options =
            Options { seed: self.seed, speed: self.speed, voice, names, capacity, ..Options::default() };
        if let Some(Task::Replay { file }) = &self.task {
            options.recording = Some(read_recording(file)?);
        }
        for script in &self.scripts {
            options.script = Some(match own_script(script) {
                Some(name) => name,
                None => {
                    let script = read_script(script)?;
                    let name = script.name().to_owned();
                    options.scripts.push(script);
                    name
                }
            });
        }
        Ok(options)
    }
}

/// The name of the simulator's own script that is meant; `sim-NAME` is how models are called that choose it.
fn own_script(name: &str) -> Option<String> {
    let name = name.strip_prefix("sim-").unwrap_or(name);
    Script::built_in().iter().map(Script::name).find(|known| *known == name).map(str::to_owned)
}

fn read_script(file: &str) -> Result<Script, String> {
    let json = std::fs::read_to_string(file)
        .map_err(|error| format!("--script {file}: {error}; name a file, or one of the scripts in --help"))?;
    Script::from_json(&json).map_err(|error| format!("--script {file}: {error}"))
}

fn read_recording(file: &Path) -> Result<Recording, String> {
    let name = file.display();
    let text = std::fs::read_to_string(file).map_err(|error| format!("replay {name}: {error}"))?;
    Recording::from_json_lines(&text).map_err(|error| format!("replay {name}: {error}"))
}

fn long_help() -> String {
    let line = |script: Script| format!("  sim-{}\n      {}\n", script.name(), script.summary());
    let models: String = Script::built_in().into_iter().map(line).collect();
    format!(
        "{EXAMPLES}\n\n{PATHS}\n\nModels, each with a fate of its own; names of real models get the first.\n\
         ws://127.0.0.1:PORT/s/NAME gives any model the fate of sim-NAME.\n{models}"
    )
}

const EXAMPLES: &str = "Examples:
  gemini-live-simulator                      any free port; open the printed address in a browser
  gemini-live-simulator --port 8090 --log    a known port, and a line for each connection
  gemini-live-simulator --script go-away-then-live
                                             every session is warned, closed, and then lives
  gemini-live-simulator --speed 60           goAway after ten seconds, tokens that last half a minute
  gemini-live-simulator --seed 1 --voice builtin
                                             the same names and the same sound each time
  gemini-live-simulator --script soak --keep 500
                                             reconnects for ever, and every sample remembered
  gemini-live-simulator --port 8090 replay call.jsonl
                                             what was recorded, served again with its timing
  gemini-live-simulator --host 0.0.0.0 --name simulator --port 8090
                                             in a network of containers, as ws://simulator:8090";

const PATHS: &str = "What an application is told:
  ws://127.0.0.1:PORT                        the `endpoint`
  ws://127.0.0.1:PORT/s/NAME                 the same, and what its connections go through
  ws://127.0.0.1:PORT/s/NAME@RUN             the same, in a run of its own: one for each test
  POST /v1alpha/auth_tokens                  mints a token; any x-goog-api-key but bad-key and expired-key

What a test asks:
  GET /_simulator/health                     ok
  GET /_simulator/connections                what the latest connections were sent and answered
  GET /_simulator/connections?since=REVISION&wait=10s
                                             the same, as soon as there is something new
  GET /_simulator/connections/ID/log.json, audio.json, received.wav, sent.wav
  GET /_simulator/sessions/ID/audio.json, received.wav, sent.wav
                                             of all connections of a session, in their order

What a test does to it:
  POST /_simulator/connections/ID/go-away    warns, and closes: {\"timeLeft\": \"2s\"}; as all that scripts do
  POST /_simulator/clock                     {\"advance\": \"9m50s\"}, {\"speed\": 60}
  POST /_simulator/scripts                   takes a script of yours; ?run=RUN for one run
  POST /_simulator/handles/expire            makes resumption handles stale
  DELETE /_simulator/connections             ends and forgets everything; ?run=RUN one run

`recall`, typed, has the model say what the user said last: by that a resumed session is told from a new one.";

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Arguments, clap::Error> {
        Arguments::try_parse_from(std::iter::once("gemini-live-simulator").chain(line.split_whitespace()))
    }

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn without_a_word_it_listens_on_this_machine_alone_at_any_port() {
        let arguments = read("").unwrap();
        assert_eq!((arguments.port, arguments.host.to_string().as_str()), (0, "127.0.0.1"));
        assert_eq!((arguments.log, arguments.options().unwrap().voice), (None, Voice::Espeak));
    }

    #[test]
    fn what_is_said_about_the_simulator_reaches_it() {
        let options = read("--seed 7 --speed 60 --voice builtin --host 10.0.0.2 --name simulator")
            .unwrap()
            .options()
            .unwrap();
        assert_eq!((options.seed, options.speed, options.voice), (Some(7), Some(60.0), Voice::BuiltIn));
        assert_eq!(options.names, ["simulator", "10.0.0.2"]);
        let kept = read("--keep 200").unwrap().options().unwrap().capacity;
        assert_eq!((kept.connections, kept.with_audio, kept.sessions), (200, 200, 32));
        assert!(read("--host 0.0.0.0").unwrap().options().unwrap().names.is_empty());
    }

    #[test]
    fn a_log_is_of_connections_unless_messages_are_asked_for() {
        assert_eq!(read("--log").unwrap().log, Some(Log::Connections));
        assert_eq!(read("--log=messages --port 1").unwrap().log, Some(Log::Messages));
    }

    #[test]
    fn a_script_is_a_file_or_one_of_the_simulators_own() {
        let file = std::env::temp_dir().join(format!("simulator-script-{}.json", std::process::id()));
        let path = file.to_str().unwrap();
        std::fs::write(&file, r#"{"name": "mine", "steps": []}"#).unwrap();
        let options = read(&format!("--script {path}")).unwrap().options().unwrap();
        assert_eq!((options.script.as_deref(), options.scripts.len()), (Some("mine"), 1));
        let options = read(&format!("--script {path} --script sim-drop")).unwrap().options().unwrap();
        assert_eq!((options.script.as_deref(), options.scripts.len()), (Some("drop"), 1));
        std::fs::write(&file, r#"{"name": "mine", "stepz": []}"#).unwrap();
        for (script, words) in [(path, "stepz"), ("/nowhere.json", "--help")] {
            let error = read(&format!("--script {script}")).unwrap().options().unwrap_err();
            assert!(error.contains(script) && error.contains(words) && error.lines().count() == 1, "{error}");
        }
        std::fs::remove_file(file).unwrap();
    }

    #[test]
    fn a_recording_is_a_file_and_what_is_wrong_with_it_is_said() {
        let file = std::env::temp_dir().join(format!("simulator-recording-{}.jsonl", std::process::id()));
        let path = file.to_str().unwrap();
        let setup = r#"{"ms": 0, "connection": 1, "from": "client", "message": {"setup": {}}}"#;
        let header = r#"{"format": "gemini-live-recording", "version": 1}"#;
        std::fs::write(&file, format!("{header}\n{setup}\n")).unwrap();
        let arguments = read(&format!("--port 8090 replay {path}")).unwrap();
        assert!(arguments.options().unwrap().recording.is_some() && arguments.port == 8090);
        std::fs::write(&file, header).unwrap();
        for (file, words) in [(path, "no connection"), ("/nowhere.jsonl", "No such file")] {
            let error = read(&format!("replay {file}")).unwrap().options().unwrap_err();
            assert!(error.contains(file) && error.contains(words) && error.lines().count() == 1, "{error}");
        }
        std::fs::remove_file(file).unwrap();
        assert!(read("replay").is_err());
        assert!(read("").unwrap().options().unwrap().recording.is_none());
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for line in [
            "--port 65536",
            "--speed fast",
            "--keep 0",
            "--host everywhere",
            "--seed -1",
            "--voice mine",
            "--log=all",
            "8090",
        ] {
            assert!(read(line).is_err(), "{line}");
        }
    }

    #[test]
    fn the_help_teaches() {
        let help = Arguments::command().after_long_help(long_help()).render_long_help().to_string();
        for words in ["Examples:", "ws://127.0.0.1:PORT", "--log", "sim-go-away", "/_simulator/health"] {
            assert!(help.contains(words), "{words}: {help}");
        }
        assert!(help.lines().all(|line| line.chars().count() <= 110), "{help}");
    }
}
