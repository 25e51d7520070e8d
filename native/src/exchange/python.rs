//! The exchange's Python face.

use pyo3::exceptions::{PyKeyError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::checks::check_account;
use super::portfolio::Portfolio;
use super::views::{ExecutionEvent, OrderView, PositionView};
use super::{Config, Exchange, Market};
use crate::instrument::InstrumentSpec;
use crate::models::{FillAt, PathModel, Slippage, SlippageModel};
use crate::order::{InstrumentKey, Intent, OrderIntent, Reason};
use crate::sealed;

/// The simulated exchange: one account, many instruments. See the exchange's semantics in docs/architecture.md.
#[pyclass(module = "tradebot_native", subclass)]
pub struct SimExchange {
    /// The exchange.
    pub exchange: Exchange,
}

/// A refused word under the name of its parameter.
fn named(parameter: &str, error: &str) -> PyErr {
    let fact = error.split_once(": ").map_or(error, |(_, fact)| fact);
    PyValueError::new_err(format!("{parameter}: {fact}"))
}

impl SimExchange {
    /// Index of an instrument named by index or symbol.
    pub fn resolve(&self, key: &InstrumentKey) -> PyResult<usize> {
        let markets = &self.exchange.markets;
        let found = match key {
            InstrumentKey::Index(index) => Some(*index as usize).filter(|&index| index < markets.len()),
            InstrumentKey::Symbol(symbol) => markets.iter().position(|market| &market.spec.symbol == symbol),
        };
        found.ok_or_else(|| {
            let known: Vec<&str> = markets.iter().map(|market| market.spec.symbol.as_str()).collect();
            let name = match key {
                InstrumentKey::Index(index) => index.to_string(),
                InstrumentKey::Symbol(symbol) => symbol.clone(),
            };
            PyKeyError::new_err(format!("instrument {name} is not traded here; known: {}", known.join(", ")))
        })
    }

    /// The plain intent with its instrument and tag resolved.
    pub fn resolved(&mut self, request: &OrderIntent) -> PyResult<Intent> {
        let key = match &request.symbol {
            Some(symbol) => InstrumentKey::Symbol(symbol.clone()),
            None => InstrumentKey::Index(request.intent.instrument),
        };
        let instrument = self.resolve(&key)? as u32;
        let tag = self.exchange.intern(&request.tag);
        Ok(Intent { instrument, tag, ..request.intent })
    }
}

#[pymethods]
impl SimExchange {
    #[new]
    #[pyo3(signature = (instruments, *, cash, fill = "next_open", path = "pessimistic", touch = true,
        participation = None, slippage = None, leverage = 1.0, run_id = "run"))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        instruments: Vec<InstrumentSpec>,
        cash: f64,
        fill: &str,
        path: &str,
        touch: bool,
        participation: Option<f64>,
        slippage: Option<Slippage>,
        leverage: f64,
        run_id: &str,
    ) -> PyResult<Self> {
        check_account(&instruments, cash, leverage)?;
        if let Some(share) = participation
            && !(share > 0.0 && share <= 1.0)
        {
            return Err(PyValueError::new_err(format!("participation: {share} is not above 0 and at most 1")));
        }
        let config = Config {
            fill: FillAt::parse(fill).map_err(|error| named("fill", &error))?,
            path: PathModel::parse(path).map_err(|error| named("path", &error))?,
            touch,
            participation: participation.unwrap_or(f64::INFINITY),
            slippage: slippage.map_or(SlippageModel::None, |slippage| slippage.model),
            leverage,
            run_id: run_id.to_owned(),
        };
        let markets = instruments.into_iter().map(|spec| Market::new(spec.instrument)).collect();
        Ok(Self { exchange: Exchange::new(markets, cash, config) })
    }

    /// Takes an order and answers its id; a refused order is on record as rejected.
    fn submit(&mut self, intent: &OrderIntent) -> PyResult<u32> {
        let intent = self.resolved(intent)?;
        Ok(self.exchange.submit(intent))
    }

    /// Cancels a live order; False when there is nothing to cancel.
    fn cancel(&mut self, order: u32) -> bool {
        self.exchange.cancel(order, Reason::Requested)
    }

    /// Changes a live order; raises ValueError with the venue's reason.
    #[pyo3(signature = (order, *, quantity = None, price = None, trigger = None))]
    fn replace(&mut self, order: u32, quantity: Option<f64>, price: Option<f64>, trigger: Option<f64>) -> PyResult<()> {
        self.exchange
            .replace(order, quantity, price, trigger)
            .map_err(|reason| PyValueError::new_err(format!("order {order}: {}", reason.as_str())))
    }

    /// Leverage of one instrument from here on, a whole number, in place of the exchange's.
    fn set_leverage(&mut self, instrument: InstrumentKey, leverage: u32) -> PyResult<()> {
        let i = self.resolve(&instrument)?;
        if leverage == 0 {
            return Err(PyValueError::new_err(format!("leverage: {leverage} is not 1 or more")));
        }
        self.exchange.markets[i].leverage = leverage;
        Ok(())
    }

    /// The events since the last call.
    fn take_events(&mut self) -> Vec<ExecutionEvent> {
        let events = std::mem::take(&mut self.exchange.events);
        events.into_iter().map(|event| ExecutionEvent::of(&self.exchange, &event)).collect()
    }

    /// One order by id.
    fn order(&self, order: u32) -> PyResult<OrderView> {
        if self.exchange.orders.contains(order as usize) {
            Ok(OrderView::of(&self.exchange, order))
        } else {
            Err(PyKeyError::new_err(format!("order {order} does not exist")))
        }
    }

    /// Price at which an open position is closed by force while all else stands still; None where nothing forces it.
    fn liquidation_price(&self, instrument: InstrumentKey) -> PyResult<Option<f64>> {
        Ok(self.exchange.liquidation_level(self.resolve(&instrument)?))
    }

    /// Live orders of one instrument or of all.
    #[pyo3(signature = (instrument = None))]
    pub(super) fn open_orders(&self, instrument: Option<InstrumentKey>) -> PyResult<Vec<OrderView>> {
        let wanted = match instrument {
            Some(key) => vec![self.resolve(&key)?],
            None => (0..self.exchange.markets.len()).collect(),
        };
        let mut ids: Vec<u32> = wanted.into_iter().flat_map(|i| self.exchange.live_orders(i)).collect();
        ids.sort_unstable();
        Ok(ids.into_iter().map(|id| OrderView::of(&self.exchange, id)).collect())
    }

    /// The account, always up to date.
    #[getter]
    fn portfolio(slf: Py<Self>) -> Portfolio {
        Portfolio::of(slf)
    }

    /// Bars whose result depended on the unknown path inside them.
    #[getter]
    fn ambiguous_bars(&self) -> u64 {
        self.exchange.ambiguous
    }

    /// Forgets old orders with their fills and trades; see `Exchange::forget`.
    #[pyo3(signature = (keep, *, ended_before, told))]
    fn forget(&mut self, keep: usize, ended_before: i64, told: usize) -> bool {
        self.exchange.forget(keep, ended_before, told)
    }

    /// Whether an order is still kept.
    fn keeps(&self, order: u32) -> bool {
        self.exchange.orders.contains(order as usize)
    }

    /// Number of fills booked.
    #[getter]
    fn fill_count(&self) -> usize {
        self.exchange.fills.len()
    }

    /// Trades closed so far, and those of them that made money.
    #[getter]
    fn closed_trades(&self) -> (usize, usize) {
        let closed = self.exchange.closed_trades();
        (closed.count, closed.wins)
    }

    /// Whether events are kept for `take_events`.
    #[setter]
    fn set_record_events(&mut self, on: bool) {
        self.exchange.record_events = on;
    }

    /// The whole state.
    fn save<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = sealed::seal(&self.exchange).map_err(PyValueError::new_err)?;
        Ok(PyBytes::new(py, &bytes))
    }

    /// An exchange that goes on exactly where the saved one stood.
    #[staticmethod]
    fn restore(state: &[u8]) -> PyResult<Self> {
        let exchange = sealed::open(state)
            .map_err(|fact| PyValueError::new_err(format!("state: not a saved exchange of this version ({fact})")))?;
        Ok(Self { exchange })
    }
}

/// Adds the module's classes.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<SimExchange>()?;
    m.add_class::<super::books::Books>()?;
    m.add_class::<Portfolio>()?;
    m.add_class::<PositionView>()?;
    m.add_class::<OrderView>()?;
    m.add_class::<ExecutionEvent>()?;
    m.add_class::<Slippage>()
}
