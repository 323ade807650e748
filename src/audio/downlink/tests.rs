use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::*;

/// An outlet that remembers what it was told.
#[derive(Default)]
struct Log {
    room: usize,
    written: u32,
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
        self.written = self.written.wrapping_add(count as u32);
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
    fn written(&self) -> u32 {
        self.written
    }
    fn waiting(&self) -> usize {
        0
    }
    fn on_read(&mut self, _position: u32) {}
}

/// What `downlink` says to an outlet with `room`, neighbouring pushes joined.
fn drain(downlink: &mut Downlink, room: usize) -> Vec<Said> {
    let mut log = Log { room, ..Log::default() };
    downlink.drain(&mut log);
    log.said.into_iter().fold(Vec::new(), |mut all, said| {
        match (all.last_mut(), said) {
            (Some(Said::Push(before)), Said::Push(after)) => before.extend(after),
            (_, said) => all.push(said),
        }
        all
    })
}

fn chunk(samples: &[i16]) -> Pcm {
    Pcm { samples: samples.to_vec(), odd: None, rate_hz: 24_000 }
}

/// The same at another rate.
fn at(rate_hz: u32, samples: &[i16]) -> Pcm {
    Pcm { rate_hz, ..chunk(samples) }
}

/// What the service sends, which may end in the middle of a sample.
fn of_bytes(bytes: &[u8]) -> Pcm {
    pcm::from_base64(&STANDARD.encode(bytes), 24_000).expect("it is base64")
}

fn numbers(from: i16, count: usize) -> Vec<i16> {
    (from..).take(count).collect()
}

#[test]
fn chunks_reach_the_outlet_whole_and_in_order() {
    let mut downlink = Downlink::new();
    assert_eq!(downlink.accept(0, chunk(&numbers(0, 100))), Ok(100));
    assert_eq!(downlink.accept(0, chunk(&numbers(100, 50))), Ok(50));
    assert_eq!(downlink.backlog(), 150);
    assert_eq!(drain(&mut downlink, 1_000), [Said::Push(numbers(0, 150))]);
    assert_eq!(downlink.backlog(), 0);
}

#[test]
fn what_does_not_fit_waits() {
    let mut downlink = Downlink::new();
    downlink.accept(0, chunk(&numbers(0, 100))).expect("a chunk");
    assert_eq!(drain(&mut downlink, 0), []);
    assert_eq!(drain(&mut downlink, 60), [Said::Push(numbers(0, 60))]);
    assert_eq!(downlink.backlog(), 40);
    assert_eq!(drain(&mut downlink, 60), [Said::Push(numbers(60, 40))]);
}

#[test]
fn the_rest_is_what_found_no_room_and_is_given_once() {
    let mut downlink = Downlink::new();
    downlink.accept(0, chunk(&numbers(0, 100))).expect("a chunk");
    downlink.finish();
    assert_eq!(drain(&mut downlink, 30), [Said::Push(numbers(0, 30))]);
    assert_eq!(downlink.take_rest(), numbers(30, 70));
    assert_eq!((downlink.backlog(), downlink.take_rest()), (0, Vec::new()));
    assert_eq!(drain(&mut downlink, 100), [], "not even an end");
}

#[test]
fn a_sample_cut_in_two_by_a_chunks_border_is_put_together() {
    let bytes = pcm::to_bytes(&numbers(1_000, 30));
    let mut downlink = Downlink::new();
    for piece in [&bytes[..7], &bytes[7..8], &bytes[8..8], &bytes[8..31], &bytes[31..]] {
        downlink.accept(0, of_bytes(piece)).expect("a chunk");
    }
    assert_eq!(drain(&mut downlink, 1_000), [Said::Push(numbers(1_000, 30))]);
}

#[test]
fn half_a_sample_does_not_outlive_its_utterance() {
    for end in [|downlink: &mut Downlink| downlink.finish(), |downlink: &mut Downlink| _ = downlink.flush(1)]
    {
        let mut downlink = Downlink::new();
        downlink.accept(0, of_bytes(&[9])).expect("a chunk");
        end(&mut downlink);
        downlink.accept(1, chunk(&[5, 6])).expect("a chunk");
        assert!(drain(&mut downlink, 10).contains(&Said::Push(vec![5, 6])));
    }
}

#[test]
fn barge_in_drops_what_waits_and_flushes_what_was_pushed() {
    let mut downlink = Downlink::new();
    downlink.accept(0, chunk(&numbers(0, 100))).expect("a chunk");
    drain(&mut downlink, 10);
    assert_eq!(downlink.flush(1), 90);
    downlink.accept(1, chunk(&[7])).expect("a chunk");
    assert_eq!(drain(&mut downlink, 100), [Said::Flush, Said::Push(vec![7])]);
}

