//! Quantiles and ranks over a rolling window kept in order: a binary search and a short move a bar.

use super::kernel::{Kernel, Window};

/// The last values, in order of time and in order of size.
struct SortedWindow {
    window: Window,
    sorted: Vec<f64>,
}

impl SortedWindow {
    fn new(length: usize) -> Self {
        Self { window: Window::new(length), sorted: Vec::with_capacity(length) }
    }

    fn clear(&mut self) {
        self.window.clear();
        self.sorted.clear();
    }

    /// Takes a value; whether the window is full.
    #[inline]
    fn push(&mut self, value: f64) -> bool {
        let arrives = self.sorted.partition_point(|other| *other < value);
        match self.window.push(value) {
            None => self.sorted.insert(arrives, value),
            Some(gone) => self.replace(gone, value, arrives),
        }
        self.window.is_full()
    }

    /// Moves only the values between the place left and the place taken.
    #[inline]
    fn replace(&mut self, gone: f64, value: f64, arrives: usize) {
        let leaves = self.sorted.partition_point(|other| *other < gone);
        if leaves < arrives {
            self.sorted.copy_within(leaves + 1..arrives, leaves);
            self.sorted[arrives - 1] = value;
        } else {
            self.sorted.copy_within(arrives..leaves, arrives + 1);
            self.sorted[arrives] = value;
        }
    }
}

/// Quantile of the last values, interpolated between neighbours (the median is the quantile 0.5).
///
/// Definition 7 of Hyndman and Fan (1996), Sample quantiles in statistical packages; NumPy's default.
pub struct Quantile {
    values: SortedWindow,
    below: usize,
    weight: f64,
}

impl Quantile {
    /// Quantile `q` in 0..1 over `length` values.
    pub fn new(length: usize, q: f64) -> Self {
        let position = q.clamp(0.0, 1.0) * (length - 1) as f64;
        let below = (position.floor() as usize).min(length.saturating_sub(2));
        Self { values: SortedWindow::new(length), below, weight: position - below as f64 }
    }
}

impl Kernel<1, 1> for Quantile {
    fn lookback(&self) -> usize {
        self.values.window.length() - 1
    }

    fn reset(&mut self) {
        self.values.clear();
    }

    #[inline]
    fn step(&mut self, [value]: [f64; 1]) -> [f64; 1] {
        if !self.values.push(value) {
            return [f64::NAN];
        }
        let sorted = &self.values.sorted;
        let low = sorted[self.below];
        let high = *sorted.get(self.below + 1).unwrap_or(&low);
        [low + (high - low) * self.weight]
    }
}

/// Rank of the latest value among the last values, as a fraction: 1/n for the lowest, 1 for the highest, the mean of
/// their ranks for equal ones.
pub struct Rank(SortedWindow);

impl Rank {
    /// Among `length` values.
    pub fn new(length: usize) -> Self {
        Self(SortedWindow::new(length))
    }
}

impl Kernel<1, 1> for Rank {
    fn lookback(&self) -> usize {
        self.0.window.length() - 1
    }

    fn reset(&mut self) {
        self.0.clear();
    }

    #[inline]
    fn step(&mut self, [value]: [f64; 1]) -> [f64; 1] {
        if !self.0.push(value) {
            return [f64::NAN];
        }
        let less = self.0.sorted.partition_point(|other| *other < value);
        let equal = self.0.sorted[less..].partition_point(|other| *other <= value);
        [(less as f64 + (equal as f64 + 1.0) / 2.0) / self.0.window.length() as f64]
    }
}
