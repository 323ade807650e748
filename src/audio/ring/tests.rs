use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::atomic::{AtomicI16, AtomicU32, Ordering};
use std::sync::{Arc, Barrier};

use super::*;

const CAPACITY: usize = 64;

/// A ring's memory on one thread; `while_reading` runs between a consumer's copy and its second look at the header.
#[derive(Clone, Default)]
struct Memory(Rc<Inner>);

struct Inner {
    header: [Cell<u32>; HEADER_WORDS],
    samples: RefCell<Vec<i16>>,
    while_reading: RefCell<Option<Box<dyn FnOnce()>>>,
}

impl Default for Inner {
    fn default() -> Self {
        let samples = RefCell::new(vec![0; CAPACITY]);
        Self { header: Default::default(), samples, while_reading: RefCell::default() }
    }
}

impl Memory {
    /// A ring whose positions start at `position`.
    fn starting_at(position: u32) -> Self {
        let memory = Self::default();
        [WRITE, FLUSH, READ, END].iter().for_each(|&word| memory.store(word, position));
        memory
    }

    fn halves(&self) -> (Producer<Self>, Consumer<Self>) {
        (Producer::new(self.clone()), Consumer::new(self.clone()))
    }
}

impl RingMemory for Memory {
    fn load(&self, word: usize) -> u32 {
        self.0.header[word].get()
    }
    fn store(&self, word: usize, value: u32) {
        self.0.header[word].set(value);
    }
    fn read(&self, offset: usize, out: &mut [i16]) {
        out.copy_from_slice(&self.0.samples.borrow()[offset..offset + out.len()]);
        if let Some(meanwhile) = self.0.while_reading.take() {
            meanwhile();
        }
    }
    fn write(&self, offset: usize, samples: &[i16]) {
        self.0.samples.borrow_mut()[offset..offset + samples.len()].copy_from_slice(samples);
    }
    fn capacity(&self) -> usize {
        CAPACITY
    }
}

fn numbers(from: i16, count: usize) -> Vec<i16> {
    (from..).take(count).collect()
}

fn pull(consumer: &mut Consumer<Memory>, most: usize) -> (Vec<i16>, usize) {
    let mut out = vec![-1; most];
    let pulled = consumer.pull(&mut out);
    out.truncate(pulled.count);
    (out, pulled.lost)
}

#[test]
fn samples_come_out_as_they_went_in_also_where_positions_wrap() {
    for start in [0, 40, u32::MAX - 100, u32::MAX] {
        let (mut producer, mut consumer) = Memory::starting_at(start).halves();
        for round in 0..20 {
            let samples = numbers(round * 100, 30);
            assert_eq!(producer.push(&samples), 30);
            assert_eq!((producer.waiting(), producer.free()), (30, CAPACITY - 30));
            assert_eq!(pull(&mut consumer, 50), (samples, 0), "from {start}, round {round}");
        }
        assert_eq!(producer.written(), start.wrapping_add(600));
    }
}

#[test]
fn a_push_takes_what_fits_and_no_more() {
    let (mut producer, mut consumer) = Memory::default().halves();
    assert_eq!(producer.push(&numbers(0, 100)), CAPACITY);
    assert_eq!((producer.free(), producer.push(&[1])), (0, 0));
    assert_eq!(pull(&mut consumer, 10), (numbers(0, 10), 0));
    assert_eq!(producer.push(&numbers(CAPACITY as i16, 100)), 10);
    assert_eq!(pull(&mut consumer, 100), (numbers(10, CAPACITY), 0));
    assert_eq!(producer.push(&[]), 0);
}

#[test]
fn an_empty_ring_gives_nothing_and_an_empty_output_takes_nothing() {
    let (mut producer, mut consumer) = Memory::default().halves();
    assert_eq!(consumer.pull(&mut [0; 8]), Pulled::default());
    producer.push(&[1, 2]);
    assert_eq!(consumer.pull(&mut []), Pulled::default());
    assert_eq!(pull(&mut consumer, 8), (vec![1, 2], 0));
}

#[test]
fn a_flush_voids_what_was_pushed_before_it_and_nothing_after_it() {
    let (mut producer, mut consumer) = Memory::starting_at(u32::MAX - 10).halves();
    producer.push(&numbers(0, 30));
    pull(&mut consumer, 5);
    producer.flush();
    producer.push(&numbers(100, 8));
    assert_eq!(pull(&mut consumer, 50), (numbers(100, 8), 25));
}

