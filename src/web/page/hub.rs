//! What a session tells, on its way to the application: one bounded log, read by any number of consumers.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    future::poll_fn,
    rc::Rc,
    task::{Context, Poll, Waker},
};

use crate::web::{
    driver::meaning::Meaning,
    page::{
        handle::{Handle, closed_early},
        life::Life,
    },
    sys::{
        channel::{Oneshot, sleep, wait_in},
        task::spawn_local,
    },
};
use crate::{
    error::{Code, Error, Warning},
    event::{LocalEvent, SessionEvent, State},
};

/// The events of a session, in the form `E` that its application gets.
///
/// | consumer | gets |
/// |---|---|
/// | the first ones to come | every event since the session began |
/// | one that comes later | what happens from then on |
/// | one that follows another which was just left | what that one had not taken |
///
/// A consumer that comes in the same turn of the event loop as the very first is one of the first. When a consumer falls
/// behind by as many events as the log holds, the session fails with `event-overflow`.
pub(in crate::web) struct Hub<E> {
    /// Makes of an event what the application gets.
    form: fn(&SessionEvent) -> E,
    life: Rc<Life>,
    /// Held until the last event, whoever forgets the session: what is open is heard, and ends.
    session: RefCell<Option<Rc<Handle>>>,
    opened: Oneshot<Result<(), Error>>,
    log: RefCell<Log<E>>,
    wakers: RefCell<Vec<Waker>>,
    /// The latest event of each of the last turns, by the turn's number.
    turns: RefCell<Vec<(u32, E)>>,
    most_turns: usize,
    /// The latest event of what was used.
    usage: RefCell<Option<E>>,
    /// Hears each event at once. Says `false` when it cannot follow.
    listeners: RefCell<Option<Listening<E>>>,
}

type Listening<E> = Rc<dyn Fn(&E, bool) -> bool>;

