//! A connection that is not answered but played, as it was recorded.

use serde_json::Value;

use super::ear::Ear;
use super::{Action, Conversation, State};
use crate::Time;
use crate::audio::pcm;
use crate::record::Record;
use crate::refusal::Refusal;
use crate::replay::{Played, Player, kind_of};
use crate::schema::base64_bytes;
use crate::service::Service;
use crate::settings::resumption_handle;

/// What is needed to play a connection.
#[derive(Debug)]
pub(super) struct Replaying {
    player: Player,
    ear: Ear,
}

impl Replaying {
    pub(super) fn deadline(&self) -> Option<Time> {
        self.player.deadline()
    }

    /// The client sent a message: what it is, and what audio is in it.
    fn receive(&mut self, message: &Value, now: Time, record: &mut Record) {
        let kind = kind_of(message);
        let audio = &message["realtimeInput"]["audio"];
        let rate_hz = audio["mimeType"].as_str().and_then(pcm::rate_hz);
        let Some(rate_hz) = rate_hz else { return self.player.asked(&kind, now) };
        let samples = pcm::samples(&audio["data"].as_str().and_then(base64_bytes).unwrap_or_default());
        let count = samples.len();
        let length = std::time::Duration::from_micros(count as u64 * 1_000_000 / u64::from(rate_hz));
        let at_16_khz = self.ear.at_16_khz(samples, rate_hz);
        record.received("realtimeInput.audio");
        record.heard(count, audio["mimeType"].as_str().unwrap_or_default(), &at_16_khz, now);
        self.player.heard(length, now);
    }
}

impl Conversation {
    /// Plays the recorded connection that a setup begins, if connections are played here. Whether they are.
    pub(super) fn begin_replay(
        &mut self,
        setup: &Value,
        service: &mut Service,
        now: Time,
    ) -> Result<bool, Refusal> {
        let Some(recording) = service.recording.clone() else { return Ok(false) };
        let handle = resumption_handle(setup);
        let Some(recorded) = recording.connection(handle, service.replayed.of(handle)) else {
            return Err(Refusal::new(
                1007,
                "Invalid session handle",
                "the recording was not resumed with this handle",
            ));
        };
        service.replayed.begin(handle);
        let replaying = Replaying { player: Player::new(recorded, now), ear: Ear::new(None) };
        self.record(service, |record| {
            record.received("setup");
            record.setup(setup.clone(), setup);
            record.replays(recorded.number);
        });
        self.state = State::Replaying(Box::new(replaying));
        Ok(true)
    }

    /// The client sent a message to a connection that is played.
    pub(super) fn replay_message(&mut self, message: &Value, service: &mut Service, now: Time) {
        let State::Replaying(replaying) = &mut self.state else { return };
        let Some(record) = service.records.get_mut(self.id) else { return };
        replaying.receive(message, now, record);
        replaying.player.divergences().for_each(|how| record.diverged(how));
    }

    /// Says what was said at this point.
    pub(super) fn replay_on_time(&mut self, service: &mut Service, now: Time) -> Result<(), Refusal> {
        while let State::Replaying(replaying) = &mut self.state {
            let played = replaying.player.due(now);
            let divergences: Vec<String> = replaying.player.divergences().collect();
            self.record(service, |record| divergences.into_iter().for_each(|how| record.diverged(how)));
            match played {
                None => break,
                Some(Played::Say(message)) => {
                    let samples = samples(&message);
                    if !samples.is_empty() {
                        self.record(service, |record| record.spoke(&samples, now));
                    }
                    self.out.send(message);
                }
                Some(Played::Raw(text)) => self.out.send_raw(text, None),
                Some(Played::Close { code, reason }) => {
                    return Err(Refusal::new(code, &reason, "as it was recorded"));
                }
                Some(Played::Break) => self.break_off(Action::Cut, service, now),
            }
        }
        Ok(())
    }
}

/// The samples of a message of the server's.
fn samples(message: &Value) -> Vec<i16> {
    let parts =
        message["serverContent"]["modelTurn"]["parts"].as_array().map(Vec::as_slice).unwrap_or_default();
    let data = parts.iter().filter_map(|part| part["inlineData"]["data"].as_str());
    data.flat_map(|data| pcm::samples(&base64_bytes(data).unwrap_or_default())).collect()
}
