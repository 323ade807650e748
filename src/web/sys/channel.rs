//! What one task brings and others wait for, on one thread.

use std::{
    cell::{Cell, RefCell},
    future::{Future, poll_fn},
    pin::{Pin, pin},
    task::{Poll, Waker},
};

/// A value that comes once, for one who waits.
#[derive(Debug)]
pub(in crate::web) struct Oneshot<T> {
    value: RefCell<Option<T>>,
    is_settled: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

impl<T> Default for Oneshot<T> {
    fn default() -> Self {
        Self { value: RefCell::new(None), is_settled: Cell::new(false), waker: RefCell::new(None) }
    }
}

impl<T> Oneshot<T> {
    /// Brings the value. Only the first counts; a later one is dropped.
    pub(in crate::web) fn put(&self, value: T) {
        if self.is_settled.replace(true) {
            return;
        }
        self.value.replace(Some(value));
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    pub(in crate::web) async fn take(&self) -> T {
        poll_fn(|context| match self.value.take() {
            Some(value) => Poll::Ready(value),
            None => {
                self.waker.replace(Some(context.waker().clone()));
                Poll::Pending
            }
        })
        .await
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
        poll_fn(|context| {
            if self.is_set.get() {
                return Poll::Ready(());
            }
            wait_in(&self.wakers, context.waker());
            Poll::Pending
        })
        .await;
    }
}

/// Puts a waker among those that wait, once.
pub(in crate::web) fn wait_in(wakers: &RefCell<Vec<Waker>>, waker: &Waker) {
    let mut wakers = wakers.borrow_mut();
    if !wakers.iter().any(|other| other.will_wake(waker)) {
        wakers.push(waker.clone());
    }
}

/// What comes first: the future's value, or `None` when `other` is done before it.
pub(in crate::web) async fn unless<T>(
    other: impl Future<Output = ()>,
    future: impl Future<Output = T>,
) -> Option<T> {
    let mut value = None;
    either(pin!(async { value = Some(future.await) }), pin!(other)).await;
    value
}

/// Waits until one of the two is done. Not generic: this would be another copy for each pair of futures.
async fn either(mut one: Pin<&mut dyn Future<Output = ()>>, mut other: Pin<&mut dyn Future<Output = ()>>) {
    poll_fn(|context| match one.as_mut().poll(context) {
        Poll::Ready(()) => Poll::Ready(()),
        Poll::Pending => other.as_mut().poll(context),
    })
    .await;
}

/// Waits until all are done. They go on at the same time, and each is dropped when it is done.
pub(in crate::web) async fn all(mut futures: Vec<Pin<Box<dyn Future<Output = ()> + '_>>>) {
    poll_fn(|context| {
        futures.retain_mut(|future| future.as_mut().poll(context).is_pending());
        if futures.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}
