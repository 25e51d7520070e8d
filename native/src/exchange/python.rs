//! The exchange's Python face.

use numpy::{IntoPyArray, PyReadonlyArray1};
use pyo3::exceptions::{PyKeyError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use super::views::{ExecutionEvent, OrderView, PositionView};
use super::{Config, Exchange, Funding, Market};
use crate::bar::{Bar, BarValues, Quote, Tick};
use crate::book::python::PyOrderBook;
use crate::instrument::InstrumentSpec;
use crate::models::{FillAt, PathModel, Slippage, SlippageModel};
use crate::order::{InstrumentKey, Intent, NONE, OrderIntent, Reason};
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

/// One value of each row.
fn column<T, V>(rows: &[(usize, &T)], get: impl Fn(&T) -> V) -> Vec<V> {
    rows.iter().map(|&(_, row)| get(row)).collect()
}

/// Refuses money, leverage or instruments that no account can have.
pub(super) fn check_account(instruments: &[InstrumentSpec], cash: f64, leverage: f64) -> PyResult<()> {
    if !(cash.is_finite() && cash > 0.0) {
        return Err(PyValueError::new_err(format!("cash: {cash} is not a positive number")));
    }
    if !(leverage.is_finite() && leverage >= 1.0) {
        return Err(PyValueError::new_err(format!("leverage: {leverage} is not 1 or more")));
    }
    for (n, spec) in instruments.iter().enumerate() {
        let symbol = &spec.instrument.symbol;
        if instruments[..n].iter().any(|other| &other.instrument.symbol == symbol) {
            return Err(PyValueError::new_err(format!("instruments: {symbol} comes twice")));
        }
    }
    Ok(())
}

fn is_price(value: f64) -> bool {
    value.is_finite() && value > 0.0
}

/// Refuses prices that are none, or that do not make a bar.
pub(super) fn check_bar(bar: &BarValues) -> PyResult<()> {
    let prices = [bar.open, bar.high, bar.low, bar.close];
    let holds = bar.low <= bar.open.min(bar.close) && bar.open.max(bar.close) <= bar.high;
    if holds && prices.into_iter().all(is_price) {
        return Ok(());
    }
    Err(PyValueError::new_err(format!("bar: {prices:?} are no open, high, low and close")))
}

/// Refuses a quote without prices, or a crossed one.
pub(super) fn check_quote(quote: &Quote) -> PyResult<()> {
    if is_price(quote.bid) && is_price(quote.ask) && quote.bid < quote.ask {
        return Ok(());
    }
    Err(PyValueError::new_err(format!("quote: bid {} and ask {} are no quote", quote.bid, quote.ask)))
}

/// Refuses a trade without a price or a size.
pub(super) fn check_tick(tick: &Tick) -> PyResult<()> {
    if is_price(tick.price) && tick.size >= 0.0 {
        return Ok(());
    }
    Err(PyValueError::new_err(format!("tick: price {} and size {} are no trade", tick.price, tick.size)))
}

impl SimExchange {
    /// Refuses what lies before the last step of a market, or within a bar that has opened.
    fn check_time(&self, i: usize, ts: i64) -> PyResult<()> {
        let seen = self.exchange.markets[i].seen;
        if ts < seen {
            return Err(PyValueError::new_err(format!("ts: {ts} lies before the end of the last step, {seen}")));
        }
        if self.exchange.opened.contains_key(&(i as u32)) {
            return Err(PyValueError::new_err("bar: the one that was opened has not closed yet"));
        }
        Ok(())
    }

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

    /// One closed bar; `close_ts` is when it became known (its open time where not given). `finer` bars, each of which
    /// lasts until the next, tell its path.
    #[pyo3(signature = (instrument, bar, close_ts = None, *, finer = None))]
    fn on_bar(
        &mut self,
        instrument: InstrumentKey,
        bar: &Bar,
        close_ts: Option<i64>,
        finer: Option<Vec<PyRef<'_, Bar>>>,
    ) -> PyResult<()> {
        let i = self.resolve(&instrument)?;
        let close_ts = close_ts.unwrap_or(bar.values.ts);
        check_bar(&bar.values)?;
        self.check_time(i, bar.values.ts)?;
        match finer.filter(|parts| !parts.is_empty()) {
            None => self.exchange.on_bar(i, &bar.values, close_ts),
            Some(parts) => {
                let closes = parts.iter().skip(1).map(|part| part.values.ts).chain([close_ts]);
                let parts = parts.iter().map(|part| part.values).zip(closes);
                self.exchange.on_magnified_bar(i, &bar.values, close_ts, parts);
            }
        }
        Ok(())
    }

    /// The first price of a closed bar; `close_bar` lets the rest of it pass.
    fn open_bar(&mut self, instrument: InstrumentKey, bar: &Bar, close_ts: i64) -> PyResult<()> {
        let i = self.resolve(&instrument)?;
        check_bar(&bar.values)?;
        self.check_time(i, bar.values.ts)?;
        self.exchange.open_bar(i, &bar.values, close_ts);
        Ok(())
    }

    /// What follows the first price of a bar that `open_bar` began.
    fn close_bar(&mut self, instrument: InstrumentKey, bar: &Bar, close_ts: i64) -> PyResult<()> {
        let i = self.resolve(&instrument)?;
        check_bar(&bar.values)?;
        if !self.exchange.opened.contains_key(&(i as u32)) {
            return Err(PyValueError::new_err("bar: it was not opened"));
        }
        self.exchange.close_bar(i, &bar.values, close_ts);
        Ok(())
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

    /// One quote.
    fn on_quote(&mut self, instrument: InstrumentKey, quote: &Quote) -> PyResult<()> {
        let i = self.resolve(&instrument)?;
        check_quote(quote)?;
        self.check_time(i, quote.ts)?;
        self.exchange.on_quote(i, quote);
        Ok(())
    }

    /// One trade print.
    fn on_tick(&mut self, instrument: InstrumentKey, tick: &Tick) -> PyResult<()> {
        let i = self.resolve(&instrument)?;
        check_tick(tick)?;
        self.check_time(i, tick.ts)?;
        self.exchange.on_tick(i, tick.ts, tick.price, tick.size);
        Ok(())
    }

    /// The state of an order book after an update.
    fn on_book(&mut self, instrument: InstrumentKey, ts: i64, book: &PyOrderBook) -> PyResult<()> {
        let i = self.resolve(&instrument)?;
        self.exchange.on_book(i, ts, book.core());
        Ok(())
    }

    /// Funding payments to come: times (ns UTC, ascending), rates, and mark prices where known.
    #[pyo3(signature = (instrument, ts, rate, mark = None))]
    fn set_funding(
        &mut self,
        instrument: InstrumentKey,
        ts: PyReadonlyArray1<'_, i64>,
        rate: PyReadonlyArray1<'_, f64>,
        mark: Option<PyReadonlyArray1<'_, f64>>,
    ) -> PyResult<()> {
        let i = self.resolve(&instrument)?;
        let (ts, rate) = (ts.as_array(), rate.as_array());
        let mark = mark.as_ref().map(|mark| mark.as_array());
        if ts.len() != rate.len() || mark.is_some_and(|mark| mark.len() != ts.len()) {
            return Err(PyValueError::new_err("funding: ts, rate and mark differ in length"));
        }
        let mut funding: Vec<Funding> = (0..ts.len())
            .map(|n| Funding { ts: ts[n], rate: rate[n], mark: mark.map_or(f64::NAN, |mark| mark[n]) })
            .collect();
        funding.sort_by_key(|payment| payment.ts);
        self.exchange.markets[i].funding = funding;
        self.exchange.markets[i].funding_next = 0;
        self.exchange.markets[i].attend();
        Ok(())
    }

    /// Skips funding that lies before the first bar.
    fn skip_funding_before(&mut self, instrument: InstrumentKey, ts: i64) -> PyResult<()> {
        let i = self.resolve(&instrument)?;
        let market = &mut self.exchange.markets[i];
        market.funding_next = market.funding.partition_point(|payment| payment.ts < ts);
        market.attend();
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
    fn open_orders(&self, instrument: Option<InstrumentKey>) -> PyResult<Vec<OrderView>> {
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
        Portfolio { exchange: slf }
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

    /// Texts of the tag codes.
    fn tags(&self) -> Vec<String> {
        let tags = &self.exchange.tags;
        (0..tags.len()).map(|index| tags.get(index).cloned().unwrap_or_default()).collect()
    }

    /// Whether events are kept for `take_events`.
    #[setter]
    fn set_record_events(&mut self, on: bool) {
        self.exchange.record_events = on;
    }

    /// The executions, as columns.
    fn fills<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let rows: Vec<_> = self.exchange.fills.iter().collect();
        let columns = PyDict::new(py);
        columns.set_item("id", rows.iter().map(|&(id, _)| id as i64).collect::<Vec<_>>().into_pyarray(py))?;
        macro_rules! column {
            ($name:literal, $get:expr) => {
                columns.set_item($name, column(&rows, $get).into_pyarray(py))?
            };
        }
        column!("order", |row| i64::from(row.order));
        column!("instrument", |row| i64::from(row.instrument));
        column!("ts", |row| row.ts);
        column!("index", |row| row.index);
        column!("side", |row| row.side);
        column!("price", |row| row.price);
        column!("quantity", |row| row.quantity);
        column!("fee", |row| row.fee);
        column!("slippage", |row| row.slippage);
        column!("liquidity", |row| i8::from(row.maker));
        Ok(columns)
    }

    /// The closed trades, as columns.
    fn trades<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let rows: Vec<_> = self.exchange.trades.iter().collect();
        let columns = PyDict::new(py);
        macro_rules! column {
            ($name:literal, $get:expr) => {
                columns.set_item($name, column(&rows, $get).into_pyarray(py))?
            };
        }
        column!("instrument", |row| i64::from(row.instrument));
        column!("side", |row| row.side);
        column!("quantity", |row| row.quantity);
        column!("entry_ts", |row| row.entry_ts);
        column!("exit_ts", |row| row.exit_ts);
        column!("entry_index", |row| row.entry_index);
        column!("exit_index", |row| row.exit_index);
        column!("entry_price", |row| row.entry_price);
        column!("exit_price", |row| row.exit_price);
        column!("pnl", |row| row.pnl);
        column!("fees", |row| row.fees);
        column!("entry_order", |row| i64::from(row.entry_order));
        column!("exit_order", |row| i64::from(row.exit_order));
        column!("tag", |row| i64::from(row.tag));
        Ok(columns)
    }

    /// The orders, as columns.
    fn orders<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let rows: Vec<_> = self.exchange.orders.iter().collect();
        let columns = PyDict::new(py);
        columns.set_item("id", rows.iter().map(|&(id, _)| id as i64).collect::<Vec<_>>().into_pyarray(py))?;
        macro_rules! column {
            ($name:literal, $get:expr) => {
                columns.set_item($name, column(&rows, $get).into_pyarray(py))?
            };
        }
        column!("instrument", |row| i64::from(row.intent.instrument));
        column!("type", |row| row.intent.kind as i8);
        column!("side", |row| row.intent.side.sign() as i8);
        column!("tif", |row| row.intent.tif as i8);
        column!("quantity", |row| row.intent.quantity);
        column!("filled", |row| row.filled);
        column!("price", |row| row.intent.price);
        column!("trigger", |row| row.intent.trigger);
        column!("state", |row| row.state as i8);
        column!("created_ts", |row| row.created_ts);
        column!("final_ts", |row| row.final_ts);
        column!("parent", |row| if row.intent.parent == NONE { -1 } else { i64::from(row.intent.parent) });
        column!("reason", |row| row.reason as i8);
        column!("tag", |row| i64::from(row.intent.tag));
        Ok(columns)
    }

    /// The exits each order brought, as columns beside those of `orders`; NaN where it brought none.
    fn brackets<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let rows: Vec<_> = self.exchange.orders.iter().collect();
        let columns = PyDict::new(py);
        macro_rules! column {
            ($($name:ident),*) => {
                $(columns.set_item(
                    stringify!($name),
                    column(&rows, |row| row.intent.bracket.$name).into_pyarray(py),
                )?;)*
            };
        }
        column!(stop_loss, take_profit, stop_loss_pct, take_profit_pct, trailing_stop, trailing_stop_pct);
        column!(trailing_activation_pct);
        Ok(columns)
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

/// The account as decisions see it: a live view of the exchange.
#[pyclass(module = "tradebot_native", frozen)]
pub struct Portfolio {
    exchange: Py<SimExchange>,
}

#[pymethods]
impl Portfolio {
    #[getter]
    fn cash(&self, py: Python<'_>) -> f64 {
        self.exchange.borrow(py).exchange.account.cash
    }
    #[getter]
    fn equity(&self, py: Python<'_>) -> f64 {
        self.exchange.borrow(py).exchange.equity()
    }
    #[getter]
    fn fees(&self, py: Python<'_>) -> f64 {
        self.exchange.borrow(py).exchange.account.fees
    }
    #[getter]
    fn slippage(&self, py: Python<'_>) -> f64 {
        self.exchange.borrow(py).exchange.account.slippage
    }
    #[getter]
    fn funding(&self, py: Python<'_>) -> f64 {
        self.exchange.borrow(py).exchange.account.funding
    }
    #[getter]
    fn borrow(&self, py: Python<'_>) -> f64 {
        self.exchange.borrow(py).exchange.account.borrow
    }
    #[getter]
    fn realized_pnl(&self, py: Python<'_>) -> f64 {
        self.exchange.borrow(py).exchange.account.realized
    }
    #[getter]
    fn gross_notional(&self, py: Python<'_>) -> f64 {
        self.exchange.borrow(py).exchange.gross_notional()
    }
    #[getter]
    fn margin_used(&self, py: Python<'_>) -> f64 {
        self.exchange.borrow(py).exchange.margin_used()
    }
    #[getter]
    fn maintenance_margin(&self, py: Python<'_>) -> f64 {
        self.exchange.borrow(py).exchange.maintenance_margin()
    }
    #[getter]
    fn free_margin(&self, py: Python<'_>) -> f64 {
        self.exchange.borrow(py).exchange.free_margin()
    }
    /// The net position of an instrument.
    fn position(&self, py: Python<'_>, instrument: InstrumentKey) -> PyResult<PositionView> {
        let exchange = self.exchange.borrow(py);
        let i = exchange.resolve(&instrument)?;
        Ok(PositionView::of(&exchange.exchange, i))
    }
    /// Signed quantity held of an instrument.
    fn quantity(&self, py: Python<'_>, instrument: InstrumentKey) -> PyResult<f64> {
        let exchange = self.exchange.borrow(py);
        let i = exchange.resolve(&instrument)?;
        Ok(exchange.exchange.markets[i].position.quantity)
    }
    /// Live orders of one instrument or of all.
    #[pyo3(signature = (instrument = None))]
    fn open_orders(&self, py: Python<'_>, instrument: Option<InstrumentKey>) -> PyResult<Vec<OrderView>> {
        self.exchange.borrow(py).open_orders(instrument)
    }
    /// Every open position.
    fn positions(&self, py: Python<'_>) -> Vec<PositionView> {
        let exchange = &self.exchange.borrow(py).exchange;
        exchange.held.iter().map(|&i| PositionView::of(exchange, i as usize)).collect()
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
