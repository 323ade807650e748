//! A bounded queue and a slot that can be awaited, on one thread.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    future::poll_fn,
    task::{Context, Poll, Waker},
};

/// What waits for one consumer. It has a bound, and says when it is full.
#[derive(Debug)]
pub(super) struct Queue<T> {
    items: RefCell<VecDeque<T>>,
    limit: usize,
    is_ended: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

impl<T> Queue<T> {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            items: RefCell::new(VecDeque::new()),
            limit,
            is_ended: Cell::new(false),
            waker: RefCell::new(None),
        }
    }

    /// Takes `item` unless the queue is full; then it says `false`. After the end nobody misses it.
    #[must_use]
    pub(super) fn push(&self, item: T) -> bool {
        if self.is_ended.get() {
            return true;
        }
        if self.items.borrow().len() >= self.limit {
            return false;
        }
        self.push_last(item);
        true
    }

    /// Takes `item` even when full: for the one that says why the rest is missing.
    pub(super) fn push_last(&self, item: T) {
        self.items.borrow_mut().push_back(item);
        self.wake();
    }

    /// Nothing more will be pushed: the consumer sees the end once it has taken the rest.
    pub(super) fn end(&self) {
        self.is_ended.set(true);
        self.wake();
    }

    /// The consumer has gone: what waits, and what is pushed from here on, is for nobody.
    pub(super) fn forget(&self) {
        self.end();
        self.clear();
    }

    /// Forgets what waits.
    pub(super) fn clear(&self) {
        self.items.borrow_mut().clear();
    }

    /// The oldest item, if there is one.
    pub(super) fn pop(&self) -> Option<T> {
        self.items.borrow_mut().pop_front()
    }

    pub(super) fn poll_next(&self, context: &mut Context<'_>) -> Poll<Option<T>> {
        if let Some(item) = self.pop() {
            return Poll::Ready(Some(item));
        }
        if self.is_ended.get() {
            return Poll::Ready(None);
        }
        self.waker.replace(Some(context.waker().clone()));
        Poll::Pending
    }

    fn wake(&self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

/// A value that comes once.
#[derive(Debug)]
pub(super) struct Slot<T> {
    value: RefCell<Option<T>>,
    waker: RefCell<Option<Waker>>,
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self { value: RefCell::new(None), waker: RefCell::new(None) }
    }
}

impl<T> Slot<T> {
    /// Puts the value in. Only the first counts.
    pub(super) fn put(&self, value: T) {
        let mut slot = self.value.borrow_mut();
        if slot.is_none() {
            *slot = Some(value);
        }
        drop(slot);
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    pub(super) async fn take(&self) -> T {
        poll_fn(|context| match self.value.borrow_mut().take() {
            Some(value) => Poll::Ready(value),
            None => {
                self.waker.replace(Some(context.waker().clone()));
                Poll::Pending
            }
        })
        .await
    }
}
