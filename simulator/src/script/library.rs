//! The scripts there are: the simulator's own, and those it was given.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use serde_json::{Value, json};

use super::{Script, ScriptError};

/// Scripts by name, and how often each was entered.
#[derive(Debug, Default)]
pub(crate) struct Library {
    given: Vec<Arc<Script>>,
    /// What every connection goes through that chooses none by its path.
    for_all: Option<Arc<Script>>,
    /// By script and run.
    attempts: HashMap<(String, String), u32>,
}

impl Library {
    /// Adds a script, in place of one of the same name.
    pub(crate) fn add(&mut self, script: Script) -> Result<Arc<Script>, ScriptError> {
        if OWN.iter().any(|own| own.name == script.name) {
            return Err(ScriptError::new(format!(
                "name: {:?} is a script of the simulator's own",
                script.name
            )));
        }
        self.given.retain(|given| given.name != script.name);
        if self.given.len() >= MOST_GIVEN {
            return Err(ScriptError::new(format!("there are {MOST_GIVEN} scripts already")));
        }
        let script = Arc::new(script);
        self.given.push(script.clone());
        Ok(script)
    }

    /// Has every connection go through a script that chooses none by its path.
    pub(crate) fn put_on_for_all(&mut self, name: &str) -> Result<(), ScriptError> {
        let script =
            self.find(name).ok_or_else(|| ScriptError::new(format!("there is no script {name:?}")))?;
        self.for_all = Some(script);
        Ok(())
    }

    pub(crate) fn for_all(&self) -> Option<Arc<Script>> {
        self.for_all.clone()
    }

    /// The script of this name, with or without `sim-`.
    pub(crate) fn find(&self, name: &str) -> Option<Arc<Script>> {
        let name = name.strip_prefix("sim-").unwrap_or(name);
        self.all().find(|script| script.name == name).cloned()
    }

    /// The script that a model's name chooses: models that are not the simulator's own get the plain one.
    pub(crate) fn of_model(&self, model: &str) -> Arc<Script> {
        let name = model.strip_prefix("models/").unwrap_or(model);
        let chosen = if name.starts_with("sim-") {
            self.find(name).or_else(|| self.find("not-found"))
        } else {
            self.find("parrot")
        };
        // Both are there: a test reads them all.
        chosen.unwrap_or_default()
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<Script>> {
        OWN.iter().chain(&self.given)
    }

    /// Every script, and how it is chosen.
    pub(crate) fn list(&self) -> Value {
        let row = |script: &Arc<Script>| {
            let Script { name, summary, .. } = script.as_ref();
            json!({
                "name": name,
                "summary": summary,
                "path": format!("/s/{name}"),
                "model": format!("models/sim-{name}"),
            })
        };
        self.all().map(row).collect()
    }

    /// The number of another connection to `script` in `run`.
    pub(crate) fn attempt(&mut self, script: &Script, run: &str) -> u32 {
        if self.attempts.len() >= MOST_RUNS {
            self.attempts.clear();
        }
        let attempts = self.attempts.entry((script.name.clone(), run.to_owned())).or_default();
        *attempts += 1;
        *attempts
    }

    /// Counts from 1 again, in one run or in all.
    pub(crate) fn forget_attempts(&mut self, run: Option<&str>) {
        self.attempts.retain(|(_, of), _| run.is_some_and(|run| run != of));
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
