//! First in, first out.

use std::fmt;

/// A queue made of two lists. The standard library's ring buffer is no faster, and its code is there once for each
/// kind of item, several times as long: pages load this.
pub(crate) struct Queue<T> {
    /// Those that leave next, the first of them last.
    leaving: Vec<T>,
    /// Those behind them, the latest last.
    coming: Vec<T>,
}

impl<T> Queue<T> {
    pub(crate) const fn len(&self) -> usize {
        self.leaving.len() + self.coming.len()
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn push_back(&mut self, item: T) {
        self.coming.push(item);
    }

    /// Puts one ahead of all others.
    pub(crate) fn push_front(&mut self, item: T) {
        self.leaving.push(item);
    }

    pub(crate) fn pop_front(&mut self) -> Option<T> {
        if self.leaving.is_empty() {
            std::mem::swap(&mut self.leaving, &mut self.coming);
            self.leaving.reverse();
        }
        self.leaving.pop()
    }

    pub(crate) fn front(&self) -> Option<&T> {
        self.leaving.last().or_else(|| self.coming.first())
    }

    /// The first of those that `is_wanted`, taken out.
    pub(crate) fn take_first(&mut self, is_wanted: impl Fn(&T) -> bool) -> Option<T> {
        if let Some(place) = self.leaving.iter().rposition(&is_wanted) {
            return Some(self.leaving.remove(place));
        }
        let place = self.coming.iter().position(is_wanted)?;
        Some(self.coming.remove(place))
    }

    /// Looks at each, in no particular order, and keeps those of which `keep` says so.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        for list in [&mut self.leaving, &mut self.coming] {
            list.retain(&mut keep);
        }
    }

    /// Whether one of them `is_wanted`.
    pub(crate) fn any(&self, is_wanted: impl Fn(&T) -> bool) -> bool {
        self.iter().any(is_wanted)
    }

    /// All of them, the next to leave first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.leaving.iter().rev().chain(&self.coming)
    }

    /// All of them, in no particular order.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        [&mut self.leaving, &mut self.coming].into_iter().flatten()
    }
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self { leaving: Vec::new(), coming: Vec::new() }
    }
}

impl<T: fmt::Debug> fmt::Debug for Queue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::Queue;

    /// A queue in both of its lists: 3 and 4 leave, 5 and 6 come.
    fn queue() -> Queue<u32> {
        let mut queue = Queue::default();
        (2..5).for_each(|item| queue.push_back(item));
        assert_eq!(queue.pop_front(), Some(2));
        (5..7).for_each(|item| queue.push_back(item));
        queue
    }

    fn emptied(mut queue: Queue<u32>) -> Vec<u32> {
        std::iter::from_fn(|| queue.pop_front()).collect()
    }

    #[test]
    fn what_comes_first_leaves_first() {
        let queue = queue();
        assert_eq!((queue.len(), queue.is_empty(), queue.front()), (4, false, Some(&3)));
        assert_eq!(format!("{queue:?}"), "[3, 4, 5, 6]");
        assert_eq!(emptied(queue), [3, 4, 5, 6]);
        let mut empty = Queue::<u32>::default();
        assert_eq!((empty.pop_front(), empty.front(), empty.is_empty()), (None, None, true));
        empty.push_back(7);
        empty.push_front(6);
        assert_eq!((empty.front(), empty.len()), (Some(&6), 2));
        empty.iter_mut().for_each(|item| *item += 1);
        assert_eq!(emptied(empty), [7, 8]);
    }

    #[test]
    fn one_from_the_midst_is_the_first_that_is_wanted() {
        for (wanted, rest) in [([4, 6], [3, 5, 6]), ([3, 4], [4, 5, 6]), ([6, 5], [3, 4, 6])] {
            let mut queue = queue();
            let first = *wanted.iter().min().unwrap_or(&0);
            assert_eq!(queue.take_first(|item| wanted.contains(item)), Some(first));
            assert_eq!(emptied(queue), rest);
        }
        assert_eq!(queue().take_first(|item| *item == 9), None);
    }

    #[test]
    fn what_is_not_kept_is_gone_and_the_rest_stays_in_order() {
        let mut queue = queue();
        queue.retain(|item| item % 3 != 0);
        assert!(queue.any(|item| *item == 5) && !queue.any(|item| *item == 3));
        assert_eq!(emptied(queue), [4, 5]);
    }
}