impl<E: Clone + 'static> Hub<E> {
    /// A hub whose consumers may fall behind by `limit` events, and that keeps so many turns.
    pub(in crate::web) fn new(limit: usize, most_turns: u32, form: fn(&SessionEvent) -> E) -> Rc<Self> {
        Rc::new(Self {
            form,
            life: Rc::default(),
            session: RefCell::default(),
            opened: Oneshot::default(),
            log: RefCell::new(Log::new(limit)),
            wakers: RefCell::default(),
            turns: RefCell::default(),
            most_turns: most_turns as usize,
            usage: RefCell::default(),
            listeners: RefCell::default(),
        })
    }

    pub(in crate::web) fn life(&self) -> &Rc<Life> {
        &self.life
    }

    /// The session whose events these are. It is released with the last of them.
    pub(in crate::web) fn set_session(&self, session: &Rc<Handle>) {
        self.session.replace(Some(session.clone()));
    }

    pub(in crate::web) fn session(&self) -> Option<Rc<Handle>> {
        self.session.borrow().clone()
    }

    /// Settles when the session is open or has failed.
    pub(in crate::web) fn opened(&self) -> &Oneshot<Result<(), Error>> {
        &self.opened
    }

    /// Settles [`opened`](Self::opened) with a failure ahead of the event that tells it.
    pub(in crate::web) fn give_up(&self, error: Error) {
        self.opened.put(Err(error));
    }

    /// An event that this side noticed itself.
    pub(in crate::web) fn tell(&self, event: &SessionEvent) {
        self.hear((self.form)(event), Meaning::of(event));
    }

    /// The session is over without the word of its driver, which says what state it is in as well.
    pub(in crate::web) fn tell_end(&self, error: Option<Error>) {
        if self.life.state() != State::Closed {
            self.tell(&LocalEvent::StateChange { state: State::Closed }.into());
        }
        self.tell(&LocalEvent::Closed { close: None, error }.into());
    }

    /// Tells of what this side noticed.
    pub(in crate::web) fn warn(&self, warnings: Vec<Warning>) {
        warnings.into_iter().for_each(|warning| self.tell(&warning.into()));
    }

    /// An event came.
    pub(in crate::web) fn hear(&self, event: E, meaning: Meaning) {
        // A Worker may crash after it was done, and twice. Nothing follows the last event.
        if self.life.is_over() {
            return;
        }
        match meaning {
            Meaning::Closed(error) => return self.end(&event, error),
            Meaning::State(state) => self.life.on_state(state),
            Meaning::Opened => self.opened.put(Ok(())),
            Meaning::Handle(handle) => {
                let session = self.session();
                session.iter().for_each(|session| session.keep(handle.as_ref()));
            }
            Meaning::Kept(0) => drop(self.usage.replace(Some(event.clone()))),
            Meaning::Kept(id) => self.keep_turn(id, &event),
            Meaning::News | Meaning::Calls => {}
        }
        let mut can_follow = self.log.borrow_mut().push(event.clone());
        self.wake();
        can_follow &= self.inform(&event, false);
        if !can_follow && let Some(session) = self.session() {
            session.fail(overflow());
        }
    }

    fn keep_turn(&self, id: u32, event: &E) {
        let mut turns = self.turns.borrow_mut();
        match turns.iter_mut().rev().find(|(known, _)| *known == id) {
            Some((_, known)) => *known = event.clone(),
            None => turns.push((id, event.clone())),
        }
        let surplus = turns.len().saturating_sub(self.most_turns);
        drop(turns.drain(..surplus));
    }

    /// The latest event of each turn that is kept, oldest first.
    pub(in crate::web) fn turns(&self) -> Vec<E> {
        self.turns.borrow().iter().map(|(_, event)| event.clone()).collect()
    }

    /// The latest event of what was used.
    pub(in crate::web) fn usage(&self) -> Option<E> {
        self.usage.borrow().clone()
    }

    fn end(&self, event: &E, error: Option<Error>) {
        self.life.on_closed(error.clone());
        self.opened.put(Err(error.unwrap_or_else(closed_early)));
        self.log.borrow_mut().end(event.clone());
        self.wake();
        let session = self.session.take();
        // Not at once: this may be called by the very socket or port that is released.
        spawn_local(async move { session.iter().for_each(|session| session.release()) });
        self.inform(event, true);
        self.listeners.take();
    }

    fn inform(&self, event: &E, is_last: bool) -> bool {
        let listeners = self.listeners.borrow().clone();
        listeners.is_none_or(|hear| hear(event, is_last))
    }

    fn wake(&self) {
        self.wakers.take().into_iter().for_each(Waker::wake);
    }

    /// A new consumer that takes the events one by one.
    pub(in crate::web) fn consume(self: &Rc<Self>) -> Cursor<E> {
        let place = self.log.borrow_mut().enter();
        self.claim();
        Cursor { hub: self.clone(), place }
    }

    /// A new consumer that is told each event as it comes. Answers what it is to be told first: what happened since the
    /// session began, unless somebody else was given it.
    pub(in crate::web) fn listen(self: &Rc<Self>, hear: impl Fn(&E, bool) -> bool + 'static) -> Vec<E> {
        let past = self.log.borrow().untaken();
        self.claim();
        if !self.life.is_over() {
            self.listeners.replace(Some(Rc::new(hear)));
        }
        past
    }

    /// Somebody consumes: what is kept for nobody goes, a turn of the event loop later.
    fn claim(self: &Rc<Self>) {
        let is_first = !self.log.borrow_mut().is_claimed.replace(true);
        if is_first {
            self.clone().clear_later();
        }
    }

    fn clear_later(self: Rc<Self>) {
        spawn_local(async move {
            sleep(0).await;
            self.log.borrow_mut().clear();
        });
    }
}

/// One consumer's place in the log. It is given up when dropped.
pub(in crate::web) struct Cursor<E: Clone + 'static> {
    hub: Rc<Hub<E>>,
    place: Rc<Place>,
}

/// What a consumer takes.
pub(in crate::web) enum Taken<E> {
    /// The next event.
    Event(E),
    /// Why the session ended, once, after its last event.
    Failure(Error),
    /// Nothing more.
    Nothing,
}

impl<E: Clone + 'static> Cursor<E> {
    pub(in crate::web) async fn next(&self) -> Taken<E> {
        poll_fn(|context| self.poll(context)).await
    }

    pub(in crate::web) fn poll(&self, context: &Context<'_>) -> Poll<Taken<E>> {
        if self.place.is_left.get() {
            return Poll::Ready(Taken::Nothing);
        }
        if let Some(event) = self.hub.log.borrow_mut().take(&self.place) {
            return Poll::Ready(Taken::Event(event));
        }
        if !self.hub.life.is_over() {
            wait_in(&self.hub.wakers, context.waker());
            return Poll::Pending;
        }
        self.leave();
        Poll::Ready(self.hub.life.failure().map_or(Taken::Nothing, Taken::Failure))
    }

    /// Wants nothing more.
    pub(in crate::web) fn leave(&self) {
        if self.place.is_left.replace(true) {
            return;
        }
        self.hub.log.borrow_mut().leave(&self.place);
        self.hub.clone().clear_later();
        self.hub.wake();
    }
}

