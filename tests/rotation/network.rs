//! A network and a service as a script has them: sockets that open late, break, fall silent or fill up, and a service that
//! knows conversations by their handles and takes one connection for each.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::{Value, json};

use gemini_live_web::{
    error::CloseFrame,
    protocol::message::{Kind, Message},
    session::ConnId,
};

use super::{
    step::{Item, items},
    traffic::{Arrival, Departure},
};

/// Milliseconds that anything takes from here to there.
pub(super) const WAY: f64 = 50.0;

/// The longest of what may be added to that.
const MOST_DELAY: u32 = 400;

/// A socket, as the browser and the service have it.
#[derive(Debug, Default)]
pub(super) struct Socket {
    pub(super) is_open: bool,
    /// The session has closed it, or was told of its end.
    pub(super) is_given_up: bool,
    /// The service has closed it: it takes nothing, and in a moment that is told.
    is_closing: bool,
    /// This side is being told that it is closed.
    pub(super) is_ending: bool,
    /// Nothing goes through it, and nobody says so.
    is_dead: bool,
    is_closed_there: bool,
    /// The service has accepted a setup over it, in this conversation.
    pub(super) conversation: Option<u32>,
    pub(super) is_offered: bool,
    pub(super) is_accepted: bool,
    buffer: VecDeque<String>,
    /// At a rate: when so many bytes have left.
    leaving: VecDeque<(f64, usize)>,
}

#[derive(Debug, Default)]
pub(super) struct Network {
    pub(super) now: f64,
    pub(super) sockets: Vec<(ConnId, Socket)>,
    arrivals: Vec<(f64, Arrival)>,
    departures: Vec<(f64, Departure)>,
    /// Connections are refused.
    pub(super) is_down: bool,
    /// Connections are neither made nor refused.
    pub(super) hangs: bool,
    /// Tokens are neither given nor refused.
    pub(super) is_tokenless: bool,
    /// What is given to a socket stays in its buffer.
    pub(super) is_slow: bool,
    /// What the service says arrives twice.
    pub(super) is_twice: bool,
    /// The browser does not say what lay in a socket when it was closed.
    pub(super) is_late: bool,
    /// Bytes that leave a socket in a millisecond, where it takes time.
    pub(super) rate: Option<f64>,
    /// What the differences of delays begin with; without differences 0.
    pub(super) uneven: u32,
    /// The service fails on a message with this in it.
    pub(super) poison: Option<&'static str>,
    /// With these words.
    pub(super) poisoned: CloseFrame,
    /// A setup leaves its socket even so.
    pub(super) passes_setups: bool,
    /// What the next setups are refused with.
    pub(super) refusals: VecDeque<CloseFrame>,
    conversations: u32,
    /// Every setup that was accepted.
    pub(super) setups: Vec<Value>,
    /// Conversations that the service has forgotten.
    forgotten: BTreeSet<u32>,
    handles: u32,
    /// By conversation, and as each handle has it: the calls that are open.
    calls: BTreeMap<u32, BTreeSet<String>>,
    calls_in_handles: BTreeMap<String, BTreeSet<String>>,
    cancelled: BTreeSet<String>,
    /// Calls that were answered where nobody knew of them.
    pub(super) strangers: Vec<String>,
    /// What the service got, in its order, and in which conversation.
    pub(super) delivered: Vec<(f64, u32, String)>,
    /// What left the socket and was lost on the way.
    pub(super) lost_on_the_way: Vec<String>,
}

impl Network {
    pub(super) fn at(now: f64) -> Self {
        Self { now, poisoned: close(1011, "Internal error encountered."), ..Self::default() }
    }

    pub(super) fn socket(&mut self, conn: ConnId) -> &mut Socket {
        let place =
            self.sockets.iter().position(|(name, _)| *name == conn).expect("a socket of the session's");
        &mut self.sockets[place].1
    }

    fn arrive(&mut self, after: f64, arrival: Arrival) {
        let before = self.arrivals.iter().filter(|(_, before)| before.conn() == arrival.conn());
        // A socket keeps the order, however late something is.
        let earliest = before.map(|(at, _)| *at).fold(0.0, f64::max);
        let at = (self.now + after + self.delay()).max(earliest);
        if self.is_twice && matches!(arrival, Arrival::Frame(..)) {
            self.arrivals.push((at, arrival.clone()));
        }
        self.arrivals.push((at, arrival));
    }

