//! Least-squares slope over a rolling window, O(1) a bar.

use super::kernel::{Kernel, Window};
use super::sums::RunningSum;

/// Slope of the straight line through the last values, in units a bar.
///
/// slope = sum((t - mean t) y) / sum((t - mean t)²) with t = 0..n-1; the sums are taken about a value of the window
/// and taken afresh each time the window has been replaced.
pub struct Slope {
    window: Window,
    reference: f64,
    /// Sum of y.
    level: RunningSum,
    /// Sum of t y, t counted from the oldest value.
    moment: RunningSum,
}

impl Slope {
    /// Over `length` values, at least 2.
    pub fn new(length: usize) -> Self {
        Self {
            window: Window::new(length),
            reference: 0.0,
            level: RunningSum::default(),
            moment: RunningSum::default(),
        }
    }

    fn refresh(&mut self) {
        self.reference = self.window.values()[self.window.length() / 2];
        self.level = RunningSum::default();
        self.moment = RunningSum::default();
        for (place, value) in self.window.values().iter().enumerate() {
            let value = value - self.reference;
            self.level.add(value);
            self.moment.add(place as f64 * value);
        }
    }

    #[inline]
    fn slide(&mut self, value: f64, gone: Option<f64>) {
        let value = value - self.reference;
        if let Some(gone) = gone {
            // Every value but the oldest moves one place towards the beginning.
            let gone = gone - self.reference;
            self.moment.add(-(self.level.value() - gone));
            self.level.add(-gone);
        }
        self.moment.add((self.window.count() - 1) as f64 * value);
        self.level.add(value);
    }
}

impl Kernel<1, 1> for Slope {
    fn lookback(&self) -> usize {
        self.window.length() - 1
    }

    fn reset(&mut self) {
        *self = Self::new(self.window.length());
    }

    #[inline]
    fn step(&mut self, [value]: [f64; 1]) -> [f64; 1] {
        if self.window.count() == 0 {
            self.reference = value;
        }
        let gone = self.window.push(value);
        if self.window.wrapped() {
            self.refresh();
        } else {
            self.slide(value, gone);
        }
        if !self.window.is_full() {
            return [f64::NAN];
        }
        let length = self.window.length() as f64;
        let middle = (length - 1.0) / 2.0;
        let spread = length * (length * length - 1.0) / 12.0;
        [(self.moment.value() - middle * self.level.value()) / spread]
    }
}