#[test]
fn a_chunk_of_an_interrupted_turn_is_not_heard() {
    let mut downlink = Downlink::new();
    downlink.flush(u32::MAX);
    downlink.flush(1);
    assert_eq!(downlink.accept(u32::MAX, chunk(&[1, 2])), Ok(0));
    assert_eq!(downlink.accept(0, at(0, &[1])), Ok(0), "even if it is nonsense");
    assert_eq!(downlink.flush(0), 0);
    assert_eq!(downlink.accept(1, chunk(&[5])), Ok(1));
}

#[test]
fn a_chunk_of_a_newer_epoch_flushes_what_is_there() {
    let mut downlink = Downlink::new();
    downlink.accept(0, of_bytes(&[1, 0, 9])).expect("a chunk and a half");
    assert_eq!(downlink.accept(3, at(1, &[1])).expect_err("refused").code, Code::Unsupported);
    assert_eq!(downlink.backlog(), 1, "a chunk that fails changes nothing");
    downlink.accept(3, chunk(&[2])).expect("a chunk");
    assert_eq!(downlink.accept(2, chunk(&[3])), Ok(0));
    assert_eq!(drain(&mut downlink, 10), [Said::Flush, Said::Push(vec![2])]);
}

#[test]
fn the_utterance_is_finished_when_its_last_sample_was_pushed() {
    let mut downlink = Downlink::new();
    downlink.accept(0, chunk(&numbers(0, 30))).expect("a chunk");
    downlink.finish();
    assert_eq!(drain(&mut downlink, 20), [Said::Push(numbers(0, 20))]);
    assert_eq!(drain(&mut downlink, 20), [Said::Push(numbers(20, 10)), Said::Finish]);
    assert_eq!(drain(&mut downlink, 20), []);
    downlink.finish();
    assert_eq!(drain(&mut downlink, 0), [Said::Finish]);
}

#[test]
fn the_next_utterance_waits_behind_the_end_of_the_one_before() {
    let mut downlink = Downlink::new();
    downlink.accept(0, chunk(&numbers(0, 30))).expect("a chunk");
    downlink.finish();
    downlink.accept(0, chunk(&numbers(30, 30))).expect("a chunk");
    assert_eq!(
        drain(&mut downlink, 40),
        [Said::Push(numbers(0, 30)), Said::Finish, Said::Push(numbers(30, 10))]
    );
    assert_eq!(drain(&mut downlink, 40), [Said::Push(numbers(40, 20))]);
}

#[test]
fn barge_in_takes_a_due_finish_with_it() {
    let mut downlink = Downlink::new();
    downlink.accept(0, chunk(&numbers(0, 30))).expect("a chunk");
    downlink.finish();
    downlink.flush(1);
    assert_eq!(drain(&mut downlink, 40), [Said::Flush]);
}

#[test]
fn a_bad_chunk_fails_and_changes_nothing() {
    let mut downlink = Downlink::new();
    downlink.accept(0, of_bytes(&[1, 0, 2])).expect("a chunk");
    assert_eq!(downlink.accept(0, at(1, &[1])).expect_err("refused").code, Code::Unsupported);
    downlink.accept(0, of_bytes(&[0])).expect("a chunk");
    assert_eq!(drain(&mut downlink, 10), [Said::Push(vec![1, 2])]);
}

#[test]
fn five_minutes_may_wait_and_not_a_sample_more() {
    let mut downlink = Downlink::new();
    let minute = chunk(&vec![0; 60 * 24_000]);
    (0..5).for_each(|_| assert!(downlink.accept(0, minute.clone()).is_ok()));
    assert_eq!(downlink.accept(0, chunk(&[1])).expect_err("refused").code, Code::PlaybackOverflow);
    assert_eq!(downlink.accept(0, at(8_000, &[1])).expect_err("refused").code, Code::PlaybackOverflow);
    drain(&mut downlink, 1);
    assert!(downlink.accept(0, chunk(&[1])).is_ok());
}

