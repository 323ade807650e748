//! What one task brings and others wait for, on one thread.

use std::{
    cell::{Cell, RefCell},
    future::{Future, poll_fn},
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use crate::web::sys::{
    task::spawn_local,
    timer::{Alarm, now},
};

/// A value that comes once, for one who waits.
#[derive(Debug)]
pub(in crate::web) struct Oneshot<T> {
    value: RefCell<Option<T>>,
    settled: Latch,
}

impl<T> Default for Oneshot<T> {
    fn default() -> Self {
        Self { value: RefCell::new(None), settled: Latch::default() }
    }
}

impl<T> Oneshot<T> {
    /// Brings the value. Only the first counts; a later one is dropped.
    pub(in crate::web) fn put(&self, value: T) {
        if !self.settled.is_set() {
            self.value.replace(Some(value));
            self.settled.set();
        }
    }

    /// Waits for the value. Only the first who asks gets it.
    pub(in crate::web) async fn take(&self) -> Option<T> {
        self.settled.wait().await;
        self.value.take()
    }

    /// Waits for the value no longer than `ms`.
    pub(in crate::web) async fn take_within(&self, ms: u32) -> Option<T> {
        within(ms, &self.settled).await;
        self.value.take()
    }
}

/// Something that happens once, for all who wait.
#[derive(Debug, Default)]
pub(in crate::web) struct Latch {
    is_set: Cell<bool>,
    wakers: RefCell<Vec<Waker>>,
}

impl Latch {
    pub(in crate::web) fn set(&self) {
        self.is_set.set(true);
        self.wakers.take().into_iter().for_each(Waker::wake);
    }

    pub(in crate::web) fn set_if(&self, condition: bool) {
        if condition {
            self.set();
        }
    }

    pub(in crate::web) fn is_set(&self) -> bool {
        self.is_set.get()
    }

    pub(in crate::web) async fn wait(&self) {
        poll_fn(|context| self.poll(context)).await;
    }

    pub(in crate::web) fn poll(&self, context: &Context<'_>) -> Poll<()> {
        if self.is_set.get() {
            return Poll::Ready(());
        }
        wait_in(&self.wakers, context.waker());
        Poll::Pending
    }
}

/// Puts a waker among those that wait, once.
pub(in crate::web) fn wait_in(wakers: &RefCell<Vec<Waker>>, waker: &Waker) {
    let mut wakers = wakers.borrow_mut();
    if !wakers.iter().any(|other| other.will_wake(waker)) {
        wakers.push(waker.clone());
    }
}

/// Waits until all are done, or `stop` is set. They go on at the same time, and each is dropped when it is done.
pub(in crate::web) async fn all_until(
    stop: &Latch,
    mut futures: Vec<Pin<Box<dyn Future<Output = ()> + '_>>>,
) {
    poll_fn(|context| {
        futures.retain_mut(|future| future.as_mut().poll(context).is_pending());
        if futures.is_empty() { Poll::Ready(()) } else { stop.poll(context) }
    })
    .await;
}

/// What a promise comes to. It is observed from here on, whether or not anybody waits.
pub(in crate::web) fn observed(promise: Promise) -> Rc<Oneshot<Result<JsValue, JsValue>>> {
    let answer: Rc<Oneshot<_>> = Rc::default();
    let answering = answer.clone();
    spawn_local(async move { answering.put(JsFuture::from(promise).await) });
    answer
}

/// Waits no longer than `ms`. Says whether it has happened.
///
/// No promise stands behind the deadline: one that never settles would keep its two callbacks for ever, and most deadlines
/// are never reached. Nor is this generic: it would be another copy for each thing that is waited for.
pub(in crate::web) async fn within(ms: u32, latch: &Latch) -> bool {
    let rang: Rc<Latch> = Rc::default();
    let ringing = rang.clone();
    let alarm = Alarm::new(move || ringing.set());
    alarm.set(Some(now() + Duration::from_millis(ms.into())));
    poll_fn(|context| if latch.poll(context).is_ready() { Poll::Ready(()) } else { rang.poll(context) })
        .await;
    latch.is_set()
}

/// Waits so many milliseconds; 0 is one turn of the event loop.
pub(in crate::web) async fn sleep(ms: u32) {
    within(ms, &Latch::default()).await;
}
