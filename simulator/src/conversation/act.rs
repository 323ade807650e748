//! What scripts and levers do to a connection.

use serde_json::Value;

use super::{Action, Conversation, DEAF_TIME, State, UNREAD_TIME};
use crate::Time;
use crate::behaviour::LockedHandle;
use crate::credential::Credential;
use crate::handle::Chain;
use crate::memory::Memory;
use crate::record::Ending;
use crate::refusal::Refusal;
use crate::script::{Fault, Plot, Span, Which};
use crate::service::Service;
use crate::settings::Settings;

impl Conversation {
    /// Does what the script has come to.
    pub(super) fn play(&mut self, service: &mut Service, now: Time) -> Result<(), Refusal> {
        while matches!(self.state, State::Open(_)) {
            let due = self.plot.due(now);
            if due.is_empty() {
                break;
            }
            due.iter().try_for_each(|fault| self.act(fault, service, now))?;
        }
        Ok(())
    }

    /// Does one thing of a script's to the connection. What is meant for a setup or an upgrade does nothing here.
    pub(super) fn act(&mut self, fault: &Fault, service: &mut Service, now: Time) -> Result<(), Refusal> {
        match fault {
            Fault::Close(close) => {
                // Said in so many words, it ends a connection that has stalled as well.
                self.stalled_until = None;
                return Err(close.refusal());
            }
            Fault::Cut => self.break_off(Action::Cut, service, now),
            Fault::Reset => self.break_off(Action::Reset, service, now),
            Fault::Stall => {
                self.flush(service, now);
                self.out.seal();
                self.stalled_until.get_or_insert(now + DEAF_TIME);
            }
            Fault::StopReading => {
                self.unread_until.get_or_insert(now + UNREAD_TIME);
                self.actions.push_back(Action::StopReading);
            }
            Fault::SendRaw(raw) => self.out.send_raw(raw.text.clone(), raw.frame),
            Fault::Pacing(pacing) => {
                pacing.bundle.into_iter().for_each(|bundle| self.out.bundle(bundle));
                self.with_session(service, now, |session, _| session.dialogue.change_pace(pacing));
            }
            Fault::ExpireToken => {
                self.retire_token(service, now);
                self.with_session(service, now, |session, _| session.end_with_token(now));
            }
            Fault::RetireToken => self.retire_token(service, now),
            Fault::CancelCalls(which) => {
                let which = which.unwrap_or(Which::All);
                self.with_session(service, now, |session, stage| session.dialogue.cancel_calls(which, stage));
            }
            Fault::GoAway(go_away) => {
                self.with_session(service, now, |session, stage| session.go_away(go_away, stage));
            }
            Fault::StopAnswering => {
                self.with_session(service, now, |session, _| session.dialogue.fall_silent());
            }
            Fault::Send(message) => {
                self.with_session(service, now, |_, stage| stage.send(message.clone()));
            }
            Fault::Resumption(form) => {
                self.with_session(service, now, |session, stage| session.dialogue.send_update(*form, stage));
            }
            Fault::ExpireHandles(expiry) => {
                self.with_session(service, now, |session, stage| {
                    stage.service.handles.expire(Some(session.dialogue.chain.session), expiry.words);
                });
            }
            Fault::RefuseUpgrade(_)
            | Fault::DelaySetup(_)
            | Fault::IgnoreSetup
            | Fault::RefuseSetup(_)
            | Fault::ModelNotFound => {}
        }
        Ok(())
    }

    /// Ends the connection without a close frame, after what was sent so far.
    pub(super) fn break_off(&mut self, how: Action, service: &mut Service, now: Time) {
        self.flush(service, now);
        self.end(Ending::Lost, service, now);
        self.actions.push_back(how);
    }

    fn retire_token(&self, service: &mut Service, now: Time) {
        if let Some(Credential::Token(name)) = &self.credential {
            service.tokens.expire(name, now);
        }
    }

    /// What a locked token makes of the client's handle. The script is not known yet, if the model chooses it.
    pub(super) fn locked_handle(&self, received: &Value, service: &Service) -> LockedHandle {
        if self.behaviour.is_some() || self.knock.door.script.is_some() {
            return self.ways().locked_handle;
        }
        let model = received["model"].as_str().unwrap_or_default();
        service.scripts.of_model(model, &self.knock.door.run).behaviour.locked_handle
    }

    /// Finds out what the connection goes through, and where it stands in its session.
    pub(super) fn take_place(&mut self, model: &str, handle: Option<&str>, service: &mut Service) -> Chain {
        if self.knock.door.script.is_none() {
            let script = service.scripts.of_model(model, &self.knock.door.run);
            let attempt = service.scripts.attempt(&script, &self.knock.door.run);
            self.plot = Plot::new(script, attempt);
        }
        let first = Chain::first(self.id);
        let chain = handle.map_or(first, |handle| service.handles.chain(handle, self.id));
        let restarted =
            handle.is_none() && service.scripts.begins_anew(self.plot.script(), &self.knock.door.run);
        self.plot.begin_anew(restarted);
        self.note_place(chain, service);
        chain
    }

    /// Takes a seat in the session that the setup means. A handle that is refused leads to a session in its place.
    pub(super) fn take_seat(
        &self,
        settings: &Settings,
        service: &mut Service,
        now: Time,
    ) -> Result<Option<Memory>, Refusal> {
        let seat = service.handles.enter(self.id, settings, self.ways(), now);
        if let (Err(_), Some(handle)) = (&seat, &settings.handle)
            && service.handles.is_stale(handle, now)
        {
            service.scripts.handle_refused(self.plot.script(), &self.knock.door.run);
        }
        seat
    }

    pub(super) fn note_place(&self, chain: Chain, service: &mut Service) {
        let (script, attempt) = (self.plot.script().name().to_owned(), self.plot.attempt());
        self.record(service, |record| record.scripted(script, attempt, chain));
    }

    /// Does what the script does at a setup: gives the time when it is to be answered, if it is.
    pub(super) fn meet_setup(
        &mut self,
        model: &str,
        chain: Chain,
        service: &mut Service,
        now: Time,
    ) -> Result<Option<Time>, Refusal> {
        let mut ready = now;
        for fault in self.plot.at_setup(chain.connection) {
            match &fault {
                Fault::DelaySetup(Span(delay)) => ready += *delay,
                Fault::RefuseSetup(close) => return Err(close.refusal()),
                Fault::ModelNotFound => {
                    return Err(Refusal::model_not_found(model, self.knock.version.as_str()));
                }
                Fault::IgnoreSetup | Fault::Stall => {
                    self.state = State::Deaf { until: now + DEAF_TIME };
                    return Ok(None);
                }
                Fault::ExpireHandles(expiry) => service.handles.expire(Some(chain.session), expiry.words),
                // There is no session yet that could count it.
                Fault::Send(message) => self.out.send(message.clone()),
                _ => self.act(&fault, service, now)?,
            }
        }
        Ok((!self.is_over()).then_some(ready))
    }
}
