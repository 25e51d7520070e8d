//! Volume-weighted average price since the start of the session.

use super::kernel::Kernel;
use super::sums::RunningSum;

/// Inputs session number, price, volume: sum(price * volume) / sum(volume) over the bars of the session so far.
///
/// nan until something has traded in the session; a bar without a price or volume shows nan and changes nothing.
pub struct Vwap {
    session: f64,
    turnover: RunningSum,
    volume: RunningSum,
}

impl Vwap {
    /// Before its first session.
    pub fn new() -> Self {
        Self { session: f64::NAN, turnover: RunningSum::default(), volume: RunningSum::default() }
    }
}

impl Kernel<3, 1> for Vwap {
    const RESTARTS: bool = false;

    fn lookback(&self) -> usize {
        0
    }

    fn reset(&mut self) {
        *self = Self::new();
    }

    #[inline]
    fn step(&mut self, [session, price, volume]: [f64; 3]) -> [f64; 1] {
        if session != self.session {
            *self = Self { session, ..Self::new() };
        }
        if !price.is_finite() || !volume.is_finite() || session.is_nan() {
            return [f64::NAN];
        }
        self.turnover.add(price * volume);
        self.volume.add(volume);
        let volume = self.volume.value();
        [if volume > 0.0 { self.turnover.value() / volume } else { f64::NAN }]
    }
}
