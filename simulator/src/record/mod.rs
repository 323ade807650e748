//! What is kept of each connection, for whoever tests a client. Bounded, and without credentials.

mod recording;
mod redaction;
mod session;
mod sound;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::Time;
use crate::audio::{INPUT_HZ, OUTPUT_HZ};
use crate::credential::Knock;
use crate::handle::Chain;
use crate::options::Capacity;
use crate::refusal::Refusal;
use crate::script::Span;
pub(crate) use session::Direction;

pub(crate) use redaction::is_secret;
use redaction::{bounded, redacted};
use sound::Sound;

/// The latest connections, oldest first.
#[derive(Debug)]
pub(crate) struct Records {
    capacity: Capacity,
    last_id: u64,
    records: VecDeque<Record>,
    /// How often something was noted.
    changes: u64,
    /// When something was noted last.
    latest: Time,
}

/// One connection.
#[derive(Debug)]
pub(crate) struct Record {
    id: u64,
    /// The number of the latest change to it, among those of all.
    revision: u64,
    path: String,
    run: String,
    credential: &'static str,
    opened: Time,
    script: String,
    attempt: u32,
    chain: Chain,
    setup_received: Value,
    setup_effective: Value,
    client_counts: BTreeMap<&'static str, u64>,
    server_counts: BTreeMap<String, u64>,
    received: Sound,
    sent: Sound,
    close: Value,
    closed: Option<Time>,
    /// What came after that, and nobody heard.
    late: Late,
    log: VecDeque<Value>,
    log_dropped: u64,
    /// The connection of a recording that is played, and where the client did something else than then.
    replays: Option<u32>,
    divergences: Vec<String>,
}

/// What came when a connection had ended, before the client knew.
#[derive(Debug, Default)]
struct Late {
    counts: BTreeMap<String, u64>,
    /// Bytes of the microphone's audio.
    audio_bytes: u64,
}

/// How a connection ended.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ending<'a> {
    /// We closed it.
    Refused(&'a Refusal),
    /// The client closed it.
    Left { code: u16, reason: &'a str },
    /// It broke.
    Lost,
    /// The request for it was answered with this status, or not at all.
    TurnedAway { status: Option<u16> },
}

impl Records {
    pub(crate) fn new(capacity: Capacity) -> Self {
        Self { capacity, last_id: 0, records: VecDeque::new(), changes: 0, latest: Time::ZERO }
    }

    /// Begins a record and gives its id; the oldest is dropped when there are too many.
    pub(crate) fn open(&mut self, knock: &Knock, now: Time) -> u64 {
        self.last_id += 1;
        self.changes += 1;
        self.latest = self.latest.max(now);
        while self.records.len() >= self.capacity.connections.max(1) {
            self.records.pop_front();
        }
        // Audio is large: that of sessions long over goes first.
        for record in self
            .records
            .iter_mut()
            .rev()
            .skip(self.capacity.with_audio.saturating_sub(1))
            .filter(|record| !record.close.is_null())
        {
            record.received.kept = Vec::new();
            record.sent.kept = Vec::new();
        }
        self.records.push_back(Record {
            id: self.last_id,
            revision: self.changes,
            path: knock.path(),
            run: knock.door.run.clone(),
            credential: knock.kind(),
            opened: now,
            script: String::new(),
            attempt: 0,
            chain: Chain::default(),
            setup_received: Value::Null,
            setup_effective: Value::Null,
            client_counts: BTreeMap::new(),
            server_counts: BTreeMap::new(),
            received: Sound::default(),
            sent: Sound::default(),
            close: Value::Null,
            closed: None,
            late: Late::default(),
            log: VecDeque::new(),
            log_dropped: 0,
            replays: None,
            divergences: Vec::new(),
        });
        self.last_id
    }

    /// The record, unless newer ones have displaced it.
    pub(crate) fn get(&self, id: u64) -> Option<&Record> {
        self.records.iter().find(|record| record.id == id)
    }

    /// The record, for something to be noted in it.
    pub(crate) fn get_mut(&mut self, id: u64) -> Option<&mut Record> {
        self.changes += 1;
        let record = self.records.iter_mut().rev().find(|record| record.id == id)?;
        record.revision = self.changes;
        Some(record)
    }

    pub(crate) fn list(&self) -> Value {
        self.records.iter().map(|record| self.summary(record)).collect()
    }

    /// The connections that somebody asks for.
    pub(crate) fn find(&self, wanted: &Wanted) -> Vec<Value> {
        let found = self.records.iter().filter(|record| wanted.is(record));
        found.map(|record| self.summary(record)).collect()
    }

    /// What is known of a connection, and how long it was open beside another of its session.
    pub(crate) fn summary(&self, record: &Record) -> Value {
        let mut summary = record.summary();
        let others = self.records.iter().filter(|other| other.id != record.id);
        let beside =
            others.filter(|other| other.chain.session == record.chain.session && record.chain.session > 0);
        let overlap: Duration = beside.map(|other| self.overlap(record, other)).sum();
        summary["overlapMs"] = json!(overlap.as_millis() as u64);
        summary
    }

    fn overlap(&self, one: &Record, other: &Record) -> Duration {
        let end = |record: &Record| record.closed.unwrap_or(self.latest);
        end(one).min(end(other)).saturating_sub(one.opened.max(other.opened))
    }

    /// A connection came to its end.
    pub(crate) fn ended(&mut self, id: u64, ending: Ending<'_>, now: Time) {
        self.latest = self.latest.max(now);
        self.get_mut(id).into_iter().for_each(|record| record.ended(ending, now));
    }

    /// Takes what is open for open until `now`.
    pub(crate) fn is_asked_at(&mut self, now: Time) {
        self.latest = self.latest.max(now);
    }

    /// Grows whenever something was noted.
    pub(crate) fn changes(&self) -> u64 {
        self.changes
    }

    /// Forgets the connections of a run, or all: gives their sessions. Numbers go on.
    pub(crate) fn forget(&mut self, run: Option<&str>) -> Vec<u64> {
        self.changes += 1;
        let is_meant = |record: &Record| run.is_none_or(|run| run == record.run);
        let sessions = self
            .records
            .iter()
            .filter(|record| is_meant(record))
            .map(|record| record.chain.session)
            .collect();
        self.records.retain(|record| !is_meant(record));
        sessions
    }
}

/// Which connections somebody asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Wanted {
    /// Those with a higher id.
    pub(crate) after: u64,
    /// Those that have changed since the change with this number.
    pub(crate) since: u64,
    /// Those that are over.
    pub(crate) closed: bool,
    /// Those of a run.
    pub(crate) run: Option<String>,
    /// How long there may be none.
    pub(crate) wait: Option<Span>,
}

