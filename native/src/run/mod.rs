//! The run loops: they walk the bars of a backtest and call Python only where the user's code decides.

mod abreast;
mod data;
mod glide;
mod memory;
mod python;
mod rules;
pub mod ticks;
mod walk;

use std::sync::atomic::Ordering::Relaxed;

use numpy::{IntoPyArray, PyArray1, PyArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PySlice};
use serde::{Deserialize, Serialize};

use crate::exchange::Exchange;
use crate::exchange::python::SimExchange;
use crate::sealed;
use crate::trader::{Trader, TraderState};
use data::{MarketData, Snapshot};

/// Values in a cache line.
const CACHE_LINE: usize = 8;

/// Steps between two looks at the keyboard and the progress bar where no Python runs.
const CHUNK: usize = 65_536;

/// The same where every step calls Python.
const PYTHON_CHUNK: usize = 4_096;

/// Where a run stands: all that must be saved beside exchange and trader.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Progress {
    /// Steps done.
    step: usize,
    /// Next bar of each instrument.
    next: Vec<usize>,
    /// Fills that strategies have been told of.
    told: usize,
}

/// A run over bars: the merged timeline, and how far it has come.
#[pyclass(module = "tradebot_native")]
pub struct Runner {
    exchange: Py<SimExchange>,
    trader: Py<Trader>,
    markets: Vec<Py<MarketData>>,
    snapshot: Py<Snapshot>,
    /// Close time of each step; empty when all instruments share one timeline.
    merged: Vec<i64>,
    total: usize,
    progress: Progress,
    /// Equity after each step; room for all.
    equity: Py<PyArray1<f64>>,
    /// Instrument being decided, for error messages; -1 outside.
    failed: i64,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    exchange: Exchange,
    trader: TraderState,
    progress: Progress,
    equity: Vec<f64>,
}

#[pymethods]
impl Runner {
    #[new]
    fn new(
        py: Python<'_>,
        exchange: Py<SimExchange>,
        trader: Py<Trader>,
        markets: Vec<Py<MarketData>>,
    ) -> PyResult<Self> {
        memory::keep_freed_memory();
        let symbols: Vec<String> =
            exchange.borrow(py).exchange.markets.iter().map(|market| market.spec.symbol.clone()).collect();
        if markets.is_empty() || markets.len() != symbols.len() {
            return Err(PyValueError::new_err("markets: one MarketData for each instrument of the exchange is needed"));
        }
        if trader.borrow(py).state.instruments() != markets.len() {
            return Err(PyValueError::new_err("trader: it was made for another number of instruments"));
        }
        if markets.iter().any(|market| market.get().len() == 0) {
            return Err(PyValueError::new_err("markets: there are no bars"));
        }
        let merged = merge(&markets);
        let total = if merged.is_empty() { markets[0].get().len() } else { merged.len() };
        let snapshot =
            Py::new(py, Snapshot::new(symbols, markets.iter().map(|market| market.clone_ref(py)).collect()))?;
        let progress = Progress { step: 0, next: vec![0; markets.len()], told: 0 };
        // SAFETY: every element is written by the step it belongs to before `equity` hands it out.
        let equity = unsafe { PyArray1::new(py, [total], false) }.unbind();
        Ok(Self { exchange, trader, markets, snapshot, merged, total, progress, equity, failed: -1 })
    }

    /// Number of steps: distinct close times over all instruments.
    #[getter]
    fn total(&self) -> usize {
        self.total
    }

    /// Steps done.
    #[getter]
    fn step(&self) -> usize {
        self.progress.step
    }

    /// Instrument whose code raised, and the close time of its bar; None if none did.
    #[getter]
    fn failure(&self) -> Option<(usize, i64)> {
        let i = usize::try_from(self.failed).ok()?;
        let index = self.progress.next[i].checked_sub(1)?;
        Some((i, self.markets[i].get().close_ts(index)))
    }

    /// The markets as a policy sees them; it moves with the run.
    #[getter]
    fn snapshot(&self, py: Python<'_>) -> Py<Snapshot> {
        self.snapshot.clone_ref(py)
    }

    /// Close time of each step.
    fn times<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<i64>> {
        if self.merged.is_empty() {
            let first = self.markets[0].get();
            (0..first.len()).map(|index| first.close_ts(index)).collect::<Vec<_>>().into_pyarray(py)
        } else {
            self.merged.clone().into_pyarray(py)
        }
    }

