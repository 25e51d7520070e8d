//! Running sums that do not drift.

/// Compensated sum: keeps the rounding error of every addition apart.
///
/// Neumaier (1974), Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen.
#[derive(Clone, Copy, Default)]
pub struct RunningSum {
    sum: f64,
    lost: f64,
}

impl RunningSum {
    /// Adds a value; a negative one takes away.
    #[inline]
    pub fn add(&mut self, value: f64) {
        let total = self.sum + value;
        self.lost +=
            if self.sum.abs() >= value.abs() { (self.sum - total) + value } else { (value - total) + self.sum };
        self.sum = total;
    }

    /// The sum so far.
    #[inline]
    pub fn value(&self) -> f64 {
        self.sum + self.lost
    }
}

/// How many times in a row the latest value has come.
///
/// A window of one value repeated has no spread at all, which a difference of sums would show only up to rounding.
#[derive(Clone, Copy, Default)]
pub struct Repeats {
    value: f64,
    count: usize,
}

impl Repeats {
    /// Takes the next value.
    #[inline]
    pub fn push(&mut self, value: f64) {
        if self.count > 0 && value == self.value {
            self.count += 1;
        } else {
            self.value = value;
            self.count = 1;
        }
    }

    /// Whether the last `length` values were all the same.
    #[inline]
    pub fn fill(&self, length: usize) -> bool {
        self.count >= length
    }
}
