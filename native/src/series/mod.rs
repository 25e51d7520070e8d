//! Indicator values as a strategy sees them: a series of numbers and the timeline that says how far time has come.
//!
//! A run loop moves a [`TimelineState`]; every [`Series`] on it then shows the value of that bar and the ones before,
//! never a later one.

mod crosses;
mod timeline;

use std::cell::UnsafeCell;
use std::sync::Arc;

use numpy::{PyArray1, PyArrayMethods, PyUntypedArrayMethods};
use pyo3::exceptions::{PyIndexError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;

pub use timeline::{Timeline, TimelineState};

/// Values a live series keeps; older ones are forgotten, so that a bot may run for years.
const LIVE_HISTORY: usize = 65_536;

/// Where the numbers of a series lie.
struct Buffer {
    start: *const f64,
    /// Index of the bar that `start` points at; above 0 once a live series has forgotten its oldest values.
    first: i64,
    len: i64,
    storage: Storage,
}

enum Storage {
    Empty,
    /// Kept alive for the pointer into it.
    Array(#[allow(dead_code)] Py<PyArray1<f64>>),
    Live(Vec<f64>),
}

impl Buffer {
    const fn empty() -> Self {
        Self { start: std::ptr::null(), first: 0, len: 0, storage: Storage::Empty }
    }

    #[inline]
    fn at(&self, index: i64) -> f64 {
        let offset = index - self.first;
        if offset < 0 || offset >= self.len {
            return f64::NAN;
        }
        // SAFETY: 0 <= offset < len, and `storage` keeps `len` values from `start` alive and unmoved.
        unsafe { *self.start.add(offset as usize) }
    }

    fn push(&mut self, value: f64) {
        if !matches!(self.storage, Storage::Live(_)) {
            *self = Self { storage: Storage::Live(Vec::with_capacity(64)), ..Self::empty() };
        }
        let Storage::Live(values) = &mut self.storage else { return };
        if values.len() == 2 * LIVE_HISTORY {
            values.drain(..LIVE_HISTORY);
            self.first += LIVE_HISTORY as i64;
        }
        values.push(value);
        self.start = values.as_ptr();
        self.len = values.len() as i64;
    }
}

/// Numbers on a timeline, of which only the past is visible.
#[pyclass(frozen, subclass, module = "tradebot_native")]
pub struct Series {
    timeline: Py<Timeline>,
    state: Arc<TimelineState>,
    buffer: UnsafeCell<Buffer>,
}

// SAFETY: the buffer is read and written by threads that hold the interpreter's lock, and by nothing else.
unsafe impl Send for Series {}
// SAFETY: as above.
unsafe impl Sync for Series {}

impl Series {
    #[inline]
    fn buffer(&self) -> &Buffer {
        // SAFETY: writers (`bind`, `push`) hold the interpreter's lock and keep no reference across a call into Python.
        unsafe { &*self.buffer.get() }
    }

    #[allow(clippy::mut_from_ref)]
    fn buffer_mut(&self) -> &mut Buffer {
        // SAFETY: as in `buffer`.
        unsafe { &mut *self.buffer.get() }
    }

    #[inline]
    fn is_empty(&self) -> bool {
        matches!(self.buffer().storage, Storage::Empty)
    }

    /// Value at the cursor.
    #[inline]
    pub fn current(&self) -> f64 {
        self.buffer().at(self.state.cursor())
    }

    /// Value of the bar before the cursor, on the series' own timeline.
    #[inline]
    pub fn previous(&self) -> f64 {
        self.buffer().at(self.state.cursor() - 1)
    }

    /// Value that was visible one base bar ago.
    #[inline]
    pub fn base_previous(&self) -> f64 {
        self.buffer().at(self.state.base_previous())
    }
}

#[pymethods]
impl Series {
    #[new]
    fn new(py: Python<'_>, timeline: Py<Timeline>) -> Self {
        let state = timeline.bind(py).get().state();
        Self { timeline, state, buffer: UnsafeCell::new(Buffer::empty()) }
    }

    /// The timeline whose cursor says which bar is now.
    #[getter]
    fn timeline(&self, py: Python<'_>) -> Py<Timeline> {
        self.timeline.clone_ref(py)
    }

    /// Attaches the whole series, one value a bar; the array is kept, not copied, and must not change.
    fn bind(&self, values: &Bound<'_, PyArray1<f64>>) -> PyResult<()> {
        if !values.is_contiguous() {
            return Err(PyValueError::new_err("a series needs a contiguous float64 array"));
        }
        let start = values.data().cast_const();
        let len = values.len() as i64;
        *self.buffer_mut() = Buffer { start, first: 0, len, storage: Storage::Array(values.clone().unbind()) };
        Ok(())
    }

    /// Adds the value of a bar that has just closed (live trading).
    fn push(&self, value: f64) {
        self.buffer_mut().push(value);
    }

    /// How many bars have a value, forgotten ones included.
    #[getter]
    fn size(&self) -> i64 {
        self.buffer().first + self.buffer().len
    }

    /// Value at the cursor; nan before the first bar and while the indicator warms up.
    #[getter]
    fn now(slf: &Bound<'_, Self>) -> PyResult<f64> {
        Ok(filled(slf)?.current())
    }

    /// Value of the bar before the cursor.
    #[getter]
    fn prev(slf: &Bound<'_, Self>) -> PyResult<f64> {
        Ok(filled(slf)?.previous())
    }

    fn __float__(slf: &Bound<'_, Self>) -> PyResult<f64> {
        Self::now(slf)
    }

    fn __getitem__(slf: &Bound<'_, Self>, index: i64) -> PyResult<f64> {
        let series = filled(slf)?;
        if index >= 0 {
            return Err(refuse_future(slf.py(), index));
        }
        let wanted = series.state.cursor() + 1 + index;
        if wanted >= 0 && wanted < series.buffer().first {
            return Err(PyIndexError::new_err(format!(
                "[{index}] lies further back than the last {LIVE_HISTORY} bars, which is what a live series keeps"
            )));
        }
        Ok(series.buffer().at(wanted))
    }

    /// The last `count` visible values, oldest first, as an array of its own; shorter near the beginning.
    fn window<'py>(slf: &Bound<'py, Self>, count: i64) -> PyResult<Bound<'py, PyArray1<f64>>> {
        if count < 1 {
            return Err(PyValueError::new_err(format!("window: count is {count}, and must be at least 1")));
        }
        let series = filled(slf)?;
        let end = series.state.cursor() + 1;
        let start = (end - count).max(series.buffer().first);
        Ok(PyArray1::from_iter(slf.py(), (start..end).map(|index| series.buffer().at(index))))
    }
}

