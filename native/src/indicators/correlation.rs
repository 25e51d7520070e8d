//! Pearson correlation over a rolling window, O(1) a bar.

use super::kernel::{Kernel, Window};
use super::sums::{Repeats, RunningSum};

/// Correlation of the last values of two series; nan where one of them does not move.
///
/// Sums are taken about a pair of the window and taken afresh each time the window has been replaced.
pub struct Correlation {
    first: Window,
    second: Window,
    reference: (f64, f64),
    /// Of x, y, x², y² and xy.
    sums: [RunningSum; 5],
    repeats: (Repeats, Repeats),
}

impl Correlation {
    /// Over `length` pairs, at least 2.
    pub fn new(length: usize) -> Self {
        Self {
            first: Window::new(length),
            second: Window::new(length),
            reference: (0.0, 0.0),
            sums: [RunningSum::default(); 5],
            repeats: (Repeats::default(), Repeats::default()),
        }
    }

    #[inline]
    fn add(&mut self, first: f64, second: f64, sign: f64) {
        let (x, y) = (first - self.reference.0, second - self.reference.1);
        for (sum, term) in self.sums.iter_mut().zip([x, y, x * x, y * y, x * y]) {
            sum.add(sign * term);
        }
    }

    fn refresh(&mut self) {
        let middle = self.first.length() / 2;
        self.reference = (self.first.values()[middle], self.second.values()[middle]);
        self.sums = [RunningSum::default(); 5];
        for place in 0..self.first.length() {
            self.add(self.first.values()[place], self.second.values()[place], 1.0);
        }
    }
}

impl Kernel<2, 1> for Correlation {
    fn lookback(&self) -> usize {
        self.first.length() - 1
    }

    fn reset(&mut self) {
        *self = Self::new(self.first.length());
    }

    #[inline]
    fn step(&mut self, [first, second]: [f64; 2]) -> [f64; 1] {
        if self.first.count() == 0 {
            self.reference = (first, second);
        }
        self.repeats.0.push(first);
        self.repeats.1.push(second);
        let gone = (self.first.push(first), self.second.push(second));
        if self.first.wrapped() {
            self.refresh();
        } else {
            self.add(first, second, 1.0);
            if let (Some(first), Some(second)) = gone {
                self.add(first, second, -1.0);
            }
        }
        let length = self.first.length();
        if !self.first.is_full() || self.repeats.0.fill(length) || self.repeats.1.fill(length) {
            return [f64::NAN];
        }
        let [x, y, xx, yy, xy] = self.sums.map(|sum| sum.value() / length as f64);
        let spread = (xx - x * x) * (yy - y * y);
        [if spread > 0.0 { ((xy - x * y) / spread.sqrt()).clamp(-1.0, 1.0) } else { f64::NAN }]
    }
}