impl Wanted {
    fn is(&self, record: &Record) -> bool {
        record.id > self.after
            && record.revision > self.since
            && (!self.closed || record.closed.is_some())
            && self.run.as_ref().is_none_or(|run| *run == record.run)
    }
}

impl Record {
    pub(crate) fn setup(&mut self, received: Value, effective: &Value) {
        self.setup_received = bounded(redacted(received), LONGEST_SETUP);
        self.setup_effective = bounded(redacted(effective.clone()), LONGEST_SETUP);
    }

    /// What the connection goes through, and where it stands in its session.
    pub(crate) fn scripted(&mut self, script: String, attempt: u32, chain: Chain) {
        (self.script, self.attempt, self.chain) = (script, attempt, chain);
    }

    /// It is played what was recorded of this connection.
    pub(crate) fn replays(&mut self, connection: u32) {
        self.replays = Some(connection);
    }

    /// The client did something else than when it was recorded.
    pub(crate) fn diverged(&mut self, how: String) {
        if self.divergences.len() < MOST_DIVERGENCES {
            self.divergences.push(how);
        }
    }

    /// A message came in; `kind` is the part of it that matters.
    pub(crate) fn received(&mut self, kind: &'static str) {
        *self.client_counts.entry(kind).or_default() += 1;
    }

    /// Audio came in: as many samples as the client sent, and the same at 16 kHz.
    pub(crate) fn heard(&mut self, samples: usize, mime_type: &str, at_16_khz: &[i16], now: Time) {
        let at_ms = self.ms(now);
        self.received.add(samples, mime_type, at_16_khz, (INPUT_HZ, at_ms));
    }

    /// Audio went out, at 24 kHz.
    pub(crate) fn spoke(&mut self, samples: &[i16], now: Time) {
        let at_ms = self.ms(now);
        self.sent.add(samples.len(), "audio/pcm;rate=24000", samples, (OUTPUT_HZ, at_ms));
    }

    /// Keeps a message in the log. The client's are taken as they came; both are elided.
    pub(crate) fn log(&mut self, from: &'static str, message: Value, now: Time) {
        if from == "server" {
            for kind in message_kinds(&message) {
                *self.server_counts.entry(kind).or_default() += 1;
            }
        }
        if self.log.len() >= MOST_LOGGED {
            self.log.pop_front();
            self.log_dropped += 1;
        }
        let at_ms = self.ms(now);
        self.log.push_back(
            json!({"ms": at_ms, "from": from, "message": bounded(redacted(message), LONGEST_LOGGED)}),
        );
    }

