//! The loop that drives one instrument's strategy by trade ticks or by quotes.

use numpy::{IntoPyArray, PyArray1, PyArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PySlice;

use super::data::Column;
use super::python::{Desk, is_unshared};
use super::{PYTHON_CHUNK, breathe};
use crate::bar::{Quote, Tick};
use crate::exchange::Exchange;
use crate::exchange::python::SimExchange;
use crate::trader::Trader;

/// What drives the run.
enum Stream {
    Ticks { price: Column<f64>, size: Column<f64>, side: Option<Column<i8>> },
    Quotes { bid: Column<f64>, ask: Column<f64>, bid_size: Column<f64>, ask_size: Column<f64> },
}

impl Stream {
    fn lengths(&self) -> Vec<usize> {
        match self {
            Stream::Ticks { price, size, side } => {
                let side = side.as_ref().map(|side| side.as_slice().len());
                [price, size].iter().map(|column| column.as_slice().len()).chain(side).collect()
            }
            Stream::Quotes { bid, ask, bid_size, ask_size } => {
                [bid, ask, bid_size, ask_size].iter().map(|column| column.as_slice().len()).collect()
            }
        }
    }

    fn feed(&self, exchange: &mut Exchange, index: usize, ts: i64) {
        match self {
            Stream::Ticks { price, size, .. } => {
                exchange.on_tick(0, ts, price.as_slice()[index], size.as_slice()[index])
            }
            Stream::Quotes { .. } => {
                if let Some(quote) = self.quote(index, ts) {
                    exchange.on_quote(0, &quote);
                }
            }
        }
    }

    fn tick(&self, index: usize, ts: i64) -> Option<Tick> {
        let Stream::Ticks { price, size, side } = self else { return None };
        let side = side.as_ref().map_or(0, |side| side.as_slice()[index]);
        Some(Tick { ts, price: price.as_slice()[index], size: size.as_slice()[index], side })
    }

    fn quote(&self, index: usize, ts: i64) -> Option<Quote> {
        let Stream::Quotes { bid, ask, bid_size, ask_size } = self else { return None };
        let at = |column: &Column<f64>| column.as_slice()[index];
        Some(Quote { ts, bid: at(bid), ask: at(ask), bid_size: at(bid_size), ask_size: at(ask_size) })
    }
}

/// A run of one instrument over ticks or quotes. An order meets the next one at the earliest.
#[pyclass(module = "tradebot_native")]
pub struct TickRunner {
    exchange: Py<SimExchange>,
    trader: Py<Trader>,
    ts: Column<i64>,
    stream: Stream,
    step: usize,
    equity: Py<PyArray1<f64>>,
    failed: bool,
}

impl TickRunner {
    fn over(
        py: Python<'_>,
        exchange: Py<SimExchange>,
        trader: Py<Trader>,
        ts: Column<i64>,
        stream: Stream,
    ) -> PyResult<Self> {
        let total = ts.as_slice().len();
        if stream.lengths().iter().any(|&length| length != total) {
            return Err(PyValueError::new_err("stream: the columns differ in length"));
        }
        if !ts.as_slice().is_sorted() {
            return Err(PyValueError::new_err("ts: the times run backwards"));
        }
        // SAFETY: every element is written by the step it belongs to before `equity` hands it out.
        let equity = unsafe { PyArray1::new(py, [total], false) }.unbind();
        Ok(Self { exchange, trader, ts, stream, step: 0, equity, failed: false })
    }
}

#[pymethods]
impl TickRunner {
    /// A run over trade ticks.
    #[staticmethod]
    #[pyo3(signature = (exchange, trader, ts, price, size, side = None))]
    fn ticks(
        py: Python<'_>,
        exchange: Py<SimExchange>,
        trader: Py<Trader>,
        ts: &Bound<'_, PyArray1<i64>>,
        price: &Bound<'_, PyArray1<f64>>,
        size: &Bound<'_, PyArray1<f64>>,
        side: Option<&Bound<'_, PyArray1<i8>>>,
    ) -> PyResult<Self> {
        let stream = Stream::Ticks {
            price: Column::new(price, "price")?,
            size: Column::new(size, "size")?,
            side: side.map(|side| Column::new(side, "side")).transpose()?,
        };
        Self::over(py, exchange, trader, Column::new(ts, "ts")?, stream)
    }

    /// A run over quotes.
    #[staticmethod]
    #[allow(clippy::too_many_arguments)]
    fn quotes(
        py: Python<'_>,
        exchange: Py<SimExchange>,
        trader: Py<Trader>,
        ts: &Bound<'_, PyArray1<i64>>,
        bid: &Bound<'_, PyArray1<f64>>,
        ask: &Bound<'_, PyArray1<f64>>,
        bid_size: &Bound<'_, PyArray1<f64>>,
        ask_size: &Bound<'_, PyArray1<f64>>,
    ) -> PyResult<Self> {
        let stream = Stream::Quotes {
            bid: Column::new(bid, "bid")?,
            ask: Column::new(ask, "ask")?,
            bid_size: Column::new(bid_size, "bid_size")?,
            ask_size: Column::new(ask_size, "ask_size")?,
        };
        Self::over(py, exchange, trader, Column::new(ts, "ts")?, stream)
    }

    /// Number of ticks or quotes.
    #[getter]
    fn total(&self) -> usize {
        self.ts.as_slice().len()
    }

    /// Steps done.
    #[getter]
    fn step(&self) -> usize {
        self.step
    }

    /// Instrument and time at which the strategy raised, if it did.
    #[getter]
    fn failure(&self) -> Option<(usize, i64)> {
        self.failed.then(|| (0, self.ts.as_slice()[self.step - 1]))
    }

    /// Time of each step.
    fn times<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<i64>> {
        self.ts.as_slice().to_vec().into_pyarray(py)
    }

    /// Equity after each step done.
    fn equity<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.equity.bind(py).get_item(PySlice::new(py, 0, self.step as isize, 1))
    }

    /// Calls `handler` with each tick or quote; `on_fill` and `size` as for a `Seat`.
    #[pyo3(signature = (handler, until = None, progress = None, *, on_fill = None, size = None))]
    fn run(
        &mut self,
        py: Python<'_>,
        handler: Bound<'_, PyAny>,
        until: Option<usize>,
        progress: Option<Bound<'_, PyAny>>,
        on_fill: Option<Py<PyAny>>,
        size: Option<Py<PyAny>>,
    ) -> PyResult<()> {
        let total = self.ts.as_slice().len();
        let end = until.unwrap_or(total).min(total);
        let desk = Desk { py, exchange: &self.exchange, trader: &self.trader };
        desk.with(|exchange, _| exchange.record_events = false);
        let watches = desk.with(|_, trader| trader.watch.watches_equity());
        let mut curve = self.equity.bind(py).readwrite();
        let curve = curve.as_slice_mut()?;
        let mut courier: Option<Bound<'_, PyAny>> = None;
        while self.step < end {
            let (index, ts) = (self.step, self.ts.as_slice()[self.step]);
            let fills = desk.with(|exchange, trader| {
                let fills = exchange.fills.len();
                self.stream.feed(exchange, index, ts);
                curve[index] = exchange.equity();
                if watches {
                    trader.watch.on_equity(ts, curve[index]);
                }
                fills
            });
            self.step += 1;
            let event = carry(py, &mut courier, &self.stream, index, ts)?;
            let said = (|| {
                if let Some(on_fill) = &on_fill {
                    desk.report_fills(fills, |_| Some(on_fill))?;
                }
                let said = handler.call1((event,))?;
                if said.is_none() { Ok(()) } else { desk.act(0, &said, size.as_ref()) }
            })();
            if let Err(error) = said {
                self.failed = true;
                return Err(error);
            }
            if self.step.is_multiple_of(PYTHON_CHUNK) {
                breathe(py, progress.as_ref(), self.step, total)?;
            }
        }
        breathe(py, progress.as_ref(), self.step, total)
    }
}

/// The tick or quote of a step: the object of the step before if nobody kept it, a fresh one otherwise.
fn carry<'a, 'py>(
    py: Python<'py>,
    courier: &'a mut Option<Bound<'py, PyAny>>,
    stream: &Stream,
    index: usize,
    ts: i64,
) -> PyResult<&'a Bound<'py, PyAny>> {
    let reused = match courier.as_ref().filter(|event| is_unshared(event)) {
        Some(event) => {
            if let (Ok(tick), Some(values)) = (event.cast::<Tick>(), stream.tick(index, ts)) {
                *tick.borrow_mut() = values;
            } else if let (Ok(quote), Some(values)) = (event.cast::<Quote>(), stream.quote(index, ts)) {
                *quote.borrow_mut() = values;
            }
            courier.take()
        }
        None => None,
    };
    let event = match reused {
        Some(event) => event,
        None => match (stream.tick(index, ts), stream.quote(index, ts)) {
            (Some(tick), _) => Bound::new(py, tick)?.into_any(),
            (None, Some(quote)) => Bound::new(py, quote)?.into_any(),
            (None, None) => py.None().into_bound(py),
        },
    };
    Ok(courier.insert(event))
}

/// Adds the module's classes.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<TickRunner>()
}
