//! A policy on its way to the Worker: nothing but numbers.

use std::time::Duration;

use crate::session::{Budget, Policy, Prices, RetryPolicy};

pub(super) const COUNT: usize = 33;
pub(super) type Numbers = [f64; COUNT];

// A field that a policy gains is missed here by the compiler: the patterns are complete.
pub(super) fn numbers(policy: Policy) -> Numbers {
    let Policy {
        connect,
        close,
        audio_pause,
        backlog_bytes,
        send_bytes,
        hold,
        keep_answers,
        frame_bytes,
        resumption,
        fresh_if_stale,
        retry: RetryPolicy { first, factor, longest, jitter, give_up },
        hold_reconnecting,
        silence,
        seed,
        turns,
        turn_bytes,
        speech_pause,
        push_to_talk,
        pre_roll,
        half_duplex,
        prices: Prices { prompt_text, prompt_audio, prompt_video, response_text, response_audio },
        budget: Budget { tokens, cost, warn_at },
        model_checks,
    } = policy;
    let flag = |is_on: bool| f64::from(u8::from(is_on));
    let [connect, close, audio_pause] = [connect, close, audio_pause].map(ms);
    let [hold, keep_answers, hold_reconnecting, silence] =
        [hold, keep_answers, hold_reconnecting, silence].map(ms);
    let [first, longest, give_up] = [first, longest, give_up].map(ms);
    let [backlog, send, frame] = [backlog_bytes.into(), send_bytes.into(), frame_bytes as f64];
    let [resumption, fresh_if_stale, model_checks] = [resumption, fresh_if_stale, model_checks].map(flag);
    [
        connect,
        close,
        audio_pause,
        backlog,
        send,
        hold,
        keep_answers,
        frame,
        resumption,
        fresh_if_stale,
        first,
        factor,
        longest,
        jitter,
        give_up,
        hold_reconnecting,
        silence,
        seed.into(),
        turns.into(),
        turn_bytes.into(),
        ms(speech_pause),
        flag(push_to_talk),
        ms(pre_roll),
        flag(half_duplex),
        prompt_text,
        prompt_audio,
        prompt_video,
        response_text,
        response_audio,
        tokens,
        cost,
        warn_at,
        model_checks,
    ]
}

pub(super) fn policy(numbers: Numbers) -> Policy {
    let [
        connect,
        close,
        audio_pause,
        backlog,
        send,
        hold,
        keep_answers,
        frame,
        resumption,
        fresh_if_stale,
        first,
        factor,
        longest,
        jitter,
        give_up,
        hold_reconnecting,
        silence,
        seed,
        turns,
        turn_bytes,
        speech_pause,
        push_to_talk,
        pre_roll,
        half_duplex,
        prompt_text,
        prompt_audio,
        prompt_video,
        response_text,
        response_audio,
        tokens,
        cost,
        warn_at,
        model_checks,
    ] = numbers;
    let ms = |ms: f64| Duration::from_millis(ms as u64);
    Policy {
        connect: ms(connect),
        close: ms(close),
        audio_pause: ms(audio_pause),
        backlog_bytes: backlog as u32,
        send_bytes: send as u32,
        hold: ms(hold),
        keep_answers: ms(keep_answers),
        frame_bytes: frame as usize,
        resumption: resumption > 0.0,
        fresh_if_stale: fresh_if_stale > 0.0,
        retry: RetryPolicy { first: ms(first), factor, longest: ms(longest), jitter, give_up: ms(give_up) },
        hold_reconnecting: ms(hold_reconnecting),
        silence: ms(silence),
        seed: seed as u32,
        turns: turns as u32,
        turn_bytes: turn_bytes as u32,
        speech_pause: ms(speech_pause),
        push_to_talk: push_to_talk > 0.0,
        pre_roll: ms(pre_roll),
        half_duplex: half_duplex > 0.0,
        prices: Prices { prompt_text, prompt_audio, prompt_video, response_text, response_audio },
        budget: Budget { tokens, cost, warn_at },
        model_checks: model_checks > 0.0,
    }
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs() as f64 * MS_PER_SECOND + f64::from(duration.subsec_millis())
}

const MS_PER_SECOND: f64 = 1000.0;
