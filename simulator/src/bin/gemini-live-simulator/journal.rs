//! What happens, as lines.

use std::collections::BTreeMap;
use std::time::Duration;

use gemini_live_simulator::Simulator;
use serde_json::Value;

use crate::arguments::Log;

/// What has been printed, and what is to be.
#[derive(Debug)]
pub(crate) struct Journal {
    log: Log,
    connections: BTreeMap<u64, Printed>,
}

/// How much of a connection has been printed.
#[derive(Debug, Default)]
struct Printed {
    opened: bool,
    ended: bool,
    messages: u64,
}

impl Journal {
    /// A journal, if one was asked for.
    pub(crate) fn of(log: Option<Log>) -> Option<Self> {
        Some(Self { log: log?, connections: BTreeMap::new() })
    }

    /// Prints to standard error, until nobody waits for it any more.
    pub(crate) async fn keep(mut self, simulator: Simulator) {
        loop {
            for line in self.lines(&simulator.connections(), |id| simulator.messages(id)) {
                eprintln!("{line}");
            }
            tokio::time::sleep(EVERY).await;
        }
    }

    /// What is new.
    fn lines(&mut self, connections: &Value, messages: impl Fn(u64) -> Option<Value>) -> Vec<String> {
        let mut lines = Vec::new();
        let known: Vec<_> = connections.as_array().into_iter().flatten().collect();
        for connection in &known {
            let Some(id) = connection["id"].as_u64() else { continue };
            let printed = self.connections.entry(id).or_default();
            // What it goes through is known with its setup; one that ends without has none.
            let is_known = !connection["model"].is_null() || !connection["close"].is_null();
            if is_known && !std::mem::replace(&mut printed.opened, true) {
                lines.push(opened(connection));
            }
            if self.log == Log::Messages && !printed.ended {
                lines.extend(messages(id).iter().flat_map(|log| printed.more(id, log)));
            }
            if !connection["close"].is_null() && !std::mem::replace(&mut printed.ended, true) {
                lines.push(ended(connection));
            }
        }
        self.connections.retain(|id, _| known.iter().any(|connection| connection["id"] == *id));
        lines
    }
}

impl Printed {
    /// The messages that came since the last time.
    fn more(&mut self, id: u64, log: &Value) -> Vec<String> {
        let dropped = log["dropped"].as_u64().unwrap_or_default();
        let skip = usize::try_from(self.messages.saturating_sub(dropped)).unwrap_or(usize::MAX);
        let all = log["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
        self.messages = dropped + all.len() as u64;
        all.iter().skip(skip).map(|message| said(id, message)).collect()
    }
}

fn opened(connection: &Value) -> String {
    let (id, model) = (&connection["id"], text(&connection["model"]));
    format!("#{id} opened by {}: {model}, {}", text(&connection["credential"]), text(&connection["script"]))
}

fn said(id: u64, message: &Value) -> String {
    let seconds = message["ms"].as_u64().unwrap_or_default() as f64 / 1000.0;
    format!("#{id} {seconds:.3} {}: {}", text(&message["from"]), message["message"])
}

fn ended(connection: &Value) -> String {
    let close = &connection["close"];
    let why: Vec<_> =
        [text(&close["reason"]), text(&close["detail"])].into_iter().filter(|why| *why != "-").collect();
    let line = format!(
        "#{} ended by the {}: {} {}",
        connection["id"],
        text(&close["by"]),
        close["code"],
        why.join(": ")
    );
    line.trim_end().to_owned()
}

fn text(value: &Value) -> &str {
    value.as_str().filter(|text| !text.is_empty()).unwrap_or("-")
}

/// How long something that happened may wait to be told.
const EVERY: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn connection(id: u64, close: Value) -> Value {
        json!({"id": id, "model": "models/sim-parrot", "credential": "token", "script": "parrot", "close": close})
    }

    fn journal(log: Log) -> Journal {
        Journal::of(Some(log)).unwrap()
    }

    #[test]
    fn a_connection_is_told_when_it_opens_and_when_it_ends_and_once() {
        let mut journal = journal(Log::Connections);
        let open = json!([connection(1, Value::Null)]);
        assert_eq!(journal.lines(&open, |_| None), ["#1 opened by token: models/sim-parrot, parrot"]);
        assert!(journal.lines(&open, |_| None).is_empty());
        let close =
            json!({"by": "server", "code": 1008, "reason": "aborted", "detail": "ten minutes are over"});
        let over = json!([connection(1, close)]);
        assert_eq!(
            journal.lines(&over, |_| None),
            ["#1 ended by the server: 1008 aborted: ten minutes are over"]
        );
        assert!(journal.lines(&over, |_| None).is_empty());
    }

    #[test]
    fn messages_are_told_in_order_though_old_ones_are_dropped() {
        let mut journal = journal(Log::Messages);
        let open = json!([connection(1, Value::Null)]);
        let log = |dropped: u64, texts: &[&str]| {
            let messages: Value =
                texts.iter().map(|text| json!({"ms": 1500, "from": "client", "message": text})).collect();
            Some(json!({"dropped": dropped, "messages": messages}))
        };
        let last = |lines: Vec<String>| lines.last().cloned().unwrap_or_default();
        assert_eq!(last(journal.lines(&open, |_| log(0, &["a", "b"]))), "#1 1.500 client: \"b\"");
        assert!(journal.lines(&open, |_| log(0, &["a", "b"])).is_empty());
        assert_eq!(journal.lines(&open, |_| log(1, &["b", "c"])), ["#1 1.500 client: \"c\""]);
        assert_eq!(journal.lines(&open, |_| log(9, &["y", "z"])).len(), 2);
    }

    #[test]
    fn what_is_no_longer_remembered_is_forgotten() {
        let mut journal = journal(Log::Connections);
        journal.lines(&json!([connection(1, Value::Null)]), |_| None);
        journal.lines(&json!([connection(2, Value::Null)]), |_| None);
        assert_eq!(journal.connections.keys().copied().collect::<Vec<_>>(), [2]);
    }
}