    /// What something takes longer than usual on its way here.
    fn delay(&mut self) -> f64 {
        self.uneven ^= self.uneven << 13;
        self.uneven ^= self.uneven >> 17;
        self.uneven ^= self.uneven << 5;
        f64::from(self.uneven % MOST_DELAY)
    }

    /// The session asks for a socket.
    pub(super) fn dial(&mut self, conn: ConnId) {
        assert!(self.sockets.iter().all(|(name, _)| *name != conn), "a name is given once");
        self.sockets.push((conn, Socket::default()));
        if self.is_tokenless {
            return;
        }
        self.arrive(WAY, Arrival::Token(conn));
        if self.is_down {
            self.arrive(2.0 * WAY, Arrival::Closed(conn, broken()));
        } else if !self.hangs {
            self.arrive(3.0 * WAY, Arrival::Opened(conn));
        }
    }

    /// The session sends. Says whether the socket takes it.
    pub(super) fn send(&mut self, conn: ConnId, message: &Message) -> bool {
        let (now, is_slow, rate, passes_setups) = (self.now, self.is_slow, self.rate, self.passes_setups);
        let socket = self.socket(conn);
        if socket.is_closing {
            return false;
        }
        let is_kept = is_slow && !(passes_setups && message.kind == Kind::Setup);
        if is_kept || socket.is_dead || !socket.buffer.is_empty() {
            socket.buffer.push_back(message.text.clone());
        } else if let Some(rate) = rate {
            socket.leaving.retain(|(at, _)| *at > now);
            let before = socket.leaving.back().map_or(now, |(at, _)| *at);
            let at = before + message.text.len() as f64 / rate;
            socket.leaving.push_back((at, message.text.len()));
            self.departures.push((at + WAY, Departure::Message(conn, message.text.clone())));
        } else {
            self.departures.push((now + WAY, Departure::Message(conn, message.text.clone())));
        }
        true
    }

    pub(super) fn backlogs(&self) -> Vec<(ConnId, u32)> {
        let open =
            self.sockets.iter().filter(|(_, socket)| socket.is_open || socket.is_ending && !self.is_late);
        open.map(|(conn, socket)| {
            let leaving = socket.leaving.iter().filter(|(at, _)| *at > self.now).map(|(_, bytes)| bytes);
            (*conn, socket.buffer.iter().map(String::len).chain(leaving.copied()).sum::<usize>() as u32)
        })
        .collect()
    }

    /// The session closes a socket, or stops opening it.
    pub(super) fn close(&mut self, conn: ConnId) {
        let socket = self.socket(conn);
        socket.is_given_up = true;
        let (is_open, is_dead) = (socket.is_open, socket.is_dead);
        if !is_open {
            self.arrivals.retain(|(_, arrival)| arrival.conn() != conn);
        } else if !is_dead {
            self.drain(conn);
            self.departures.push((self.now + WAY, Departure::Closed(conn)));
        }
    }

    /// The driver gives up the newest link, and says so.
    pub(super) fn fail(&mut self) -> Option<ConnId> {
        let conn = self.sockets.iter().rfind(|(_, socket)| !socket.is_given_up).map(|(conn, _)| *conn)?;
        self.forget_departures(conn);
        self.arrivals.retain(|(_, arrival)| arrival.conn() != conn);
        let socket = self.socket(conn);
        (socket.is_open, socket.is_given_up, socket.is_closed_there) = (false, true, true);
        Some(conn)
    }

    /// What waits in the socket goes.
    fn drain(&mut self, conn: ConnId) {
        let (now, socket) = (self.now, self.socket(conn));
        let buffer = std::mem::take(&mut socket.buffer);
        self.departures.extend(buffer.into_iter().map(|text| (now + WAY, Departure::Message(conn, text))));
    }

    pub(super) fn set_slow(&mut self, is_slow: bool) {
        self.is_slow = is_slow;
        if !is_slow {
            for conn in self.alive() {
                self.drain(conn);
            }
        }
    }

