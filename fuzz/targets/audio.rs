//! Any text as base64 audio at any rate: decoded or refused, within the backlog's bound.

#![no_main]

use gemini_live_web::audio::{
    downlink::{BACKLOG_SAMPLES, Downlink},
    pcm,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|chunks: Vec<(u8, u32, String)>| {
    let mut downlink = Downlink::new();
    let mut epoch = 0_u32;
    for (step, rate_hz, base64) in chunks {
        match step % 8 {
            0 => {
                epoch = epoch.wrapping_add(u32::from(step));
                downlink.flush(epoch);
            }
            1 => downlink.finish(),
            // Few rates: designing a filter takes longer than anything else here.
            _ => {
                if let Ok(pcm) = pcm::from_base64(&base64, RATES_HZ[rate_hz as usize % RATES_HZ.len()]) {
                    drop(downlink.accept(epoch, pcm));
                }
            }
        }
        assert!(downlink.backlog() <= BACKLOG_SAMPLES);
    }
});

const RATES_HZ: [u32; 6] = [24_000, 24_000, 16_000, 48_000, 0, u32::MAX];
