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

#[inline(always)]
pub(super) fn fetch<T>(value: &T) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a prefetch reads nothing and cannot fault.
    unsafe {
        std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(std::ptr::from_ref(value).cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = value;
}

/// When bars are known: a fixed time after they open, or a time of their own (months).
enum Closing {
    After(i64),
    At(Column<i64>),
}

/// Finer bars, and the first and the end of those that belong to each bar.
type FinerBars<'py> = (Py<MarketData>, Bound<'py, PyArray1<i64>>, Bound<'py, PyArray1<i64>>);

/// The finer bars that make up each bar.
struct Finer {
    data: Py<MarketData>,
    /// First finer bar of each bar.
    starts: Column<i64>,
    /// The one after its last; its first again where there are none.
    ends: Column<i64>,
}

/// Bars of one instrument.
#[pyclass(module = "tradebot_native", frozen)]
pub struct MarketData {
    /// Open times.
    pub ts: Column<i64>,
    close: Closing,
    open: Column<f64>,
    high: Column<f64>,
    low: Column<f64>,
    last: Column<f64>,
    volume: Column<f64>,
    trades: Option<Column<i64>>,
    vwap: Option<Column<f64>>,
    finer: Option<Finer>,
}

#[pymethods]
impl MarketData {
    /// `closes` is the length of every bar in ns, or the close time of each; `finer` the bars that magnify these, with the
    /// first of them that belongs to each bar and the one after its last.
    #[new]
    #[pyo3(signature = (ts, closes, open, high, low, close, volume, trades = None, vwap = None, finer = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        ts: &Bound<'_, PyArray1<i64>>,
        closes: &Bound<'_, PyAny>,
        open: &Bound<'_, PyArray1<f64>>,
        high: &Bound<'_, PyArray1<f64>>,
        low: &Bound<'_, PyArray1<f64>>,
        close: &Bound<'_, PyArray1<f64>>,
        volume: &Bound<'_, PyArray1<f64>>,
        trades: Option<&Bound<'_, PyArray1<i64>>>,
        vwap: Option<&Bound<'_, PyArray1<f64>>>,
        finer: Option<FinerBars<'_>>,
    ) -> PyResult<Self> {
        let closing = match closes.extract::<i64>() {
            Ok(length) => Closing::After(length),
            Err(_) => Closing::At(Column::new(closes.cast::<PyArray1<i64>>()?, "closes")?),
        };
        let data = Self {
            ts: Column::new(ts, "ts")?,
            open: Column::new(open, "open")?,
            high: Column::new(high, "high")?,
            low: Column::new(low, "low")?,
            last: Column::new(close, "close")?,
            close: closing,
            volume: Column::new(volume, "volume")?,
            trades: trades.map(|trades| Column::new(trades, "trades")).transpose()?,
            vwap: vwap.map(|vwap| Column::new(vwap, "vwap")).transpose()?,
            finer: finer.map(|(data, starts, ends)| Finer::new(data, &starts, &ends)).transpose()?,
        };
        let n = data.ts.len;
        let lengths = [data.open.len, data.high.len, data.low.len, data.last.len, data.volume.len];
        let closes = match &data.close {
            Closing::After(_) => None,
            Closing::At(times) => Some(times.len),
        };
        let optional = [closes, data.trades.as_ref().map(|c| c.len), data.vwap.as_ref().map(|c| c.len)];
        if lengths.iter().any(|&len| len != n) || optional.into_iter().flatten().any(|len| len != n) {
            return Err(PyValueError::new_err("bars: the columns differ in length"));
        }
        if data.finer.as_ref().is_some_and(|finer| finer.starts.len != n || finer.ends.len != n) {
            return Err(PyValueError::new_err("finer: one start and one end for each bar are needed"));
        }
        Ok(data)
    }

    fn __len__(&self) -> usize {
        self.ts.len
    }
}