    fn alive(&self) -> Vec<ConnId> {
        let alive = self.sockets.iter().filter(|(_, socket)| socket.is_open && !socket.is_dead);
        alive.map(|(conn, _)| *conn).collect()
    }

    /// All sockets break, or the service closes those that it knows; and what was on its way is lost.
    pub(super) fn cut(&mut self, after: f64, close: &CloseFrame) {
        for conn in self.alive() {
            if close.code != 1006 && self.socket(conn).conversation.is_none() {
                continue;
            }
            self.forget_departures(conn);
            self.arrivals.retain(|(_, arrival)| arrival.conn() != conn);
            let socket = self.socket(conn);
            (socket.is_closing, socket.is_dead, socket.is_closed_there) = (true, true, true);
            self.arrive(after, Arrival::Closed(conn, close.clone()));
        }
    }

    /// Nothing goes through any socket, and nobody says so; the service has noticed.
    pub(super) fn fall_silent(&mut self) {
        for conn in self.alive() {
            self.forget_departures(conn);
            self.arrivals.retain(|(_, arrival)| arrival.conn() != conn);
            let socket = self.socket(conn);
            (socket.is_dead, socket.is_closed_there) = (true, true);
        }
    }

    fn forget_departures(&mut self, conn: ConnId) {
        for (_, departure) in self.departures.extract_if(.., |(_, departure)| departure.conn() == conn) {
            if let Departure::Message(_, text) = departure {
                self.lost_on_the_way.push(text);
            }
        }
    }

    /// The link that the service has.
    fn link(&self) -> Option<(ConnId, u32)> {
        let is_heard = |(_, socket): &&(ConnId, Socket)| !socket.is_dead && !socket.is_closed_there;
        let mut heard = self.sockets.iter().filter(is_heard);
        heard
            .rfind(|(_, socket)| socket.conversation.is_some())
            .map(|(conn, socket)| (*conn, socket.conversation.unwrap()))
    }

    /// Whether anything reaches the service, though nobody may have noticed yet that it does not.
    pub(super) fn is_heard(&self) -> bool {
        self.link().is_some()
    }

    /// Over the link that the service has: what it says there.
    pub(super) fn say(&mut self, frame: Value) {
        if let Some((conn, _)) = self.link() {
            self.arrive(WAY, Arrival::Frame(conn, frame));
        }
    }

    pub(super) fn call(&mut self, id: &str) {
        if let Some((_, conversation)) = self.link() {
            self.calls.entry(conversation).or_default().insert(id.to_owned());
            self.say(json!({ "toolCall": { "functionCalls": [{ "id": id, "name": "look", "args": {} }] } }));
        }
    }

    /// Takes a call back that is open.
    pub(super) fn cancel(&mut self, id: &str) {
        if self.link().is_some_and(|(_, conversation)| self.knows(conversation, id))
            && self.cancelled.insert(id.to_owned())
        {
            self.say(json!({ "toolCallCancellation": { "ids": [id] } }));
        }
    }

    /// Whether a call is open in this conversation.
    pub(super) fn knows(&self, conversation: u32, id: &str) -> bool {
        self.calls.get(&conversation).is_some_and(|calls| calls.contains(id))
    }

    /// The conversation of the latest link.
    pub(super) fn conversation(&self) -> u32 {
        self.sockets.iter().rev().find_map(|(_, socket)| socket.conversation).unwrap_or_default()
    }

    pub(super) fn new_handle(&mut self, resumable: bool) -> Value {
        self.handles += 1;
        let conversation = self.link().map_or(self.conversations, |(_, conversation)| conversation);
        let handle = format!("h{conversation}-{}", self.handles);
        let calls = self.calls.get(&conversation).cloned().unwrap_or_default();
        self.calls_in_handles.insert(handle.clone(), calls);
        json!({ "sessionResumptionUpdate": { "newHandle": handle, "resumable": resumable } })
    }

    /// The service forgets every conversation.
    pub(super) fn forget(&mut self) {
        self.forgotten.extend(1..=self.conversations);
    }

    /// Frames that still lie in the buffers of sockets.
    pub(super) fn stuck_frames(&self) -> u32 {
        let buffers = self.sockets.iter().flat_map(|(_, socket)| &socket.buffer);
        buffers.filter(|text| matches!(items(text)[..], [Item::Frame(_)])).count() as u32
    }

