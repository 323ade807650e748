//! Any close code and reason: explained, with the reason in it, and alike for alike.

#![no_main]

use gemini_live_web::{
    error::CloseFrame,
    protocol::close::{Phase, Verdict, explain},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|close: (u16, String)| {
    let (code, reason) = close;
    let close = CloseFrame { code, reason };
    let explained = [Phase::Setup, Phase::Open].map(|phase| explain(&close, phase));
    for explanation in &explained {
        let error = &explanation.error;
        assert!(error.message.contains(&close.reason) && error.message.contains(&code.to_string()));
        assert!(error.remedy.as_ref().is_some_and(|remedy| !remedy.is_empty()));
        assert_eq!(error.close.as_ref(), Some(&close));
        assert_eq!(error.retryable, matches!(explanation.verdict, Verdict::Resume | Verdict::BackOff));
    }
    // When it happened says who is told, and not how to go on.
    let [setup, open] = explained;
    assert_eq!(setup.verdict, open.verdict);
    // Case is nothing that a reason is known by.
    let loud = CloseFrame { code, reason: close.reason.to_ascii_uppercase() };
    assert_eq!(explain(&loud, Phase::Open).verdict, open.verdict);
});