impl<E: Clone + 'static> Drop for Cursor<E> {
    fn drop(&mut self) {
        self.leave();
    }
}

struct Place {
    /// The number of the event that is next.
    next: Cell<u32>,
    is_left: Cell<bool>,
}

/// The events that somebody has not taken yet. They are numbered from the session's beginning.
struct Log<E> {
    events: VecDeque<E>,
    /// The number of the oldest event that is here.
    first: u32,
    /// The first number that no consumer was given.
    given: u32,
    limit: usize,
    places: Vec<Rc<Place>>,
    /// Whether anybody ever consumed; until then everything is kept.
    is_claimed: Cell<bool>,
    /// Whether what nobody waits for is kept a little longer, for those who come in this turn of the event loop.
    is_kept: bool,
    /// Where a consumer left; the next one continues there.
    left: Option<u32>,
    has_overflowed: bool,
}

impl<E: Clone> Log<E> {
    fn new(limit: usize) -> Self {
        Self {
            events: VecDeque::new(),
            first: 0,
            given: 0,
            limit,
            places: Vec::new(),
            is_claimed: Cell::new(false),
            is_kept: true,
            left: None,
            has_overflowed: false,
        }
    }

    fn end_number(&self) -> u32 {
        self.first.wrapping_add(self.events.len() as u32)
    }

    /// Takes in an event. Says `false`, once, when it has no room for it; from then on it takes the last alone.
    fn push(&mut self, event: E) -> bool {
        if self.has_overflowed {
            return true;
        }
        if self.events.len() >= self.limit {
            self.has_overflowed = true;
            return false;
        }
        self.events.push_back(event);
        self.trim();
        true
    }

    fn end(&mut self, event: E) {
        self.events.push_back(event);
        self.trim();
    }

    fn enter(&mut self) -> Rc<Place> {
        let start = match self.left.take() {
            Some(left) => left,
            None if self.is_kept => self.first,
            None => self.end_number(),
        };
        let place = Rc::new(Place { next: Cell::new(start), is_left: Cell::new(false) });
        self.places.push(place.clone());
        place
    }

    fn leave(&mut self, place: &Rc<Place>) {
        self.places.retain(|other| !Rc::ptr_eq(other, place));
        if self.places.is_empty() {
            self.left = Some(place.next.get());
        }
    }

    fn take(&mut self, place: &Place) -> Option<E> {
        let number = place.next.get();
        let event = self.events.get(number.wrapping_sub(self.first) as usize)?.clone();
        place.next.set(number.wrapping_add(1));
        if self.offset(place.next.get()) > self.offset(self.given) {
            self.given = place.next.get();
        }
        self.trim();
        Some(event)
    }

    /// How far into the log a number lies; 0 for what is gone.
    fn offset(&self, number: u32) -> usize {
        let offset = number.wrapping_sub(self.first) as usize;
        if offset > self.events.len() { 0 } else { offset }
    }

    /// What is kept and was given to nobody.
    fn untaken(&self) -> Vec<E> {
        if !self.is_kept {
            return Vec::new();
        }
        let untaken = self.offset(self.given)..self.events.len();
        untaken.filter_map(|at| self.events.get(at).cloned()).collect()
    }

    /// Keeps for nobody but those who are there.
    fn clear(&mut self) {
        self.is_kept = false;
        self.left = None;
        self.trim();
    }

    /// Drops what everybody has taken.
    fn trim(&mut self) {
        if self.is_kept || self.left.is_some() {
            return;
        }
        let waited_for = self.places.iter().map(|place| self.offset(place.next.get())).min();
        let count = waited_for.unwrap_or(self.events.len());
        for _ in 0..count {
            self.events.pop_front();
        }
        self.first = self.first.wrapping_add(count as u32);
    }
}

fn overflow() -> Error {
    Error::new(Code::EventOverflow, "The application did not take its events: the queue is full.")
        .with_remedy("Take events as they come and do slow work elsewhere, leave a loop that is not needed, or raise eventQueueLimit.")
}
