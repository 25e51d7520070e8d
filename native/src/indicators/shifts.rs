//! A value of some bars ago, and the change since then.

use super::kernel::{Kernel, Window};

#[derive(Clone, Copy)]
enum LagKind {
    Shift,
    Change,
    PctChange,
}

/// The value of `length` bars ago, alone or beside the latest one.
pub struct Lagged {
    window: Window,
    kind: LagKind,
}

impl Lagged {
    /// The value of `length` bars ago.
    pub fn shift(length: usize) -> Self {
        Self { window: Window::new(length), kind: LagKind::Shift }
    }

    /// The latest value less that of `length` bars ago.
    pub fn change(length: usize) -> Self {
        Self { kind: LagKind::Change, ..Self::shift(length) }
    }

    /// The change as a fraction of the value of `length` bars ago.
    pub fn pct_change(length: usize) -> Self {
        Self { kind: LagKind::PctChange, ..Self::shift(length) }
    }
}

impl Kernel<1, 1> for Lagged {
    const RESTARTS: bool = false;

    fn lookback(&self) -> usize {
        self.window.length()
    }

    fn reset(&mut self) {
        self.window.clear();
    }

    #[inline]
    fn step(&mut self, [value]: [f64; 1]) -> [f64; 1] {
        let Some(old) = self.window.push(value) else { return [f64::NAN] };
        [match self.kind {
            LagKind::Shift => old,
            LagKind::Change => value - old,
            LagKind::PctChange => (value - old) / old,
        }]
    }
}