/// The series with its values there: a node computes them when it is first read.
#[inline]
fn filled<'a>(series: &'a Bound<'_, Series>) -> PyResult<&'a Series> {
    if series.get().is_empty() {
        materialise(series)?;
    }
    Ok(series.get())
}

#[cold]
fn materialise(series: &Bound<'_, Series>) -> PyResult<()> {
    if series.hasattr("materialise")? {
        series.call_method0("materialise")?;
    }
    Ok(())
}

#[cold]
fn refuse_future(py: Python<'_>, index: i64) -> PyErr {
    let fact = format!("[{index}] would count from the first bar of the data");
    let mend =
        "Only the past is visible, counted from now: write [-1] for the latest closed value, [-2] for the one before.";
    let built = py.import("tradebot.core.errors").and_then(|errors| {
        let arguments = PyDict::new(py);
        arguments.set_item("place", "indicator")?;
        arguments.set_item("mend", mend)?;
        errors.getattr("StrategyError")?.call((fact.as_str(),), Some(&arguments))
    });
    match built {
        Ok(error) => PyErr::from_value(error),
        Err(_) => PyIndexError::new_err(format!("{fact}. {mend}")),
    }
}

/// Adds this module's classes to the Python module.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<Timeline>()?;
    m.add_class::<Series>()?;
    m.add_function(wrap_pyfunction!(crosses::crossed_above, m)?)?;
    m.add_function(wrap_pyfunction!(crosses::crossed_below, m)?)
}
