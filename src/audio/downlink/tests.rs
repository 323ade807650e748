use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::*;

/// An outlet that remembers what it was told.
#[derive(Default)]
struct Log {
    room: usize,
    said: Vec<Said>,
}

#[derive(Debug, PartialEq)]
enum Said {
    Push(Vec<i16>),
    Flush,
    Finish,
}

impl Outlet for Log {
    fn push(&mut self, samples: &[i16]) -> usize {
        let count = samples.len().min(self.room);
        self.room -= count;
        if count > 0 {
            self.said.push(Said::Push(samples[..count].to_vec()));
        }
        count
    }
    fn flush(&mut self) {
        self.said.push(Said::Flush);
    }
    fn finish(&mut self) {
        self.said.push(Said::Finish);
    }
}

/// What `downlink` says to an outlet with `room`, neighbouring pushes joined.
fn drain(downlink: &mut Downlink, room: usize) -> Vec<Said> {
    let mut log = Log { room, said: Vec::new() };
    downlink.drain(&mut log);
    log.said.into_iter().fold(Vec::new(), |mut all, said| {
        match (all.last_mut(), said) {
            (Some(Said::Push(before)), Said::Push(after)) => before.extend(after),
            (_, said) => all.push(said),
        }
        all
    })
}

fn chunk(samples: &[i16]) -> String {
    STANDARD.encode(pcm::to_bytes(samples))
}

fn numbers(from: i16, count: usize) -> Vec<i16> {
    (from..).take(count).collect()
}

#[test]
fn chunks_reach_the_outlet_whole_and_in_order() {
    let mut downlink = Downlink::new();
    assert_eq!(downlink.accept(0, &chunk(&numbers(0, 100)), 24_000), Ok(100));
    assert_eq!(downlink.accept(0, &chunk(&numbers(100, 50)), 24_000), Ok(50));
    assert_eq!(downlink.backlog(), 150);
    assert_eq!(drain(&mut downlink, 1_000), [Said::Push(numbers(0, 150))]);
    assert!(!downlink.is_pending());
}

#[test]
fn what_does_not_fit_waits() {
    let mut downlink = Downlink::new();
    downlink.accept(0, &chunk(&numbers(0, 100)), 24_000).expect("a chunk");
    assert_eq!(drain(&mut downlink, 0), []);
    assert_eq!(drain(&mut downlink, 60), [Said::Push(numbers(0, 60))]);
    assert_eq!(downlink.backlog(), 40);
    assert_eq!(drain(&mut downlink, 60), [Said::Push(numbers(60, 40))]);
}

#[test]
fn a_sample_cut_in_two_by_a_chunks_border_is_put_together() {
    let bytes = pcm::to_bytes(&numbers(1_000, 30));
    let mut downlink = Downlink::new();
    for piece in [&bytes[..7], &bytes[7..8], &bytes[8..8], &bytes[8..31], &bytes[31..]] {
        downlink.accept(0, &STANDARD.encode(piece), 24_000).expect("a chunk");
    }
    assert_eq!(drain(&mut downlink, 1_000), [Said::Push(numbers(1_000, 30))]);
}

#[test]
fn half_a_sample_does_not_outlive_its_utterance() {
    for end in [|downlink: &mut Downlink| downlink.finish(), |downlink: &mut Downlink| _ = downlink.void(1)] {
        let mut downlink = Downlink::new();
        downlink.accept(0, &STANDARD.encode([9]), 24_000).expect("a chunk");
        end(&mut downlink);
        downlink.accept(1, &chunk(&[5, 6]), 24_000).expect("a chunk");
        assert!(drain(&mut downlink, 10).contains(&Said::Push(vec![5, 6])));
    }
}

#[test]
fn barge_in_drops_what_waits_and_flushes_what_was_pushed() {
    let mut downlink = Downlink::new();
    downlink.accept(0, &chunk(&numbers(0, 100)), 24_000).expect("a chunk");
    drain(&mut downlink, 10);
    assert_eq!(downlink.void(1), 90);
    assert!(downlink.is_pending());
    downlink.accept(1, &chunk(&[7]), 24_000).expect("a chunk");
    assert_eq!(drain(&mut downlink, 100), [Said::Flush, Said::Push(vec![7])]);
}

#[test]
fn a_chunk_of_an_interrupted_turn_is_not_heard() {
    let mut downlink = Downlink::new();
    downlink.void(u32::MAX);
    downlink.void(1);
    assert_eq!(downlink.accept(u32::MAX, &chunk(&[1, 2]), 24_000), Ok(0));
    assert_eq!(downlink.accept(0, "even if it is nonsense", 0), Ok(0));
    assert_eq!(downlink.void(0), 0);
    assert_eq!((downlink.generation(), downlink.backlog()), (1, 0));
}

