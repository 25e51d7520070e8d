//! Highest and lowest value of a rolling window, O(1) a bar on average.

use std::collections::VecDeque;

use super::kernel::Kernel;

/// Highest (`MAX`) or lowest of the last values, or how many bars ago it was (the latest, where several are equal).
///
/// Keeps only the values that a later one does not outdo, in order. Lemire (2006), Streaming maximum-minimum filter
/// using no more than three comparisons per element.
pub struct Extreme<const MAX: bool> {
    length: usize,
    gives_age: bool,
    seen: usize,
    candidates: VecDeque<(usize, f64)>,
}

impl<const MAX: bool> Extreme<MAX> {
    /// The value itself.
    pub fn value(length: usize) -> Self {
        Self { length, gives_age: false, seen: 0, candidates: VecDeque::new() }
    }

    /// Bars since the value.
    pub fn age(length: usize) -> Self {
        Self { gives_age: true, ..Self::value(length) }
    }
}

impl<const MAX: bool> Kernel<1, 1> for Extreme<MAX> {
    fn lookback(&self) -> usize {
        self.length - 1
    }

    fn reset(&mut self) {
        self.seen = 0;
        self.candidates.clear();
    }

    #[inline]
    fn step(&mut self, [value]: [f64; 1]) -> [f64; 1] {
        let outdone = |old: f64| if MAX { old <= value } else { old >= value };
        while self.candidates.back().is_some_and(|&(_, old)| outdone(old)) {
            self.candidates.pop_back();
        }
        self.candidates.push_back((self.seen, value));
        self.seen += 1;
        if self.candidates.front().is_some_and(|&(at, _)| at + self.length < self.seen) {
            self.candidates.pop_front();
        }
        [match self.candidates.front() {
            Some(&(at, _)) if self.seen >= self.length && self.gives_age => (self.seen - 1 - at) as f64,
            Some(&(_, extreme)) if self.seen >= self.length => extreme,
            _ => f64::NAN,
        }]
    }
}