#[test]
fn another_rate_is_brought_to_24_khz_with_nothing_missing_at_its_end() {
    for rate_hz in [8_000, 16_000, 22_050, 44_100, 48_000] {
        let mut downlink = Downlink::new();
        let second: Vec<i16> = (0..rate_hz).map(|i| if i / 20 % 2 == 0 { 8_000 } else { -8_000 }).collect();
        for samples in second.chunks(777) {
            downlink.accept(0, at(rate_hz, samples)).expect("a chunk");
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
    downlink.accept(0, at(48_000, &[1_000; 480])).expect("a chunk");
    downlink.accept(0, chunk(&[1, 2, 3])).expect("a chunk");
    downlink.accept(0, at(16_000, &[0; 320])).expect("a chunk");
    let said = drain(&mut downlink, 10_000);
    let [Said::Push(samples)] = said.as_slice() else { panic!("{said:?}") };
    assert_eq!(samples.len(), 240 + 3 + 480);
    assert_eq!(samples[240..243], [1, 2, 3]);
    assert!(samples[243..].iter().all(|&sample| sample == 0));
}

#[test]
fn a_long_answer_leaves_no_more_memory_behind_than_the_ring_has() {
    let mut downlink = Downlink::new();
    downlink.accept(0, chunk(&vec![0; 60 * 24_000])).expect("a chunk");
    drain(&mut downlink, 60 * 24_000);
    assert!(downlink.backlog.capacity() <= 2 * KEPT_SAMPLES, "{}", downlink.backlog.capacity());
}

#[test]
fn a_rate_that_changes_with_every_chunk_is_refused_at_the_fifth() {
    let mut downlink = Downlink::new();
    for rate_hz in [23_999, 23_998, 23_997, 23_996, 23_999, 24_000, 23_996] {
        assert!(downlink.accept(0, at(rate_hz, &[1; 100])).is_ok(), "{rate_hz}");
    }
    assert_eq!(downlink.accept(0, at(23_995, &[1])).expect_err("refused").code, Code::Unsupported);
    assert!(downlink.accept(0, at(23_996, &[1])).is_ok());
}

/// A downlink whose outlet was given 1000 samples of epoch 0, 500 of epoch 1 and 100 of epoch 2, from position `start` on.
fn three_epochs(start: u32) -> Downlink {
    let mut downlink = Downlink::new();
    let mut log = Log { room: 10_000, written: start, ..Log::default() };
    if start > 0 {
        downlink.flush(0);
    }
    for (epoch, count) in [(0, 1_000), (1, 500), (2, 100)] {
        downlink.accept(epoch, chunk(&vec![0; count])).expect("a chunk");
        downlink.drain(&mut log);
    }
    downlink
}

#[test]
fn a_position_belongs_to_the_epoch_that_was_pushed_there() {
    for start in [0, u32::MAX - 1_200] {
        let mut downlink = three_epochs(start);
        let cases = [
            (0, (0, 0)),
            (999, (0, 999)),
            (1_000, (1, 0)),
            (1_250, (1, 250)),
            (1_500, (2, 0)),
            (1_600, (2, 100)),
        ];
        for (position, expected) in cases {
            assert_eq!(downlink.epoch_at(start.wrapping_add(position)), expected, "{position} from {start}");
        }
    }
}

#[test]
fn a_report_from_before_the_flush_is_of_the_older_epoch_however_late_it_comes() {
    let mut downlink = three_epochs(0);
    assert_eq!(downlink.epoch_at(600), (0, 600));
    assert_eq!(downlink.epoch_at(1_550), (2, 50), "what was flushed in between was never played");
    assert_eq!(downlink.epoch_at(1_600), (2, 100));
}

#[test]
fn to_see_where_the_worklet_is_takes_nothing_from_the_reports_under_way() {
    let mut downlink = three_epochs(u32::MAX - 1_200);
    let at = |position: u32| position.wrapping_sub(1_201);
    for _ in 0..2 {
        assert_eq!(downlink.seen_at(at(1_600)), (2, 100));
        assert_eq!(downlink.seen_at(at(1_250)), (1, 250));
        assert_eq!(downlink.epoch_at(at(600)), (0, 600));
    }
}

#[test]
fn an_epoch_of_days_is_not_taken_for_one_to_come() {
    let mut downlink = three_epochs(0);
    downlink.epoch_at(1_500);
    for hour in 1..40 {
        let position = 1_500 + hour * 3_600 * 24_000;
        assert_eq!(downlink.seen_at(position), (2, position - 1_500));
        assert_eq!(downlink.epoch_at(position), (2, position - 1_500));
    }
}

#[test]
fn flushes_that_nobody_reports_of_are_bounded() {
    let mut downlink = Downlink::new();
    let mut log = Log { room: 100_000, ..Log::default() };
    for epoch in 0..1_000 {
        downlink.accept(epoch, chunk(&[0; 10])).expect("a chunk");
        downlink.drain(&mut log);
    }
    assert!(downlink.epochs.begins.len() <= 16);
    assert_eq!(downlink.epoch_at(5).0, 0);
    assert_eq!(downlink.epoch_at(9_995), (999, 5));
}