#[test]
fn a_chunk_may_be_the_first_to_tell_of_a_new_generation() {
    let mut downlink = Downlink::new();
    downlink.accept(0, &chunk(&[1]), 24_000).expect("a chunk");
    downlink.accept(3, &chunk(&[2]), 24_000).expect("a chunk");
    assert_eq!(downlink.accept(2, &chunk(&[3]), 24_000), Ok(0));
    assert_eq!(drain(&mut downlink, 10), [Said::Push(vec![1, 2])]);
}

#[test]
fn the_utterance_is_finished_when_its_last_sample_was_pushed() {
    let mut downlink = Downlink::new();
    downlink.accept(0, &chunk(&numbers(0, 30)), 24_000).expect("a chunk");
    downlink.finish();
    assert_eq!(drain(&mut downlink, 20), [Said::Push(numbers(0, 20))]);
    assert!(downlink.is_pending());
    assert_eq!(drain(&mut downlink, 20), [Said::Push(numbers(20, 10)), Said::Finish]);
    assert_eq!(drain(&mut downlink, 20), []);
    downlink.finish();
    assert_eq!(drain(&mut downlink, 0), [Said::Finish]);
}

#[test]
fn the_next_utterance_waits_behind_the_end_of_the_one_before() {
    let mut downlink = Downlink::new();
    downlink.accept(0, &chunk(&numbers(0, 30)), 24_000).expect("a chunk");
    downlink.finish();
    downlink.accept(0, &chunk(&numbers(30, 30)), 24_000).expect("a chunk");
    assert_eq!(
        drain(&mut downlink, 40),
        [Said::Push(numbers(0, 30)), Said::Finish, Said::Push(numbers(30, 10))]
    );
    assert_eq!(drain(&mut downlink, 40), [Said::Push(numbers(40, 20))]);
}

#[test]
fn barge_in_takes_a_due_finish_with_it() {
    let mut downlink = Downlink::new();
    downlink.accept(0, &chunk(&numbers(0, 30)), 24_000).expect("a chunk");
    downlink.finish();
    downlink.void(1);
    assert_eq!(drain(&mut downlink, 40), [Said::Flush]);
}

#[test]
fn a_bad_chunk_fails_and_changes_nothing() {
    let mut downlink = Downlink::new();
    downlink.accept(0, &STANDARD.encode([1, 0, 2]), 24_000).expect("a chunk");
    assert_eq!(downlink.accept(0, "not base64!", 24_000).expect_err("refused").code, Code::InvalidMessage);
    assert_eq!(downlink.accept(0, "AAAA", 1).expect_err("refused").code, Code::Unsupported);
    downlink.accept(0, &STANDARD.encode([0]), 24_000).expect("a chunk");
    assert_eq!(drain(&mut downlink, 10), [Said::Push(vec![1, 2])]);
}

#[test]
fn five_minutes_may_wait_and_not_a_sample_more() {
    let mut downlink = Downlink::new();
    let minute = chunk(&vec![0; 60 * 24_000]);
    (0..5).for_each(|_| assert!(downlink.accept(0, &minute, 24_000).is_ok()));
    assert_eq!(downlink.accept(0, &chunk(&[1]), 24_000).expect_err("refused").code, Code::PlaybackOverflow);
    assert_eq!(downlink.accept(0, &chunk(&[1]), 8_000).expect_err("refused").code, Code::PlaybackOverflow);
    drain(&mut downlink, 1);
    assert!(downlink.accept(0, &chunk(&[1]), 24_000).is_ok());
}

#[test]
fn another_rate_is_brought_to_24_khz_with_nothing_missing_at_its_end() {
    for rate_hz in [8_000, 16_000, 22_050, 44_100, 48_000] {
        let mut downlink = Downlink::new();
        let second: Vec<i16> = (0..rate_hz).map(|i| if i / 20 % 2 == 0 { 8_000 } else { -8_000 }).collect();
        for samples in second.chunks(777) {
            downlink.accept(0, &chunk(samples), rate_hz).expect("a chunk");
        }
        assert_eq!(downlink.backlog(), 24_000, "{rate_hz}");
        downlink.finish();
        let tail = downlink.backlog() - 24_000;
        assert!((30..=130).contains(&tail), "{rate_hz}: {tail} samples after the end");
    }
}

#[test]
fn a_change_of_rate_starts_afresh() {
    let mut downlink = Downlink::new();
    downlink.accept(0, &chunk(&[1_000; 480]), 48_000).expect("a chunk");
    downlink.accept(0, &chunk(&[1, 2, 3]), 24_000).expect("a chunk");
    downlink.accept(0, &chunk(&[0; 320]), 16_000).expect("a chunk");
    let said = drain(&mut downlink, 10_000);
    let [Said::Push(samples)] = said.as_slice() else { panic!("{said:?}") };
    assert_eq!(samples.len(), 240 + 3 + 480);
    assert_eq!(samples[240..243], [1, 2, 3]);
    assert!(samples[243..].iter().all(|&sample| sample == 0));
}