    /// Equity after each step done; a view, valid as long as the run does not go on.
    fn equity<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.equity.bind(py).get_item(PySlice::new(py, 0, self.progress.step as isize, 1))
    }

    /// The whole state: exchange, trader, and where the run stands.
    fn save<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let saved = Saved {
            exchange: self.exchange.borrow(py).exchange.clone(),
            trader: self.trader.borrow(py).state.clone(),
            progress: self.progress.clone(),
            equity: self.equity.bind(py).readonly().as_slice()?[..self.progress.step].to_vec(),
        };
        let bytes = sealed::seal(&saved).map_err(PyValueError::new_err)?;
        Ok(PyBytes::new(py, &bytes))
    }

    /// Takes up a saved state; the markets must be those of the saved run.
    fn restore(&mut self, py: Python<'_>, state: &[u8]) -> PyResult<()> {
        let saved: Saved =
            sealed::open(state).map_err(|fact| PyValueError::new_err(format!("state: not a saved run ({fact})")))?;
        let fits = saved.progress.step <= self.total && saved.equity.len() == saved.progress.step;
        if saved.progress.next.len() != self.markets.len() || !fits {
            return Err(PyValueError::new_err("state: it belongs to a run over other markets"));
        }
        self.exchange.borrow_mut(py).exchange = saved.exchange;
        self.trader.borrow_mut(py).state = saved.trader;
        self.progress = saved.progress;
        self.equity.bind(py).readwrite().as_slice_mut()?[..saved.equity.len()].copy_from_slice(&saved.equity);
        Ok(())
    }
}

impl Runner {
    /// End of the steps to do.
    fn until(&self, until: Option<usize>) -> usize {
        until.unwrap_or(self.total).min(self.total)
    }
}

/// Lets Ctrl-C through and reports the steps done.
fn breathe(py: Python<'_>, progress: Option<&Bound<'_, PyAny>>, step: usize, total: usize) -> PyResult<()> {
    py.check_signals()?;
    if let Some(report) = progress {
        report.call1((step, total))?;
    }
    Ok(())
}

/// Distinct close times in order, or nothing when every instrument has the same ones.
fn merge(markets: &[Py<MarketData>]) -> Vec<i64> {
    let first = markets[0].get();
    if markets[1..].iter().all(|market| market.get().is_aligned_with(first)) {
        return Vec::new();
    }
    let closes = |market: &MarketData| (0..market.len()).map(|index| market.close_ts(index)).collect::<Vec<_>>();
    let mut times: Vec<i64> = markets.iter().flat_map(|market| closes(market.get())).collect();
    times.sort_unstable();
    times.dedup();
    times
}

/// Lets the exchange take one bar that may stir something.
fn match_bar(exchange: &mut Exchange, market: &MarketData, i: usize, index: usize, now: i64) {
    let reads_volume = exchange.config.reads_volume();
    let bar = market.prices(index, reads_volume);
    match market.magnified(index, reads_volume) {
        Some(finer) => exchange.on_magnified_bar(i, &bar, now, finer),
        None => exchange.on_bar(i, &bar, now),
    }
}

/// Matches the bars that close at a step and marks the account; the shared half of both loops.
#[inline]
fn advance(
    exchange: &mut Exchange,
    markets: &[&MarketData],
    merged: &[i64],
    progress: &mut Progress,
    curve: &mut [f64],
    mut closed: impl FnMut(usize, usize),
) -> f64 {
    let step = progress.step;
    // Instruments of one timeline all close a bar at each step.
    let shared = merged.is_empty();
    let now = if shared { markets[0].close_ts(step) } else { merged[step] };
    for (i, market) in markets.iter().enumerate() {
        let index = if shared { step } else { progress.next[i] };
        if !shared && (index >= market.len() || market.close_ts(index) != now) {
            continue;
        }
        if index.is_multiple_of(CACHE_LINE) {
            // Many instruments are more streams than the processor follows by itself.
            market.prefetch(index + CACHE_LINE);
        }
        let (high, low, close) = (market.high()[index], market.low()[index], market.close()[index]);
        if !exchange.pass(i, high, low, close, now) {
            match_bar(exchange, market, i, index, now);
        }
        progress.next[i] = index + 1;
        closed(i, index);
    }
    exchange.now = now;
    let equity = exchange.equity();
    curve[step] = equity;
    progress.step = step + 1;
    equity
}

/// Marks the snapshot's position.
fn note(snapshot: &Snapshot, now: i64, i: usize, index: usize) {
    snapshot.now.store(now, Relaxed);
    snapshot.index[i].store(index as i64, Relaxed);
}

/// Adds the module's classes.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<MarketData>()?;
    m.add_class::<Snapshot>()?;
    m.add_class::<Runner>()?;
    m.add_class::<rules::RuleSet>()?;
    m.add_class::<python::Seat>()?;
    memory::register(m)?;
    ticks::register(m)
}