    /// The connection ended. What ends it first is the cause; the rest is consequence.
    pub(crate) fn ended(&mut self, ending: Ending<'_>, now: Time) {
        if !self.close.is_null() {
            return;
        }
        let (by, code, reason, detail) = match ending {
            Ending::Refused(refusal) => {
                ("server", refusal.code, refusal.reason.as_str(), refusal.detail.as_str())
            }
            Ending::Left { code, reason } => ("client", code, reason, ""),
            Ending::Lost => ("network", 1006, "", ""),
            Ending::TurnedAway { .. } => ("server", 1006, "", "no WebSocket was opened"),
        };
        self.closed = Some(now);
        let at_ms = self.ms(now);
        self.close = json!({"by": by, "code": code, "reason": reason, "detail": detail, "ms": at_ms});
        if let Ending::TurnedAway { status } = ending {
            self.close["status"] = json!(status);
        }
    }

    /// A message came when the connection had ended. It is counted and not heard.
    pub(crate) fn late(&mut self, message: &Value) {
        let audio = &message["realtimeInput"]["audio"]["data"];
        self.late.audio_bytes +=
            audio.as_str().map_or(0, |base64| base64.trim_end_matches('=').len() as u64 * 3 / 4);
        for kind in message_kinds(message) {
            *self.late.counts.entry(kind).or_default() += 1;
        }
    }

    pub(crate) fn summary(&self) -> Value {
        let replay =
            self.replays.map(|number| json!({"connection": number, "divergences": self.divergences}));
        json!({
            "replay": replay,
            "id": self.id,
            "revision": self.revision,
            "path": self.path,
            "credential": self.credential,
            "script": self.script,
            "run": self.run,
            "attempt": self.attempt,
            "session": self.chain.session,
            "connection": self.chain.connection,
            "resumedFrom": self.chain.resumed_from,
            "model": self.setup_effective["model"],
            "openedMs": self.opened.as_millis() as u64,
            "setup": {"received": self.setup_received, "effective": self.setup_effective},
            "received": {"counts": self.client_counts, "audio": self.received.summary(INPUT_HZ)},
            "sent": {"counts": self.server_counts, "audio": self.sent.summary(OUTPUT_HZ)},
            "close": self.close,
            "late": {"counts": self.late.counts, "audioBytes": self.late.audio_bytes},
        })
    }

    pub(crate) fn log_json(&self) -> Value {
        self.log_after(0)
    }

    /// The messages after the first so many; `next` is how many there were.
    pub(crate) fn log_after(&self, after: u64) -> Value {
        let skip = usize::try_from(after.saturating_sub(self.log_dropped)).unwrap_or(usize::MAX);
        let messages: Vec<&Value> = self.log.iter().skip(skip).collect();
        json!({"id": self.id, "dropped": self.log_dropped, "next": self.logged(), "messages": messages})
    }

    /// How many messages there were.
    pub(crate) fn logged(&self) -> u64 {
        self.log_dropped + self.log.len() as u64
    }

    /// When audio went by, frame by frame: `[ms, first sample, samples]`, in the samples of the wire.
    pub(crate) fn audio_json(&self) -> Value {
        json!({"id": self.id, "received": self.received.frames(), "sent": self.sent.frames()})
    }

    fn ms(&self, now: Time) -> u64 {
        now.saturating_sub(self.opened).as_millis() as u64
    }

    /// What was received, at 16 kHz.
    pub(crate) fn received_samples(&self) -> &[i16] {
        &self.received.kept
    }

    /// What was sent, at 24 kHz.
    pub(crate) fn sent_samples(&self) -> &[i16] {
        &self.sent.kept
    }
}

/// What a message of the server's carries: `serverContent.turnComplete`, `toolCall` and so on.
fn message_kinds(message: &Value) -> Vec<String> {
    let Some(fields) = message.as_object() else { return vec!["malformed".to_owned()] };
    let inner = |name: &str, value: &Value| match (name, value.as_object()) {
        ("serverContent", Some(content)) => {
            content.keys().map(|key| format!("serverContent.{key}")).collect()
        }
        _ => vec![name.to_owned()],
    };
    fields.iter().flat_map(|(name, value)| inner(name, value)).collect()
}

const MOST_DIVERGENCES: usize = 100;
const MOST_LOGGED: usize = 5_000;
const LONGEST_LOGGED: usize = 16 << 10;
const LONGEST_SETUP: usize = 256 << 10;