impl Finer {
    fn new(data: Py<MarketData>, starts: &Bound<'_, PyArray1<i64>>, ends: &Bound<'_, PyArray1<i64>>) -> PyResult<Self> {
        let (starts, ends) = (Column::new(starts, "starts")?, Column::new(ends, "ends")?);
        let len = data.get().len() as i64;
        let within = |(&start, &end): (&i64, &i64)| (0..=end).contains(&start) && end <= len;
        if !starts.as_slice().iter().zip(ends.as_slice()).all(within) {
            return Err(PyValueError::new_err("finer: a range lies outside the finer bars"));
        }
        Ok(Self { data, starts, ends })
    }
}

impl MarketData {
    /// The finer bars that make up a bar, each with its close time; None where there are none.
    pub fn magnified(&self, index: usize, with_volume: bool) -> Option<impl Iterator<Item = (BarValues, i64)>> {
        let finer = self.finer.as_ref()?;
        let (start, end) = (finer.starts.as_slice()[index] as usize, finer.ends.as_slice()[index] as usize);
        let data = finer.data.get();
        (start < end).then(|| (start..end).map(move |n| (data.prices(n, with_volume), data.close_ts(n))))
    }

    /// Number of bars.
    #[inline]
    pub fn len(&self) -> usize {
        self.ts.len
    }

    /// Highest prices.
    pub fn high(&self) -> &[f64] {
        self.high.as_slice()
    }

    /// Lowest prices.
    pub fn low(&self) -> &[f64] {
        self.low.as_slice()
    }

    /// Last prices.
    pub fn close(&self) -> &[f64] {
        self.last.as_slice()
    }

    /// Time at which a bar is known.
    #[inline(always)]
    pub fn close_ts(&self, index: usize) -> i64 {
        match &self.close {
            Closing::After(length) => self.ts.as_slice()[index] + length,
            Closing::At(times) => times.as_slice()[index],
        }
    }

    /// First bar from `from` on, before `to`, that is known later than `ts`; `to` where there is none.
    pub fn first_after(&self, ts: i64, from: usize, to: usize) -> usize {
        match &self.close {
            Closing::After(length) => from + self.ts.as_slice()[from..to].partition_point(|&open| open + length <= ts),
            Closing::At(times) => from + times.as_slice()[from..to].partition_point(|&close| close <= ts),
        }
    }

    /// Whether two markets have their bars at the same times.
    pub fn is_aligned_with(&self, other: &MarketData) -> bool {
        match (&self.close, &other.close) {
            (Closing::After(a), Closing::After(b)) => a == b && self.ts.as_slice() == other.ts.as_slice(),
            _ => {
                self.len() == other.len() && (0..self.len()).all(|index| self.close_ts(index) == other.close_ts(index))
            }
        }
    }

    /// Asks the processor to fetch what matching reads of a bar that will soon be needed.
    #[inline]
    pub fn prefetch(&self, index: usize) {
        if index < self.len() {
            for column in [&self.open, &self.high, &self.low, &self.last] {
                fetch(&column.as_slice()[index]);
            }
            fetch(&self.ts.as_slice()[index]);
        }
    }

    /// One bar with all its fields.
    #[inline]
    pub fn bar(&self, index: usize) -> BarValues {
        BarValues {
            trades: self.trades.as_ref().map_or(0, |trades| trades.as_slice()[index]),
            vwap: self.vwap.as_ref().map_or(f64::NAN, |vwap| vwap.as_slice()[index]),
            ..self.prices(index, true)
        }
    }

    /// One bar without what matching does not read; volume only where a model asks for it.
    #[inline(always)]
    pub fn prices(&self, index: usize, with_volume: bool) -> BarValues {
        BarValues {
            ts: self.ts.as_slice()[index],
            open: self.open.as_slice()[index],
            high: self.high.as_slice()[index],
            low: self.low.as_slice()[index],
            close: self.last.as_slice()[index],
            volume: if with_volume { self.volume.as_slice()[index] } else { f64::NAN },
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