#[test]
fn a_flush_frees_its_samples_once_it_was_obeyed() {
    let (mut producer, mut consumer) = Memory::default().halves();
    producer.push(&numbers(0, CAPACITY));
    producer.flush();
    assert_eq!(producer.free(), 0);
    assert_eq!(pull(&mut consumer, 1), (vec![], CAPACITY));
    assert_eq!(producer.free(), CAPACITY);
}

#[test]
fn a_flush_and_a_finish_both_end_the_utterance() {
    let memory = Memory::default();
    let (mut producer, _) = memory.halves();
    producer.push(&numbers(0, 30));
    assert_eq!(memory.load(END), 0);
    producer.finish();
    assert_eq!((memory.load(END), memory.load(FLUSH)), (30, 0));
    producer.push(&numbers(0, 10));
    producer.flush();
    assert_eq!((memory.load(END), memory.load(FLUSH)), (40, 40));
}

#[test]
fn what_the_producer_overwrites_during_a_copy_is_discarded_and_counted() {
    for (voided, kept) in [(4, 6), (10, 0), (25, 0)] {
        let memory = Memory::default();
        let (mut producer, mut consumer) = memory.halves();
        producer.push(&numbers(0, 40));
        let other = memory.clone();
        *memory.0.while_reading.borrow_mut() = Some(Box::new(move || other.store(FLUSH, voided)));
        let (samples, lost) = pull(&mut consumer, 10);
        assert_eq!(samples, numbers(voided as i16, kept), "{voided} voided");
        assert_eq!(lost, voided as usize);
        assert_eq!(producer.waiting(), 40 - (voided as usize).max(10));
    }
}

#[test]
fn a_push_touches_no_word_but_write() {
    let memory = Memory::default();
    let (mut producer, mut consumer) = memory.halves();
    for _ in 0..10 {
        producer.push(&numbers(0, 60));
        pull(&mut consumer, 60);
    }
    assert_eq!([WRITE, FLUSH, READ, END].map(|word| memory.load(word)), [600, 0, 600, 0]);
}

#[test]
fn halves_that_come_later_go_on_where_the_header_says() {
    let memory = Memory::starting_at(77);
    memory.halves().0.push(&numbers(0, 10));
    let (mut producer, mut consumer) = memory.halves();
    producer.push(&numbers(10, 10));
    assert_eq!(memory.load(WRITE), 97);
    assert_eq!(pull(&mut consumer, 50), (numbers(0, 20), 0));
}

/// A ring's memory between two threads.
struct Shared {
    header: [AtomicU32; HEADER_WORDS],
    samples: Vec<AtomicI16>,
}

impl RingMemory for Arc<Shared> {
    fn load(&self, word: usize) -> u32 {
        self.header[word].load(Ordering::SeqCst)
    }
    fn store(&self, word: usize, value: u32) {
        self.header[word].store(value, Ordering::SeqCst);
    }
    fn read(&self, offset: usize, out: &mut [i16]) {
        let slots = self.samples[offset..].iter();
        out.iter_mut().zip(slots).for_each(|(sample, slot)| *sample = slot.load(Ordering::Relaxed));
    }
    fn write(&self, offset: usize, samples: &[i16]) {
        let slots = self.samples[offset..].iter();
        samples.iter().zip(slots).for_each(|(sample, slot)| slot.store(*sample, Ordering::Relaxed));
    }
    fn capacity(&self) -> usize {
        self.samples.len()
    }
}

#[test]
fn between_two_threads_nothing_is_lost_doubled_or_out_of_order() {
    const COUNT: usize = 1_000_000;
    let start = u32::MAX - COUNT as u32 / 2;
    let header = std::array::from_fn(|word| AtomicU32::new(if word <= END { start } else { 0 }));
    let memory = Arc::new(Shared { header, samples: (0..1024).map(|_| AtomicI16::new(0)).collect() });
    let (mut producer, mut consumer) = (Producer::new(memory.clone()), Consumer::new(memory));
    let together = Arc::new(Barrier::new(2));
    let barrier = together.clone();
    let writer = std::thread::spawn(move || {
        barrier.wait();
        let mut pushed = 0;
        while pushed < COUNT {
            let portion = (pushed * 7919 % 700 + 1).min(COUNT - pushed);
            let samples: Vec<i16> = (pushed..pushed + portion).map(|i| (i % 30_011) as i16).collect();
            pushed += producer.push(&samples);
            std::thread::yield_now();
        }
    });
    together.wait();
    let mut out = [0; 333];
    let mut pulled = 0;
    while pulled < COUNT {
        let Pulled { count, lost } = consumer.pull(&mut out);
        assert_eq!(lost, 0);
        assert!(out.iter().take(count).zip(pulled..).all(|(&sample, i)| sample == (i % 30_011) as i16));
        pulled += count;
    }
    writer.join().expect("the writer finished");
}
