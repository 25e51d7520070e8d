//! Crosses, and what has been since something happened. Conditions are 1 (true), 0 (false) or nan (not yet known).

use super::kernel::{Kernel, Window};

/// Whether the first input crossed above (`ABOVE`) or below the second between the last bar and this one.
pub struct Cross<const ABOVE: bool> {
    before: (f64, f64),
}

impl<const ABOVE: bool> Cross<ABOVE> {
    /// Before its first bar.
    pub fn new() -> Self {
        Self { before: (f64::NAN, f64::NAN) }
    }
}

impl<const ABOVE: bool> Kernel<2, 1> for Cross<ABOVE> {
    const RESTARTS: bool = false;

    fn lookback(&self) -> usize {
        1
    }

    fn reset(&mut self) {
        self.before = (f64::NAN, f64::NAN);
    }

    #[inline]
    fn step(&mut self, [first, second]: [f64; 2]) -> [f64; 1] {
        let before = std::mem::replace(&mut self.before, (first, second));
        if first.is_nan() || second.is_nan() || before.0.is_nan() || before.1.is_nan() {
            return [f64::NAN];
        }
        let crossed =
            if ABOVE { before.0 <= before.1 && first > second } else { before.0 >= before.1 && first < second };
        [f64::from(u8::from(crossed))]
    }
}

/// Bars since a condition was last true: 0 on the bar itself, nan until it has been true once.
pub struct BarsSince(Option<u64>);

impl BarsSince {
    /// Before its first bar.
    pub fn new() -> Self {
        Self(None)
    }
}

impl Kernel<1, 1> for BarsSince {
    const RESTARTS: bool = false;

    fn lookback(&self) -> usize {
        0
    }

    fn reset(&mut self) {
        self.0 = None;
    }

    #[inline]
    fn step(&mut self, [condition]: [f64; 1]) -> [f64; 1] {
        self.0 = if is_true(condition) { Some(0) } else { self.0.map(|bars| bars + 1) };
        [self.0.map_or(f64::NAN, |bars| bars as f64)]
    }
}

/// The second input as it was on the bar when the first was last true, or the last but one, and so on.
pub struct ValueWhen(Window);

impl ValueWhen {
    /// The value of the `nth` last time, 1 for the last.
    pub fn new(nth: usize) -> Self {
        Self(Window::new(nth))
    }
}

impl Kernel<2, 1> for ValueWhen {
    const RESTARTS: bool = false;

    fn lookback(&self) -> usize {
        0
    }

    fn reset(&mut self) {
        self.0.clear();
    }

    #[inline]
    fn step(&mut self, [condition, value]: [f64; 2]) -> [f64; 1] {
        if is_true(condition) {
            self.0.push(value);
        }
        [self.0.oldest().unwrap_or(f64::NAN)]
    }
}

#[inline]
fn is_true(condition: f64) -> bool {
    condition != 0.0 && !condition.is_nan()
}
