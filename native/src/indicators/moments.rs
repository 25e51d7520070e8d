//! Sum, mean, variance, z-score and skewness over a rolling window, O(1) a bar.
//!
//! Powers are summed about a value of the window itself, with compensated additions, and summed afresh each time the
//! window has been replaced: rounding error never outlives `length` bars, however long the series.

use super::kernel::{Kernel, Window};
use super::sums::{Repeats, RunningSum};

/// Sums of the first `ORDER` powers of (value - reference) over the window.
#[derive(Clone)]
struct PowerSums<const ORDER: usize> {
    window: Window,
    reference: f64,
    sums: [RunningSum; ORDER],
    repeats: Repeats,
}

impl<const ORDER: usize> PowerSums<ORDER> {
    fn new(length: usize) -> Self {
        Self {
            window: Window::new(length),
            reference: 0.0,
            sums: [RunningSum::default(); ORDER],
            repeats: Repeats::default(),
        }
    }

    fn reset(&mut self) {
        self.window.clear();
        self.reference = 0.0;
        self.sums = [RunningSum::default(); ORDER];
        self.repeats = Repeats::default();
    }

    /// Takes a value; whether the window is full.
    #[inline]
    fn push(&mut self, value: f64) -> bool {
        // A plain sum stays about zero, so that sums of whole numbers stay whole.
        if ORDER > 1 && self.window.count() == 0 {
            self.reference = value;
        }
        self.repeats.push(value);
        let gone = self.window.push(value);
        if self.window.wrapped() {
            self.refresh();
            return true;
        }
        self.add(value - self.reference, 1.0);
        if let Some(gone) = gone {
            self.add(gone - self.reference, -1.0);
        }
        self.window.is_full()
    }

    #[inline]
    fn add(&mut self, difference: f64, sign: f64) {
        let mut power = sign;
        for sum in &mut self.sums {
            power *= difference;
            sum.add(power);
        }
    }

    fn refresh(&mut self) {
        self.sums = [RunningSum::default(); ORDER];
        if ORDER > 1 {
            self.reference = self.window.values()[self.window.length() / 2];
        }
        for place in 0..self.window.length() {
            self.add(self.window.values()[place] - self.reference, 1.0);
        }
    }

    /// Mean of the powers of the differences.
    #[inline]
    fn raw(&self) -> [f64; ORDER] {
        let length = self.window.length() as f64;
        self.sums.map(|sum| sum.value() / length)
    }

    #[inline]
    fn is_constant(&self) -> bool {
        self.repeats.fill(self.window.length())
    }
}

/// Sum of the last values.
pub struct Sum(PowerSums<1>);

impl Sum {
    /// Over `length` values.
    pub fn new(length: usize) -> Self {
        Self(PowerSums::new(length))
    }
}

impl Kernel<1, 1> for Sum {
    fn lookback(&self) -> usize {
        self.0.window.length() - 1
    }

    fn reset(&mut self) {
        self.0.reset();
    }

    #[inline]
    fn step(&mut self, [value]: [f64; 1]) -> [f64; 1] {
        [if self.0.push(value) { self.0.sums[0].value() } else { f64::NAN }]
    }
}

/// Mean of the last values.
pub struct Mean(PowerSums<1>);

impl Mean {
    /// Over `length` values.
    pub fn new(length: usize) -> Self {
        Self(PowerSums::new(length))
    }
}

impl Kernel<1, 1> for Mean {
    fn lookback(&self) -> usize {
        self.0.window.length() - 1
    }

    fn reset(&mut self) {
        self.0.reset();
    }

    #[inline]
    fn step(&mut self, [value]: [f64; 1]) -> [f64; 1] {
        [if self.0.push(value) { self.0.raw()[0] } else { f64::NAN }]
    }
}

enum SpreadKind {
    Variance,
    Deviation,
    Score,
}

/// Variance of the last values, its square root, or the distance of the latest value from the mean in units of it.
pub struct Spread {
    sums: PowerSums<2>,
    ddof: f64,
    kind: SpreadKind,
}

impl Spread {
    /// Variance, divided by `length - ddof`.
    pub fn variance(length: usize, ddof: f64) -> Self {
        Self { sums: PowerSums::new(length), ddof, kind: SpreadKind::Variance }
    }

    /// Standard deviation.
    pub fn deviation(length: usize, ddof: f64) -> Self {
        Self { kind: SpreadKind::Deviation, ..Self::variance(length, ddof) }
    }

    /// (latest - mean) / standard deviation; nan where all values are the same.
    pub fn score(length: usize, ddof: f64) -> Self {
        Self { kind: SpreadKind::Score, ..Self::variance(length, ddof) }
    }
}

impl Kernel<1, 1> for Spread {
    fn lookback(&self) -> usize {
        self.sums.window.length() - 1
    }

    fn reset(&mut self) {
        self.sums.reset();
    }

    #[inline]
    fn step(&mut self, [value]: [f64; 1]) -> [f64; 1] {
        if !self.sums.push(value) {
            return [f64::NAN];
        }
        let length = self.sums.window.length() as f64;
        let [mean, square] = self.sums.raw();
        let variance =
            if self.sums.is_constant() { 0.0 } else { (square - mean * mean).max(0.0) * length / (length - self.ddof) };
        [match self.kind {
            SpreadKind::Variance => variance,
            SpreadKind::Deviation => variance.sqrt(),
            SpreadKind::Score if variance > 0.0 => (value - self.sums.reference - mean) / variance.sqrt(),
            SpreadKind::Score => f64::NAN,
        }]
    }
}

/// Skewness of the last values, corrected for bias; nan where all values are the same.
///
/// G1 = sqrt(n (n - 1)) / (n - 2) * m3 / m2^1.5. Joanes and Gill (1998), Comparing measures of sample skewness and
/// kurtosis.
pub struct Skew(PowerSums<3>);

impl Skew {
    /// Over `length` values, at least 3.
    pub fn new(length: usize) -> Self {
        Self(PowerSums::new(length))
    }
}

impl Kernel<1, 1> for Skew {
    fn lookback(&self) -> usize {
        self.0.window.length() - 1
    }

    fn reset(&mut self) {
        self.0.reset();
    }

    #[inline]
    fn step(&mut self, [value]: [f64; 1]) -> [f64; 1] {
        if !self.0.push(value) || self.0.is_constant() {
            return [f64::NAN];
        }
        let length = self.0.window.length() as f64;
        let [mean, square, cube] = self.0.raw();
        let second = square - mean * mean;
        if second <= 0.0 {
            return [f64::NAN];
        }
        let third = cube - 3.0 * mean * square + 2.0 * mean * mean * mean;
        let bias = (length * (length - 1.0)).sqrt() / (length - 2.0);
        [bias * third / (second * second.sqrt())]
    }
}
