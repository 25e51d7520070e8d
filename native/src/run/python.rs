//! The loop that calls a strategy written in Python on every closed bar.

use std::sync::Arc;

use numpy::PyArrayMethods;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::data::{MarketData, Snapshot};
use super::{PYTHON_CHUNK, Runner, advance, breathe, note};
use crate::bar::{Bar, BarValues};
use crate::exchange::Exchange;
use crate::exchange::python::SimExchange;
use crate::exchange::views::ExecutionEvent;
use crate::order::OrderIntent;
use crate::series::{Timeline, TimelineState};
use crate::signal::Signal;
use crate::trader::{Trader, TraderState};

/// One instrument's strategy in a run: what to call, from which bar on, and the timelines it reads.
#[pyclass(module = "tradebot_native", frozen)]
pub struct Seat {
    on_bar: Option<Py<PyAny>>,
    on_fill: Option<Py<PyAny>>,
    size: Option<Py<PyAny>>,
    warmup: usize,
    timelines: Vec<Arc<TimelineState>>,
}

#[pymethods]
impl Seat {
    /// `on_bar(bar)` and `on_fill(event)` are bound methods; `size(signal, price) -> quantity` is a sizer written in Python.
    #[new]
    #[pyo3(signature = (on_bar = None, *, on_fill = None, size = None, warmup = 0, timelines = vec![]))]
    fn new(
        on_bar: Option<Py<PyAny>>,
        on_fill: Option<Py<PyAny>>,
        size: Option<Py<PyAny>>,
        warmup: usize,
        timelines: Vec<Py<Timeline>>,
    ) -> Self {
        Self { on_bar, on_fill, size, warmup, timelines: timelines.iter().map(|line| line.get().state()).collect() }
    }
}

/// The bar a strategy is given. One object serves as long as nobody keeps it.
pub(super) struct Courier<'py> {
    args: Bound<'py, PyTuple>,
    bar: Bound<'py, Bar>,
}

impl<'py> Courier<'py> {
    pub(super) fn new(py: Python<'py>, values: BarValues) -> PyResult<Self> {
        let bar = Bound::new(py, Bar { values })?;
        Ok(Self { args: PyTuple::new(py, [&bar])?, bar })
    }

    /// Arguments with the bar's values: the same object if only we hold it, a fresh one otherwise.
    #[inline]
    pub(super) fn carry(&mut self, py: Python<'py>, values: BarValues) -> PyResult<&Bound<'py, PyTuple>> {
        // SAFETY: it is a live object and the GIL is held. Two references are ours: this one and the tuple's.
        let held_twice = unsafe { pyo3::ffi::Py_REFCNT(self.bar.as_ptr()) == 2 };
        let unshared = held_twice && is_unshared(self.args.as_any());
        match self.bar.try_borrow_mut() {
            Ok(mut bar) if unshared => bar.values = values,
            _ => *self = Self::new(py, values)?,
        }
        Ok(&self.args)
    }
}

/// Whether only the run loop holds an object.
pub(super) fn is_unshared(object: &Bound<'_, PyAny>) -> bool {
    // SAFETY: it is a live object and the GIL is held.
    unsafe { pyo3::ffi::Py_REFCNT(object.as_ptr()) == 1 }
}

/// The exchange and the trader of a run, borrowed only while no Python code runs.
pub(super) struct Desk<'a, 'py> {
    pub(super) py: Python<'py>,
    pub(super) exchange: &'a Py<SimExchange>,
    pub(super) trader: &'a Py<Trader>,
}

impl Desk<'_, '_> {
    pub(super) fn with<R>(&self, act: impl FnOnce(&mut Exchange, &mut TraderState) -> R) -> R {
        let mut exchange = self.exchange.borrow_mut(self.py);
        let mut trader = self.trader.borrow_mut(self.py);
        act(&mut exchange.exchange, &mut trader.state)
    }

    /// Acts on what a strategy said; a sizer written in Python is asked first.
    pub(super) fn act(&self, i: usize, said: &Bound<'_, PyAny>, size: Option<&Py<PyAny>>) -> PyResult<()> {
        let mut quantity = None;
        if let Some(size) = size
            && let Ok(signal) = said.cast_exact::<Signal>()
            && signal.get().quantity.is_none()
        {
            let last = self.exchange.borrow(self.py).exchange.markets[i].last;
            let price = signal.get().entry.unwrap_or(last);
            quantity = Some(size.bind(self.py).call1((said, price))?.extract()?);
        }
        self.with(|exchange, trader| trader.act(exchange, i, said, quantity))
    }

