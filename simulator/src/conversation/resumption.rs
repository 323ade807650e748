//! `sessionResumptionUpdate`: when it is sent, and what it says.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::dialogue::Dialogue;
use super::session::Stage;
use crate::Time;
use crate::behaviour::{UpdateForm, Updates};
use crate::handle::Remembered;
use crate::model::Family;
use crate::script::{NewHandle, Update};

/// The updates of a connection.
#[derive(Debug)]
pub(super) struct Resumption {
    every: Option<Duration>,
    next: Option<Time>,
    ways: Updates,
    /// Updates that were sent while the session could be resumed, and while it could not.
    idle: usize,
    busy: usize,
}

impl Resumption {
    pub(super) fn new(ways: Updates, family: &Family) -> Self {
        let every_ms = ways.every_ms.unwrap_or(family.updates_every_ms);
        let every = (every_ms > 0).then(|| Duration::from_millis(every_ms));
        Self { every, next: None, ways, idle: 0, busy: 0 }
    }

    pub(super) fn deadline(&self) -> Option<Time> {
        self.next
    }
}

impl Dialogue {
    /// What follows `setupComplete`.
    pub(super) fn begin_updates(&mut self, stage: &mut Stage<'_>) {
        self.resumption.next = self.resumption.every.map(|every| stage.now + every);
        if self.settings.resumption && self.resumption.ways.at_start {
            self.update(false, stage);
        }
    }

    /// Sends the update that is due, if any. While the session cannot be resumed nothing new could be said.
    pub(super) fn update_on_time(&mut self, stage: &mut Stage<'_>) {
        if let (Some(at), Some(every)) = (self.resumption.next, self.resumption.every)
            && at <= stage.now
        {
            self.resumption.next = Some(stage.now + every);
            if !self.is_busy() {
                self.update(false, stage);
            }
        }
    }

    /// Something is about to be generated: who asked for handles is told that there is none meanwhile.
    pub(super) fn suspend_resumption(&mut self, stage: &mut Stage<'_>) {
        if self.settings.resumption {
            self.update(true, stage);
        }
    }

    /// Gives a handle to who has asked for handles, unless the session is busy.
    pub(super) fn offer_resumption(&mut self, stage: &mut Stage<'_>) {
        if self.settings.resumption && !self.is_busy() {
            self.update(false, stage);
        }
    }

    fn update(&mut self, is_busy: bool, stage: &mut Stage<'_>) {
        let updates = &mut self.resumption;
        let (forms, sent) = match is_busy {
            true => (&updates.ways.busy, &mut updates.busy),
            false => (&updates.ways.idle, &mut updates.idle),
        };
        let form = forms.get(*sent).or_else(|| forms.last()).copied().unwrap_or(UpdateForm::None);
        *sent += 1;
        let update = match form {
            UpdateForm::Whole => json!({"newHandle": self.handle(is_busy, stage), "resumable": true}),
            UpdateForm::HandleOnly => json!({"newHandle": self.handle(true, stage)}),
            UpdateForm::HandleNotResumable => {
                json!({"newHandle": self.handle(true, stage), "resumable": false})
            }
            UpdateForm::FlagOnly => json!({"resumable": true}),
            UpdateForm::NotResumable => json!({"resumable": false}),
            UpdateForm::Empty => json!({}),
            UpdateForm::None => return,
        };
        stage.send(json!({ "sessionResumptionUpdate": update }));
    }

    /// Sends an update of this form, whatever the session is doing.
    pub(super) fn send_update(&mut self, form: Update, stage: &mut Stage<'_>) {
        let mut update = Map::new();
        if let Some(handle) = form.new_handle {
            let handle = match handle {
                NewHandle::Fresh => self.handle(false, stage),
                NewHandle::Unknown => self.handle(true, stage),
                NewHandle::Empty => String::new(),
            };
            update.insert("newHandle".to_owned(), Value::from(handle));
        }
        if let Some(resumable) = form.resumable {
            update.insert("resumable".to_owned(), Value::from(resumable));
        }
        stage.send(json!({ "sessionResumptionUpdate": update }));
    }

    /// A new handle. One that does not resume anything stands for nothing: who uses it is told so.
    fn handle(&mut self, stands_for_nothing: bool, stage: &mut Stage<'_>) -> String {
        let handle = stage.service.next_handle();
        if !stands_for_nothing {
            let mut memory = self.memory.clone();
            memory.lived += stage.now - self.began;
            memory.calls = self.calls.clone();
            let remembered = Remembered {
                given_to: stage.id,
                chain: self.chain,
                stale_words: None,
                model: self.settings.model.clone(),
                memory,
                at: stage.now,
            };
            stage.service.handles.remember(handle.clone(), remembered);
        }
        handle
    }
}
