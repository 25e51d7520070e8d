//! SuperTrend: a stop that follows the price at a multiple of the average true range and never steps back.

use super::kernel::Kernel;

/// Inputs high, low, close; outputs the line, the direction (+1 up, -1 down), the upper and the lower band.
///
/// Bands are (high + low) / 2 ± multiplier * ATR (Wilder); a band moves only towards the price until a close lies
/// beyond it. Seban (2008). The ATR is Wilder (1978), seeded with the mean of the first `length` true ranges.
pub struct SuperTrend {
    length: usize,
    multiplier: f64,
    seen: usize,
    close: f64,
    range: f64,
    is_up: bool,
    upper: f64,
    lower: f64,
}

impl SuperTrend {
    /// With an average true range over `length` bars.
    pub fn new(length: usize, multiplier: f64) -> Self {
        Self { length, multiplier, seen: 0, close: f64::NAN, range: 0.0, is_up: true, upper: f64::NAN, lower: f64::NAN }
    }

    /// Average true range with the bar in it, once there is one.
    #[inline]
    fn average_range(&mut self, high: f64, low: f64) -> Option<f64> {
        let true_range = (high - low).max((high - self.close).abs()).max((low - self.close).abs());
        let length = self.length as f64;
        match self.seen {
            0 => return None,
            seen if seen < self.length => {
                self.range += true_range;
                return None;
            }
            seen if seen == self.length => self.range = (self.range + true_range) / length,
            _ => self.range = (self.range * (length - 1.0) + true_range) / length,
        }
        Some(self.range)
    }
}

impl Kernel<3, 4> for SuperTrend {
    fn lookback(&self) -> usize {
        self.length
    }

    fn reset(&mut self) {
        *self = Self::new(self.length, self.multiplier);
    }

    #[inline]
    fn step(&mut self, [high, low, close]: [f64; 3]) -> [f64; 4] {
        let average = self.average_range(high, low);
        let close_before = std::mem::replace(&mut self.close, close);
        self.seen += 1;
        let Some(average) = average else { return [f64::NAN; 4] };
        let middle = (high + low) / 2.0;
        let (upper, lower) = (middle + self.multiplier * average, middle - self.multiplier * average);
        if self.upper.is_nan() {
            self.is_up = close >= middle;
            (self.upper, self.lower) = (upper, lower);
        }
        if upper < self.upper || close_before > self.upper {
            self.upper = upper;
        }
        if lower > self.lower || close_before < self.lower {
            self.lower = lower;
        }
        self.is_up = close > if self.is_up { self.lower } else { self.upper };
        let (line, direction) = if self.is_up { (self.lower, 1.0) } else { (self.upper, -1.0) };
        [line, direction, self.upper, self.lower]
    }
}
