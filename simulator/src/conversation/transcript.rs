//! Transcripts: in which pieces they come, when, and with what beside their text.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::session::seconds;
use crate::Time;
use crate::audio::INPUT_HZ;
use crate::behaviour::{Finished, InputTranscripts, Transcripts};

/// Writes down what is said.
#[derive(Debug)]
pub(super) struct Transcriber {
    ways: Transcripts,
    form: InputTranscripts,
    /// The setup wants the times of words.
    times_words: bool,
    /// What is still to be sent, in the order of its times.
    due: VecDeque<(Time, Value)>,
    /// Samples of the present utterance that an interim transcript has told of.
    told: usize,
}

impl Transcriber {
    pub(super) fn new(ways: Transcripts, of_family: InputTranscripts, times_words: bool) -> Self {
        let form = ways.input.unwrap_or(of_family);
        let times_words = ways.words || times_words;
        Self { ways, form, times_words, due: VecDeque::new(), told: 0 }
    }

    /// Somebody is speaking, so many samples so far: what is told of it, if anything.
    pub(super) fn interim(&mut self, samples: usize) -> Option<Value> {
        if samples < self.told {
            self.told = 0;
        }
        let is_new = samples >= self.told + INTERIM_SAMPLES;
        if self.form != InputTranscripts::Interim || !is_new {
            return None;
        }
        self.told = samples;
        let text = self.words_for(samples);
        Some(json!({"interimInputTranscription": self.transcription(Some(&text), false)}))
    }

    /// Somebody has said this.
    pub(super) fn utterance(&mut self, heard: Option<&str>, samples: usize, now: Time) {
        let mut text = heard.map_or_else(|| self.words_for(samples), str::to_owned);
        if self.ways.markers {
            text.push_str(" <noise>");
        }
        let by_form =
            if self.form == InputTranscripts::Fragments { Finished::Never } else { Finished::InLast };
        let finished = self.ways.finished.unwrap_or(by_form);
        let pieces = match self.form {
            InputTranscripts::Fragments => fragments(&text),
            InputTranscripts::Whole | InputTranscripts::Interim => vec![text],
        };
        let mut at = now + if self.ways.late { LATE } else { Duration::ZERO };
        let last = pieces.len() - 1;
        for (index, piece) in pieces.iter().enumerate() {
            let ends = index == last && finished == Finished::InLast;
            let mut transcription = self.transcription(Some(piece), ends);
            if self.times_words {
                transcription["words"] = timed(piece, samples, index, pieces.len());
            }
            self.appoint(at, json!({ "inputTranscription": transcription }));
            at += BETWEEN_FRAGMENTS;
        }
        if finished == Finished::Alone {
            let end = self.transcription(None, true);
            self.appoint(at, json!({ "inputTranscription": end }));
        }
    }

    /// The next transcript whose time has come.
    pub(super) fn due(&mut self, now: Time) -> Option<Value> {
        let is_due = self.due.front().is_some_and(|(at, _)| *at <= now);
        if is_due { self.due.pop_front().map(|(_, content)| content) } else { None }
    }

    pub(super) fn deadline(&self) -> Option<Time> {
        self.due.front().map(|(at, _)| *at)
    }

    /// A piece of what the model says.
    pub(super) fn output(&self, text: &str) -> Value {
        let marked = if self.ways.markers && !text.starts_with(' ') {
            format!("<ctrl46>{text}")
        } else {
            text.to_owned()
        };
        json!({"outputTranscription": self.transcription(Some(&marked), false)})
    }

    /// What follows the last piece of what the model says.
    pub(super) fn output_end(&self) -> Vec<Value> {
        let empty = self.ways.empty.then(|| json!({"outputTranscription": {}}));
        let alone = self.ways.finished == Some(Finished::Alone);
        let finished = alone.then(|| json!({"outputTranscription": {"finished": true}}));
        empty.into_iter().chain(finished).collect()
    }

    fn appoint(&mut self, at: Time, content: Value) {
        let index = self.due.partition_point(|(time, _)| *time <= at);
        self.due.insert(index, (at, content));
    }

    fn transcription(&self, text: Option<&str>, finished: bool) -> Value {
        let mut transcription = Map::new();
        if let Some(text) = text {
            transcription.insert("text".to_owned(), Value::from(text));
        }
        if finished {
            transcription.insert("finished".to_owned(), Value::from(true));
        }
        if let (Some(_), Some(code)) = (text, &self.ways.language_code) {
            transcription.insert("languageCode".to_owned(), Value::from(code.as_str()));
        }
        Value::Object(transcription)
    }

    /// In place of words, which would need a model: `(1.4 s of speech)`.
    fn words_for(&self, samples: usize) -> String {
        let seconds = samples as f32 / INPUT_HZ as f32;
        if self.ways.cjk { format!("说 了 {seconds:.1} 秒 的 话") } else { length_in_words(samples) }
    }
}

/// In place of words, which would need a model: `(1.4 s of speech)`.
pub(super) fn length_in_words(samples: usize) -> String {
    format!("({:.1} s of speech)", samples as f32 / INPUT_HZ as f32)
}

/// Word by word; all but the first begin with a space. At least one.
fn fragments(text: &str) -> Vec<String> {
    let words = text.split_whitespace().enumerate();
    let fragments: Vec<String> =
        words.map(|(index, word)| if index == 0 { word.to_owned() } else { format!(" {word}") }).collect();
    if fragments.is_empty() { vec![String::new()] } else { fragments }
}

/// The words of a piece, spread evenly over its share of the utterance.
fn timed(piece: &str, samples: usize, index: usize, pieces: usize) -> Value {
    let micros = |samples: usize| Duration::from_micros(samples as u64 * 1_000_000 / u64::from(INPUT_HZ));
    let share = micros(samples) / pieces as u32;
    let words: Vec<&str> = piece.split_whitespace().collect();
    let each = share / words.len().max(1) as u32;
    let word = |(number, word): (usize, &&str)| {
        let start = share * index as u32 + each * number as u32;
        json!({"word": word, "startOffset": seconds(start), "endOffset": seconds(start + each)})
    };
    words.iter().enumerate().map(word).collect()
}

/// An interim transcript for each so much of speech: 0.4 s.
const INTERIM_SAMPLES: usize = INPUT_HZ as usize / 10 * 4;

const BETWEEN_FRAGMENTS: Duration = Duration::from_millis(30);

/// How long after the utterance a late transcript comes: the answer has begun by then.
const LATE: Duration = Duration::from_millis(400);
