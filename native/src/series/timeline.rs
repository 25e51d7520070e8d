//! How far time has come on a sequence of bars.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

use numpy::PyReadonlyArray1;
use pyo3::prelude::*;

/// How far one sequence of bars has come, and how far it had come one base bar earlier.
#[derive(Debug)]
pub struct TimelineState {
    cursor: AtomicI64,
    base_previous: AtomicI64,
    visible: Option<Box<[i64]>>,
}

impl TimelineState {
    /// A timeline before its first bar. `visible` maps each base bar to the last closed bar of a higher timeframe
    /// (-1 for none); a base timeline has none.
    pub fn new(visible: Option<Box<[i64]>>) -> Self {
        Self { cursor: AtomicI64::new(-1), base_previous: AtomicI64::new(-1), visible }
    }

    /// Index of the last visible bar, -1 before the first.
    #[inline]
    pub fn cursor(&self) -> i64 {
        self.cursor.load(Relaxed)
    }

    /// Index of the bar that was visible one base bar ago.
    #[inline]
    pub fn base_previous(&self) -> i64 {
        self.base_previous.load(Relaxed)
    }

    /// Moves to a bar of this timeline; `base_previous` is the bar visible at the base bar before.
    #[inline]
    pub fn set(&self, cursor: i64, base_previous: i64) {
        self.cursor.store(cursor, Relaxed);
        self.base_previous.store(base_previous, Relaxed);
    }

    /// Moves to what is visible at a base bar (-1: before the first bar).
    #[inline]
    pub fn seek(&self, base_index: i64) {
        match &self.visible {
            None => self.set(base_index, base_index - 1),
            Some(visible) => self.set(lookup(visible, base_index), lookup(visible, base_index - 1)),
        }
    }
}

#[inline]
fn lookup(visible: &[i64], base_index: i64) -> i64 {
    usize::try_from(base_index).ok().and_then(|i| visible.get(i)).copied().unwrap_or(-1)
}

/// Cursor into a sequence of bars, shared by every series of that timeframe.
#[pyclass(frozen, module = "tradebot_native")]
pub struct Timeline {
    state: Arc<TimelineState>,
}

impl Timeline {
    /// The state a run loop moves.
    pub fn state(&self) -> Arc<TimelineState> {
        Arc::clone(&self.state)
    }
}

#[pymethods]
impl Timeline {
    #[new]
    #[pyo3(signature = (visible=None))]
    fn new(visible: Option<PyReadonlyArray1<'_, i64>>) -> PyResult<Self> {
        let visible = visible.map(|array| array.as_slice().map(Box::from)).transpose()?;
        Ok(Self { state: Arc::new(TimelineState::new(visible)) })
    }

    /// Index of the last visible bar, -1 before the first.
    #[getter]
    fn cursor(&self) -> i64 {
        self.state.cursor()
    }

    /// Index of the bar that was visible one base bar ago.
    #[getter]
    fn base_previous(&self) -> i64 {
        self.state.base_previous()
    }

    /// Moves to a bar of this timeline.
    fn set(&self, cursor: i64, base_previous: i64) {
        self.state.set(cursor, base_previous);
    }

    /// Moves to what is visible at a base bar.
    fn seek(&self, base_index: i64) {
        self.state.seek(base_index);
    }
}