    /// Tells strategies of the fills since fill number `from`.
    pub(super) fn report_fills<'h>(&self, from: usize, hook: impl Fn(usize) -> Option<&'h Py<PyAny>>) -> PyResult<()> {
        let events: Vec<(usize, ExecutionEvent)> = {
            let exchange = &self.exchange.borrow(self.py).exchange;
            let instruments = exchange.fills.since(from).map(|(_, fill)| fill.instrument as usize);
            instruments.zip(ExecutionEvent::of_fills(exchange, from)).collect()
        };
        for (i, event) in events {
            if let Some(on_fill) = hook(i) {
                on_fill.bind(self.py).call1((event,))?;
            }
        }
        Ok(())
    }

    /// Reviews and submits the orders a policy of the whole portfolio asks for.
    fn order(&self, intents: &Bound<'_, PyAny>) -> PyResult<()> {
        let kind = || intents.get_type().name().map_or_else(|_| "object".to_owned(), |name| name.to_string());
        let wrong = |_| PyTypeError::new_err(format!("decide returned {}, not a list of OrderIntent", kind()));
        for intent in intents.try_iter().map_err(wrong)? {
            let intent = intent?;
            let intent = intent
                .cast::<OrderIntent>()
                .map_err(|error| PyTypeError::new_err(format!("decide must return OrderIntent objects: {error}")))?;
            let mut exchange = self.exchange.borrow_mut(self.py);
            let resolved = exchange.resolved(intent.get())?;
            self.trader.borrow_mut(self.py).state.order(&mut exchange.exchange, resolved);
        }
        Ok(())
    }
}

#[pymethods]
impl Runner {
    /// Runs strategies written in Python, one seat for each instrument, up to step `until` (all where not given).
    ///
    /// `decide()`, where given, is called after each step for a policy that decides for the whole portfolio.
    #[pyo3(signature = (seats, decide = None, until = None, progress = None))]
    fn run_python(
        &mut self,
        py: Python<'_>,
        seats: Vec<Py<Seat>>,
        decide: Option<Bound<'_, PyAny>>,
        until: Option<usize>,
        progress: Option<Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        if seats.len() != self.markets.len() {
            return Err(PyValueError::new_err("seats: one for each instrument is needed"));
        }
        let end = self.until(until);
        let seats: Vec<&Seat> = seats.iter().map(|seat| seat.get()).collect();
        let methods: Vec<_> =
            seats.iter().map(|seat| seat.on_bar.as_ref().map(|method| method.bind(py).clone())).collect();
        let desk = Desk { py, exchange: &self.exchange, trader: &self.trader };
        desk.with(|exchange, _| exchange.record_events = false);
        let hears_fills = seats.iter().any(|seat| seat.on_fill.is_some());
        let watches = desk.with(|_, trader| trader.watch.watches_equity());
        let markets: Vec<&MarketData> = self.markets.iter().map(|market| market.get()).collect();
        let snapshot: Option<&Snapshot> = decide.is_some().then(|| self.snapshot.get());
        let (merged, state) = (&self.merged, &mut self.progress);
        let mut curve = self.equity.bind(py).readwrite();
        let curve = curve.as_slice_mut()?;
        let mut courier = Courier::new(py, markets[0].bar(0))?;
        let mut closed: Vec<(usize, usize)> = Vec::with_capacity(markets.len());
        while state.step < end {
            let fills = {
                let mut exchange = self.exchange.borrow_mut(py);
                let exchange = &mut exchange.exchange;
                closed.clear();
                let equity = advance(exchange, &markets, merged, state, curve, |i, index| closed.push((i, index)));
                if watches {
                    self.trader.borrow_mut(py).state.watch.on_equity(exchange.now, equity);
                }
                std::mem::replace(&mut state.told, exchange.fills.len())
            };
            for &(i, index) in &closed {
                for line in &seats[i].timelines {
                    line.seek(index as i64);
                }
                if let Some(snapshot) = snapshot {
                    note(snapshot, markets[i].close_ts(index), i, index);
                }
            }
            if hears_fills && let Err(error) = desk.report_fills(fills, |i| seats[i].on_fill.as_ref()) {
                self.failed = closed.first().map_or(-1, |&(i, _)| i as i64);
                return Err(error);
            }
            for &(i, index) in &closed {
                let Some(on_bar) = &methods[i] else { continue };
                if index < seats[i].warmup {
                    continue;
                }
                let said = match on_bar.call1(courier.carry(py, markets[i].bar(index))?) {
                    Ok(said) if said.is_none() => continue,
                    Ok(said) => said,
                    Err(error) => {
                        self.failed = i as i64;
                        return Err(error);
                    }
                };
                if let Err(error) = desk.act(i, &said, seats[i].size.as_ref()) {
                    self.failed = i as i64;
                    return Err(error);
                }
            }
            if let Some(decide) = &decide {
                desk.order(&decide.call0()?)?;
            }
            if state.step.is_multiple_of(PYTHON_CHUNK) {
                breathe(py, progress.as_ref(), state.step, self.total)?;
            }
        }
        breathe(py, progress.as_ref(), state.step, self.total)
    }
}