    pub(super) fn next(&self) -> Option<f64> {
        let arrivals = self.arrivals.iter().map(|(at, _)| *at);
        arrivals.chain(self.departures.iter().map(|(at, _)| *at)).reduce(f64::min)
    }

    /// What arrives now, on this side; the other side does its part by itself.
    pub(super) fn take(&mut self) -> Option<Arrival> {
        while let Some(place) = self.departures.iter().position(|(at, _)| *at <= self.now) {
            let (_, departure) = self.departures.remove(place);
            self.on_departure(departure);
        }
        let place = self.arrivals.iter().position(|(at, _)| *at <= self.now)?;
        let (_, arrival) = self.arrivals.remove(place);
        match &arrival {
            Arrival::Opened(conn) => self.socket(*conn).is_open = true,
            Arrival::Closed(conn, _) => {
                let socket = self.socket(*conn);
                socket.is_ending = socket.is_open;
                (socket.is_open, socket.is_given_up, socket.is_closed_there) = (false, true, true);
            }
            Arrival::Token(_) | Arrival::Frame(..) => {}
        }
        Some(arrival)
    }

    fn on_departure(&mut self, departure: Departure) {
        match departure {
            Departure::Closed(conn) => {
                self.socket(conn).is_closed_there = true;
                let close = CloseFrame { code: 1000, reason: String::new() };
                self.arrive(WAY, Arrival::Closed(conn, close));
            }
            Departure::Message(conn, text) if text.starts_with(r#"{"setup""#) => self.on_setup(conn, &text),
            Departure::Message(conn, text) => {
                let is_poison = self.poison.is_some_and(|poison| text.contains(poison));
                let socket = self.socket(conn);
                if let Some(conversation) = socket.conversation.filter(|_| !socket.is_closed_there) {
                    for item in items(&text) {
                        let Item::Response(id) = item else { continue };
                        let is_open = self.calls.entry(conversation).or_default().remove(&id);
                        if !is_open && !self.cancelled.contains(&id) {
                            self.strangers.push(id);
                        }
                    }
                    self.delivered.push((self.now, conversation, text));
                    if is_poison {
                        self.refuse(conn, self.poisoned.clone());
                    }
                } else {
                    self.lost_on_the_way.push(text);
                }
            }
        }
    }

    fn refuse(&mut self, conn: ConnId, close: CloseFrame) {
        let socket = self.socket(conn);
        (socket.is_closing, socket.is_closed_there) = (true, true);
        self.arrive(WAY, Arrival::Closed(conn, close));
    }

    fn on_setup(&mut self, conn: ConnId, text: &str) {
        let setup: Value = serde_json::from_str(text).expect("JSON");
        let handle = setup["setup"]["sessionResumption"]["handle"].as_str();
        let wanted = handle.map(|handle| handle[1..].split('-').next().unwrap().parse::<u32>().unwrap());
        let is_taken = |(_, socket): &(ConnId, Socket)| {
            wanted.is_some() && socket.conversation == wanted && !socket.is_closed_there
        };
        let refusal = if let Some(refusal) = self.refusals.pop_front() {
            Some(refusal)
        } else if self.sockets.iter().any(is_taken) {
            Some(close(1011, "Internal error encountered."))
        } else if wanted.is_some_and(|wanted| self.forgotten.contains(&wanted)) {
            Some(close(1008, "BidiGenerateContent session not found"))
        } else {
            None
        };
        if let Some(refusal) = refusal {
            return self.refuse(conn, refusal);
        }
        self.setups.push(setup["setup"].clone());
        self.conversations += u32::from(wanted.is_none());
        let conversation = wanted.unwrap_or(self.conversations);
        let calls = handle.and_then(|handle| self.calls_in_handles.get(handle)).cloned();
        self.calls.insert(conversation, calls.unwrap_or_default());
        self.socket(conn).conversation = Some(conversation);
        self.arrive(WAY, Arrival::Frame(conn, json!({ "setupComplete": {} })));
    }
}

pub(super) fn close(code: u16, reason: &str) -> CloseFrame {
    CloseFrame { code, reason: reason.to_owned() }
}

pub(super) fn broken() -> CloseFrame {
    close(1006, "")
}
