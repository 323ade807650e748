//! The scripts there are: the simulator's own, and those it was given.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, LazyLock};

use serde_json::{Value, json};

use super::{Script, ScriptError};

/// Scripts by name, and how often each was entered.
#[derive(Debug, Default)]
pub(crate) struct Library {
    given: Vec<Given>,
    /// What every connection goes through that chooses none by its path.
    for_all: Option<Arc<Script>>,
    /// By script and run.
    attempts: HashMap<(String, String), u32>,
    /// Scripts and runs in which a handle was refused, and no session has begun since.
    refused: HashSet<(String, String)>,
}

/// A script that is not the simulator's own.
#[derive(Debug)]
struct Given {
    script: Arc<Script>,
    source: Source,
}

/// Where a script is from, which decides how long it stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// Given at the beginning: it stays.
    Start,
    /// Posted for everybody: until everything is reset.
    Posted,
    /// Posted for one run, which alone finds it: until the run is reset, or everything.
    Run(String),
}

impl Library {
    /// Adds a script, in place of one of the same name for the same connections.
    pub(crate) fn add(&mut self, script: Script, source: Source) -> Result<(), ScriptError> {
        if OWN.iter().any(|own| own.name == script.name) {
            return Err(ScriptError::new(format!(
                "name: {:?} is a script of the simulator's own",
                script.name
            )));
        }
        let takes_the_place = |given: &Given| given.script.name == script.name && given.is_like(&source);
        let place = self.given.iter().position(takes_the_place);
        if place.is_none() && self.given.len() >= MOST_GIVEN {
            return Err(ScriptError::new(format!("there are {MOST_GIVEN} scripts already")));
        }
        place.map(|place| self.given.remove(place));
        self.given.push(Given { script: Arc::new(script), source });
        Ok(())
    }

    /// Has every connection go through a script that chooses none by its path.
    pub(crate) fn put_on_for_all(&mut self, name: &str) -> Result<(), ScriptError> {
        let script =
            self.find(name, "").ok_or_else(|| ScriptError::new(format!("there is no script {name:?}")))?;
        self.for_all = Some(script);
        Ok(())
    }

    pub(crate) fn for_all(&self) -> Option<Arc<Script>> {
        self.for_all.clone()
    }

    /// The script of this name, with or without `sim-`: the run's, if it has one.
    pub(crate) fn find(&self, name: &str, run: &str) -> Option<Arc<Script>> {
        let name = name.strip_prefix("sim-").unwrap_or(name);
        self.of_run(run).find(|script| script.name == name).cloned()
    }

    /// The script that a model's name chooses: models that are not the simulator's own get the plain one.
    pub(crate) fn of_model(&self, model: &str, run: &str) -> Arc<Script> {
        let name = model.strip_prefix("models/").unwrap_or(model);
        let chosen = if name.starts_with("sim-") {
            self.find(name, run).or_else(|| self.find("not-found", run))
        } else {
            self.find("parrot", run)
        };
        // Both are there: a test reads them all.
        chosen.unwrap_or_default()
    }

    /// The scripts that the connections of a run find, its own before those of everybody.
    fn of_run(&self, run: &str) -> impl Iterator<Item = &Arc<Script>> {
        let is_the_runs = move |given: &&Given| matches!(&given.source, Source::Run(of) if of == run);
        let of_the_run = self.given.iter().filter(is_the_runs);
        let of_all = self.given.iter().filter(|given| !matches!(given.source, Source::Run(_)));
        OWN.iter().chain(of_the_run.chain(of_all).map(|given| &given.script))
    }

    /// Every script, and how it is chosen.
    pub(crate) fn list(&self) -> Value {
        let row = |(script, run): (&Arc<Script>, Option<&String>)| {
            let Script { name, summary, .. } = script.as_ref();
            json!({
                "name": name,
                "summary": summary,
                "path": path(name, run.map(String::as_str)),
                "model": format!("models/sim-{name}"),
            })
        };
        let given = self.given.iter().map(|given| match &given.source {
            Source::Run(run) => (&given.script, Some(run)),
            Source::Start | Source::Posted => (&given.script, None),
        });
        OWN.iter().map(|script| (script, None)).chain(given).map(row).collect()
    }

    /// The number of another connection to `script` in `run`.
    pub(crate) fn attempt(&mut self, script: &Script, run: &str) -> u32 {
        if self.attempts.len() >= MOST_RUNS {
            self.attempts.clear();
            self.refused.clear();
        }
        let attempts = self.attempts.entry((script.name.clone(), run.to_owned())).or_default();
        *attempts += 1;
        *attempts
    }

    /// A handle was refused: the next session begins in its place.
    pub(crate) fn handle_refused(&mut self, script: &Script, run: &str) {
        self.refused.insert((script.name.clone(), run.to_owned()));
    }

    /// A session begins: whether it does in the place of one whose handle was refused.
    pub(crate) fn begins_anew(&mut self, script: &Script, run: &str) -> bool {
        self.refused.remove(&(script.name.clone(), run.to_owned()))
    }

    /// Forgets a run, or all of them: what was posted goes, and attempts are counted from 1 again.
    pub(crate) fn forget(&mut self, run: Option<&str>) {
        let is_another = |of: &String| run.is_some_and(|run| run != of);
        self.attempts.retain(|(_, of), _| is_another(of));
        self.refused.retain(|(_, of)| is_another(of));
        self.given.retain(|given| match &given.source {
            Source::Start => true,
            Source::Posted => run.is_some(),
            Source::Run(of) => is_another(of),
        });
    }
}

impl Given {
    /// Whether it is found by the same connections as a script from there.
    fn is_like(&self, source: &Source) -> bool {
        match (&self.source, source) {
            (Source::Run(one), Source::Run(other)) => one == other,
            (Source::Run(_), Source::Start | Source::Posted) => false,
            (Source::Start | Source::Posted, Source::Run(_)) => false,
            (Source::Start | Source::Posted, Source::Start | Source::Posted) => true,
        }
    }
}

/// What is put in front of a path to choose a script.
pub(crate) fn path(name: &str, run: Option<&str>) -> String {
    match run {
        Some(run) => format!("/s/{name}@{run}"),
        None => format!("/s/{name}"),
    }
}

/// The simulator's own.
pub(super) fn own() -> &'static [Arc<Script>] {
    &OWN
}

static OWN: LazyLock<Vec<Arc<Script>>> = LazyLock::new(|| {
    let scripts: Vec<Value> = serde_json::from_str(include_str!("scripts.json")).unwrap_or_default();
    let scripts = scripts.iter().filter_map(|script| Script::from_json(&script.to_string()).ok());
    scripts.map(Arc::new).collect()
});

const MOST_GIVEN: usize = 64;

/// Runs that are counted apart; then counting begins anew.
const MOST_RUNS: usize = 1_000;
