//! Market data of a run as borrowed numpy columns: nothing is copied.

use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

use numpy::{Element, PyArray1, PyArrayMethods, PyUntypedArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::bar::{Bar, BarValues};

/// A numpy column, kept alive by the reference it holds. Nobody may resize or write it while a run uses it.
pub struct Column<T> {
    start: *const T,
    len: usize,
    _array: Py<PyAny>,
}

// SAFETY: the memory is owned by the numpy array that `_array` keeps alive and is only ever read.
unsafe impl<T: Sync> Send for Column<T> {}
unsafe impl<T: Sync> Sync for Column<T> {}

impl<T: Element + Copy> Column<T> {
    /// Borrows a contiguous one-dimensional array.
    pub fn new(array: &Bound<'_, PyArray1<T>>, name: &str) -> PyResult<Self> {
        if !array.is_contiguous() {
            return Err(PyValueError::new_err(format!("{name}: the array is not contiguous")));
        }
        Ok(Self { start: array.data(), len: array.len(), _array: array.clone().into_any().unbind() })
    }

    /// The values.
    #[inline]
    pub fn as_slice(&self) -> &[T] {
        if self.len == 0 {
            return &[];
        }
        // SAFETY: `start` points at `len` contiguous values kept alive by `_array`.
        unsafe { std::slice::from_raw_parts(self.start, self.len) }
    }
}

/// Bars of one instrument.
#[pyclass(module = "tradebot_native", frozen)]
pub struct MarketData {
    /// Open times.
    pub ts: Column<i64>,
    /// Close times: when each bar is known.
    pub close_ts: Column<i64>,
    open: Column<f64>,
    high: Column<f64>,
    low: Column<f64>,
    close: Column<f64>,
    volume: Column<f64>,
    trades: Option<Column<i64>>,
    vwap: Option<Column<f64>>,
}

#[pymethods]
impl MarketData {
    #[new]
    #[pyo3(signature = (ts, close_ts, open, high, low, close, volume, trades = None, vwap = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        ts: &Bound<'_, PyArray1<i64>>,
        close_ts: &Bound<'_, PyArray1<i64>>,
        open: &Bound<'_, PyArray1<f64>>,
        high: &Bound<'_, PyArray1<f64>>,
        low: &Bound<'_, PyArray1<f64>>,
        close: &Bound<'_, PyArray1<f64>>,
        volume: &Bound<'_, PyArray1<f64>>,
        trades: Option<&Bound<'_, PyArray1<i64>>>,
        vwap: Option<&Bound<'_, PyArray1<f64>>>,
    ) -> PyResult<Self> {
        let data = Self {
            ts: Column::new(ts, "ts")?,
            close_ts: Column::new(close_ts, "close_ts")?,
            open: Column::new(open, "open")?,
            high: Column::new(high, "high")?,
            low: Column::new(low, "low")?,
            close: Column::new(close, "close")?,
            volume: Column::new(volume, "volume")?,
            trades: trades.map(|trades| Column::new(trades, "trades")).transpose()?,
            vwap: vwap.map(|vwap| Column::new(vwap, "vwap")).transpose()?,
        };
        let n = data.ts.len;
        let lengths = [data.close_ts.len, data.open.len, data.high.len, data.low.len, data.close.len, data.volume.len];
        let optional = [data.trades.as_ref().map(|c| c.len), data.vwap.as_ref().map(|c| c.len)];
        if lengths.iter().any(|&len| len != n) || optional.into_iter().flatten().any(|len| len != n) {
            return Err(PyValueError::new_err("bars: the columns differ in length"));
        }
        Ok(data)
    }

    fn __len__(&self) -> usize {
        self.ts.len
    }
}

impl MarketData {
    /// Number of bars.
    #[inline]
    pub fn len(&self) -> usize {
        self.ts.len
    }

    /// One bar with all its fields.
    #[inline]
    pub fn bar(&self, index: usize) -> BarValues {
        BarValues {
            trades: self.trades.as_ref().map_or(0, |trades| trades.as_slice()[index]),
            vwap: self.vwap.as_ref().map_or(f64::NAN, |vwap| vwap.as_slice()[index]),
            ..self.prices(index)
        }
    }

    /// One bar without what matching does not read.
    #[inline]
    pub fn prices(&self, index: usize) -> BarValues {
        BarValues {
            ts: self.ts.as_slice()[index],
            open: self.open.as_slice()[index],
            high: self.high.as_slice()[index],
            low: self.low.as_slice()[index],
            close: self.close.as_slice()[index],
            volume: self.volume.as_slice()[index],
            trades: 0,
            vwap: f64::NAN,
        }
    }
}

/// The markets at the moment of a decision: the last closed bar of each. One object serves the whole run.
#[pyclass(module = "tradebot_native", frozen)]
pub struct Snapshot {
    /// Time of the decision.
    pub now: AtomicI64,
    /// Last closed bar of each instrument; -1 before the first.
    pub index: Vec<AtomicI64>,
    symbols: Vec<String>,
    data: Vec<Py<MarketData>>,
}

impl Snapshot {
    /// A snapshot before the first bar.
    pub fn new(symbols: Vec<String>, data: Vec<Py<MarketData>>) -> Self {
        let index = symbols.iter().map(|_| AtomicI64::new(-1)).collect();
        Self { now: AtomicI64::new(0), index, symbols, data }
    }
}

#[pymethods]
impl Snapshot {
    /// Time of the decision, ns UTC.
    #[getter]
    fn ts(&self) -> i64 {
        self.now.load(Relaxed)
    }

    /// Symbols of the run.
    #[getter]
    fn symbols(&self) -> Vec<String> {
        self.symbols.clone()
    }

    /// Latest closed bar of a market; None before its first.
    fn bar(&self, symbol: &str) -> PyResult<Option<Bar>> {
        let i = self.symbols.iter().position(|known| known == symbol).ok_or_else(|| {
            pyo3::exceptions::PyKeyError::new_err(format!(
                "{symbol} is not in the run; known: {}",
                self.symbols.join(", ")
            ))
        })?;
        let index = self.index[i].load(Relaxed);
        Ok(usize::try_from(index).ok().map(|index| Bar { values: self.data[i].get().bar(index) }))
    }

    /// Latest quote of a market: none, a run over bars has no quotes.
    fn quote(&self, _symbol: &str) -> Option<crate::bar::Quote> {
        None
    }
}
