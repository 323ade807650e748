//! What a socket was given and has not sent.

use std::time::Duration;

use super::outbox::{Parcel, Sent};
use crate::{protocol::message::Message, queue::Queue, time::Instant};

/// The parcels that lie in a socket's buffer, or are on their way there. Where the connection is lost they never left, and
/// go out over the next one.
#[derive(Debug, Default)]
pub(super) struct Unsent {
    parcels: Queue<(usize, Instant, Option<Sent>)>,
    bytes: usize,
    /// Bytes of those that the socket was not given yet: their actions have not been performed.
    coming: usize,
    /// When the socket is to be asked again. Were it not, words would be taken for unsent because nothing happened since.
    look_at: Option<Instant>,
    /// The socket takes nothing any more: what it says of its buffer counts no longer.
    is_stuck: bool,
}

impl Unsent {
    /// A message is to be sent, of so many bytes. What is not worth sending twice has no parcel.
    pub(super) fn push(&mut self, bytes: usize, parcel: Option<Sent>, now: Instant) {
        self.look_at.get_or_insert(now + SOON);
        self.bytes += bytes;
        self.coming += bytes;
        self.parcels.push_back((bytes, now, parcel));
    }

    /// Whether this message lies there still.
    pub(super) fn holds(&self, message: &Message) -> bool {
        let is_it = |sent: &Sent| matches!(&sent.what, Parcel::Message(own) if own.text == message.text);
        self.parcels.any(|(.., parcel)| parcel.as_ref().is_some_and(is_it))
    }

    /// The socket was given so many of them.
    pub(super) fn on_given(&mut self, bytes: usize) {
        self.coming = self.coming.saturating_sub(bytes);
    }

    /// So many bytes wait in the socket: what was given before those has left.
    pub(super) fn on_backlog(&mut self, bytes: u32) {
        let waiting = self.coming + bytes as usize;
        while !self.is_stuck
            && let Some((first, ..)) = self.parcels.front()
            && self.bytes - first >= waiting
        {
            self.bytes -= first;
            self.parcels.pop_front();
        }
        if self.parcels.is_empty() {
            self.look_at = None;
        }
    }

    /// Time has passed. The socket has been asked before that was told.
    pub(super) fn on_time(&mut self, now: Instant) {
        if self.look_at.is_some_and(|due| due <= now) {
            self.look_at = Some(now + LATER);
        }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.look_at.filter(|_| !self.is_stuck)
    }

    /// The socket did not take a message. It will take no other.
    pub(super) fn on_refused(&mut self) {
        self.is_stuck = true;
    }

    pub(super) fn is_stuck(&self) -> bool {
        self.is_stuck
    }

    /// Leaves what certainly never left: of the last moment's the browser may not have said yet that it did.
    pub(super) fn forget_young(&mut self, now: Instant) {
        if !self.is_stuck {
            self.parcels.retain(|(_, since, _)| *since + SOON <= now);
        }
    }

    /// What never left, the last first.
    pub(super) fn take(&mut self) -> Vec<Option<Sent>> {
        let mut parcels = Vec::new();
        while let Some((.., parcel)) = self.parcels.pop_front() {
            parcels.push(parcel);
        }
        self.bytes = 0;
        parcels.reverse();
        parcels
    }
}

const SOON: Duration = Duration::from_millis(100);
const LATER: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::{Instant, Parcel, Sent, Unsent};

    fn frame(samples: usize) -> Option<Sent> {
        Some(Parcel::Microphone(vec![0; samples]).into())
    }

    fn lengths(mut unsent: Unsent) -> Vec<usize> {
        let samples = |parcel| match parcel {
            Some(Sent { what: Parcel::Microphone(samples), .. }) => samples.len(),
            _ => 0,
        };
        unsent.take().into_iter().map(samples).collect()
    }

    fn given(messages: &[usize]) -> Unsent {
        let mut unsent = Unsent::default();
        for (bytes, number) in messages.iter().zip(1..) {
            unsent.push(*bytes, frame(number), Instant::ZERO);
            unsent.on_given(*bytes);
        }
        unsent
    }

    #[test]
    fn what_lies_in_the_buffer_is_the_last_that_was_given() {
        for (backlog, wanted) in [
            (0, vec![]),
            (1, vec![3]),
            (10, vec![3]),
            (11, vec![3, 2]),
            (60, vec![3, 2, 1]),
            (99, vec![3, 2, 1]),
        ] {
            let mut unsent = given(&[30, 20, 10]);
            unsent.on_backlog(backlog);
            assert_eq!(lengths(unsent), wanted, "{backlog}");
        }
    }

    #[test]
    fn what_the_socket_was_not_given_yet_is_in_no_buffer() {
        let mut unsent = given(&[30]);
        unsent.push(20, frame(2), Instant::ZERO);
        unsent.on_backlog(0);
        assert_eq!(lengths(unsent), [2]);
    }

    #[test]
    fn a_socket_that_takes_nothing_says_nothing_of_its_buffer() {
        let mut unsent = given(&[30, 20]);
        unsent.on_refused();
        unsent.on_backlog(0);
        assert_eq!(lengths(unsent), [2, 1]);
    }
}
