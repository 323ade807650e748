//! How loud a signal is.

use web_sys::{AnalyserNode, AudioNode};

use crate::{
    error::Error,
    web::page::context::{Lease, no_context},
};

/// The level of a signal, measured when asked.
#[derive(Debug)]
pub(in crate::web) struct Meter {
    analyser: AnalyserNode,
}

impl Meter {
    /// A meter on what `node` puts out.
    pub(in crate::web) fn new(lease: &Lease, node: &AudioNode) -> Result<Self, Error> {
        let analyser = lease.context.create_analyser().map_err(|_| no_context())?;
        analyser.set_fft_size(METER_SAMPLES);
        node.connect_with_audio_node(&analyser).map_err(|_| no_context())?;
        Ok(Self { analyser })
    }

    /// Root mean square of the last 20 ms or so, 0 to 1.
    pub(in crate::web) fn level(&self) -> f64 {
        let mut samples = [0.0_f32; METER_SAMPLES as usize];
        self.analyser.get_float_time_domain_data(&mut samples);
        let energy: f32 = samples.iter().map(|sample| sample * sample).sum();
        f64::from(energy / METER_SAMPLES as f32).sqrt()
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        let _ = self.analyser.disconnect();
    }
}

const METER_SAMPLES: u32 = 1024;
