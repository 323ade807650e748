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
        let samples = self.samples();
        let energy: f32 = samples.iter().map(|sample| sample * sample).sum();
        f64::from(energy / samples.len() as f32).sqrt()
    }

    /// The farthest of the same samples from zero.
    pub(in crate::web) fn peak(&self) -> f64 {
        self.samples().iter().fold(0.0, |peak, sample| peak.max(f64::from(sample.abs())))
    }

    pub(in crate::web) fn analyser(&self) -> AnalyserNode {
        self.analyser.clone()
    }

    fn samples(&self) -> Vec<f32> {
        // The application has the analyser too, and may look at more of them.
        let mut samples = vec![0.0; self.analyser.fft_size() as usize];
        self.analyser.get_float_time_domain_data(&mut samples);
        samples
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        let _ = self.analyser.disconnect();
    }
}

const METER_SAMPLES: u32 = 1024;
