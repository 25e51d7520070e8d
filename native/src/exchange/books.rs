//! The Python face of an account kept from a broker's reports.

use pyo3::PyClassInitializer;
use pyo3::exceptions::{PyKeyError, PyValueError};
use pyo3::prelude::*;

use super::checks::{check_account, check_bar, check_quote, check_tick};
use super::mirror::{CashFlow, Mirror, Outgoing};
use super::python::SimExchange;
use super::views::ExecutionEvent;
use super::{Config, Exchange, Market};
use crate::bar::{Bar, Quote, Tick};
use crate::instrument::InstrumentSpec;
use crate::models::{FillAt, PathModel, SlippageModel};
use crate::order::{Bracket, InstrumentKey, Intent, NONE, OrderIntent, OrderState, Place, Reason, Side};
use crate::sealed;

/// The account of a live run, kept from what its broker reports.
#[pyclass(module = "tradebot_native", extends = SimExchange)]
pub struct Books {}

fn invalid(error: String) -> PyErr {
    PyValueError::new_err(error)
}

/// The exchange behind the books, and whether an order exists.
fn known<'a>(slf: &'a mut PyRefMut<'_, Books>, order: u32) -> PyResult<&'a mut Exchange> {
    let exchange = &mut slf.as_super().exchange;
    if exchange.orders.contains(order as usize) {
        Ok(exchange)
    } else {
        Err(PyKeyError::new_err(format!("order {order} does not exist")))
    }
}

#[pymethods]
impl Books {
    #[new]
    #[pyo3(signature = (instruments, *, cash, leverage = 1.0, run_id = "run", attaches_exits = false,
        links_orders = false))]
    fn new(
        instruments: Vec<InstrumentSpec>,
        cash: f64,
        leverage: f64,
        run_id: &str,
        attaches_exits: bool,
        links_orders: bool,
    ) -> PyResult<PyClassInitializer<Self>> {
        let config = Config {
            fill: FillAt::NextOpen,
            path: PathModel::Pessimistic,
            touch: true,
            participation: f64::INFINITY,
            slippage: SlippageModel::None,
            leverage,
            run_id: run_id.to_owned(),
        };
        check_account(&instruments, cash, leverage)?;
        let markets = instruments.into_iter().map(|spec| Market::new(spec.instrument)).collect();
        let mut exchange = Exchange::new(markets, cash, config);
        exchange.record_events = false;
        exchange.mirror = Some(Box::new(Mirror::new(attaches_exits, links_orders)));
        Ok(PyClassInitializer::from(SimExchange { exchange }).add_subclass(Self {}))
    }

    /// A closed bar moves the mark; nothing is matched.
    fn on_bar(mut slf: PyRefMut<'_, Self>, instrument: InstrumentKey, bar: &Bar, close_ts: i64) -> PyResult<()> {
        let base = slf.as_super();
        let i = base.resolve(&instrument)?;
        check_bar(&bar.values)?;
        base.exchange.on_close(i, bar.values.close, close_ts);
        Ok(())
    }

    /// A price known otherwise moves the mark.
    fn on_mark(mut slf: PyRefMut<'_, Self>, instrument: InstrumentKey, price: f64, ts: i64) -> PyResult<()> {
        let base = slf.as_super();
        let i = base.resolve(&instrument)?;
        base.exchange.on_mark(i, price, ts);
        Ok(())
    }

    /// A trade print moves the mark.
    fn on_tick(mut slf: PyRefMut<'_, Self>, instrument: InstrumentKey, tick: &Tick) -> PyResult<()> {
        let base = slf.as_super();
        let i = base.resolve(&instrument)?;
        check_tick(tick)?;
        base.exchange.on_mark(i, tick.price, tick.ts);
        Ok(())
    }

    /// A quote moves the mark to its middle.
    fn on_quote(mut slf: PyRefMut<'_, Self>, instrument: InstrumentKey, quote: &Quote) -> PyResult<()> {
        let base = slf.as_super();
        let i = base.resolve(&instrument)?;
        check_quote(quote)?;
        base.exchange.markets[i].bid = quote.bid;
        base.exchange.markets[i].ask = quote.ask;
        base.exchange.on_mark(i, 0.5 * (quote.bid + quote.ask), quote.ts);
        Ok(())
    }

    /// Time moves on.
    fn on_time(mut slf: PyRefMut<'_, Self>, ts: i64) {
        let exchange = &mut slf.as_super().exchange;
        exchange.now = exchange.now.max(ts);
    }

    /// The order of a client id, if there is one.
    fn find(mut slf: PyRefMut<'_, Self>, order_id: &str) -> Option<u32> {
        slf.as_super().exchange.find(order_id)
    }

    /// Number of orders on record; the next one gets this number.
    #[getter]
    fn order_count(mut slf: PyRefMut<'_, Self>) -> usize {
        slf.as_super().exchange.orders.len()
    }

    /// What to tell the broker, in order, as (what, order); it is forgotten here.
    fn take_outbox(mut slf: PyRefMut<'_, Self>) -> Vec<(&'static str, u32)> {
        let outbox = slf.as_super().exchange.mirror.as_mut().map(|mirror| std::mem::take(&mut mirror.outbox));
        let item = |outgoing: Outgoing| match outgoing {
            Outgoing::Submit(id) => ("submit", id),
            Outgoing::Cancel(id) => ("cancel", id),
            Outgoing::Resize(id) => ("resize", id),
        };
        outbox.unwrap_or_default().into_iter().map(item).collect()
    }

    /// An order as the broker shall get it: exits are named only to a broker that attaches them, parent and partners only
    /// to one that links orders.
    fn intent(mut slf: PyRefMut<'_, Self>, order: u32) -> PyResult<OrderIntent> {
        let exchange = known(&mut slf, order)?;
        let intent = exchange.orders[order as usize].intent;
        let bracket = if exchange.attaches_exits() { intent.bracket } else { Bracket::EMPTY };
        let terms = if exchange.is_local(order) {
            Intent { reduce_only: intent.reduce_only, ..Intent::market(NONE, intent.side, intent.quantity) }
        } else {
            intent
        };
        let terms = if exchange.is_linked(order) {
            // A child's present quantity is what its parent has filled; the broker lets it grow by itself.
            Intent { quantity: exchange.orders[order as usize].asked, ..terms }
        } else {
            Intent { parent: NONE, oco: NONE, ..terms }
        };
        Ok(OrderIntent {
            intent: Intent { instrument: NONE, bracket, ..terms },
            symbol: Some(exchange.markets[intent.instrument as usize].spec.symbol.clone()),
            tag: exchange.tags[intent.tag as usize].clone(),
        })
    }

    /// Takes a broker's word on an order's state; False where it says nothing new.
    #[pyo3(signature = (order, ts, state, reason = ""))]
    fn on_report(mut slf: PyRefMut<'_, Self>, order: u32, ts: i64, state: &str, reason: &str) -> PyResult<bool> {
        let state = OrderState::parse(state).map_err(invalid)?;
        Ok(known(&mut slf, order)?.on_report(order, ts, state, reason))
    }

    /// Books a trade, once by its id; False for one booked before.
    #[allow(clippy::too_many_arguments)]
    fn on_fill(
        mut slf: PyRefMut<'_, Self>,
        order: u32,
        trade_id: &str,
        ts: i64,
        price: f64,
        quantity: f64,
        fee: f64,
        maker: bool,
    ) -> PyResult<bool> {
        if !(price.is_finite() && quantity.is_finite() && quantity > 0.0 && fee.is_finite()) {
            return Err(PyValueError::new_err(format!("fill {trade_id}: {quantity} at {price} is no trade")));
        }
        Ok(known(&mut slf, order)?.on_fill(order, trade_id, ts, price, quantity, fee, maker))
    }

    /// Fills from number `since` on, as strategies hear of them.
    fn fill_events(mut slf: PyRefMut<'_, Self>, since: usize) -> Vec<ExecutionEvent> {
        let exchange = &slf.as_super().exchange;
        ExecutionEvent::of_fills(exchange, since)
    }

    /// Whether a trade has been booked.
    fn knows_trade(mut slf: PyRefMut<'_, Self>, instrument: InstrumentKey, trade_id: &str) -> PyResult<bool> {
        let base = slf.as_super();
        let i = base.resolve(&instrument)?;
        Ok(base.exchange.knows_trade(i, trade_id))
    }

    /// Notes a trade that happened before these books were opened, so that it is never booked.
    fn skip_trade(mut slf: PyRefMut<'_, Self>, instrument: InstrumentKey, trade_id: &str) -> PyResult<()> {
        let base = slf.as_super();
        let i = base.resolve(&instrument)?;
        base.exchange.skip_trade(i, trade_id);
        Ok(())
    }

    /// Takes up a trade of an order that was never sent from here: the order's number, made where it is new.
    fn adopt(
        mut slf: PyRefMut<'_, Self>,
        order_id: &str,
        instrument: InstrumentKey,
        side: &str,
        quantity: f64,
        tag: &str,
    ) -> PyResult<u32> {
        let base = slf.as_super();
        let i = base.resolve(&instrument)?;
        let side = Side::parse(side).map_err(invalid)?;
        let exchange = &mut base.exchange;
        let tag = exchange.intern(tag);
        let id = exchange.find(order_id).unwrap_or_else(|| exchange.adopt(order_id, i, side, tag));
        exchange.widen(id, quantity);
        Ok(id)
    }

    /// The terms the broker says an order has; None where it says nothing.
    #[pyo3(signature = (order, *, quantity = None, price = None, trigger = None))]
    fn on_terms(
        mut slf: PyRefMut<'_, Self>,
        order: u32,
        quantity: Option<f64>,
        price: Option<f64>,
        trigger: Option<f64>,
    ) -> PyResult<()> {
        known(&mut slf, order)?.on_terms(order, quantity, price, trigger);
        Ok(())
    }

    /// Marks that a change of an order has been asked for; False where its state allows none.
    fn replacing(mut slf: PyRefMut<'_, Self>, order: u32) -> PyResult<bool> {
        Ok(known(&mut slf, order)?.replacing(order))
    }

    /// Asks for an order to be taken back, with the reason it will end with; False where nothing works.
    #[pyo3(signature = (order, reason = "requested"))]
    fn withdraw(mut slf: PyRefMut<'_, Self>, order: u32, reason: &str) -> PyResult<bool> {
        let reason = Reason::parse(reason).map_err(invalid)?;
        Ok(known(&mut slf, order)?.cancel(order, reason))
    }

    /// Takes an order of our own past every review: an exit, or protection put back.
    fn send(mut slf: PyRefMut<'_, Self>, intent: &OrderIntent) -> PyResult<u32> {
        let base = slf.as_super();
        let intent = base.resolved(intent)?;
        Ok(base.exchange.submit(intent))
    }

    /// Books money that moved without a trade, once by its id; False for what was booked before.
    fn on_cash_flow(mut slf: PyRefMut<'_, Self>, flow_id: &str, kind: &str, amount: f64) -> PyResult<bool> {
        let kind = CashFlow::parse(kind).map_err(invalid)?;
        Ok(slf.as_super().exchange.on_cash_flow(flow_id, kind, amount))
    }

    /// Whether an order still works, or may.
    fn is_live(mut slf: PyRefMut<'_, Self>, order: u32) -> PyResult<bool> {
        Ok(known(&mut slf, order)?.orders[order as usize].place != Place::Gone)
    }

    /// Keeps an order here that the broker cannot hold.
    fn keep_here(mut slf: PyRefMut<'_, Self>, order: u32) -> PyResult<()> {
        known(&mut slf, order)?.keep_here(order);
        Ok(())
    }

    /// Sends as market orders those kept here whose price lies in the range; their numbers.
    fn touched(mut slf: PyRefMut<'_, Self>, instrument: InstrumentKey, high: f64, low: f64) -> PyResult<Vec<u32>> {
        let base = slf.as_super();
        let i = base.resolve(&instrument)?;
        Ok(base.exchange.touched(i, high, low))
    }

    /// The trigger of the stop an open position should have and has not (nan: it trails), and the quantity without one.
    fn missing_stop(mut slf: PyRefMut<'_, Self>, instrument: InstrumentKey) -> PyResult<Option<(f64, f64)>> {
        let base = slf.as_super();
        let i = base.resolve(&instrument)?;
        Ok(base.exchange.missing_stop(i).map(|(_, intent)| (intent.trigger, intent.quantity)))
    }

    /// Units of a position without a stop that are too few for one of their own.
    fn bare_dust(mut slf: PyRefMut<'_, Self>, instrument: InstrumentKey) -> PyResult<f64> {
        let base = slf.as_super();
        let i = base.resolve(&instrument)?;
        Ok(base.exchange.bare_dust(i))
    }

    /// Puts a missing stop back; its number.
    fn put_back_stop(mut slf: PyRefMut<'_, Self>, instrument: InstrumentKey) -> PyResult<Option<u32>> {
        let base = slf.as_super();
        let i = base.resolve(&instrument)?;
        let missing = base.exchange.missing_stop(i);
        Ok(missing.map(|(entry, intent)| base.exchange.put_back(entry, intent)))
    }

    /// Puts back a target that has ended unfilled; its number, None where it would close nothing.
    fn put_back_target(mut slf: PyRefMut<'_, Self>, order: u32) -> PyResult<Option<u32>> {
        Ok(known(&mut slf, order)?.put_back_target(order))
    }

    /// Puts an exit of its present quantity in the place of one that cannot be changed; the new one's number.
    fn renew(mut slf: PyRefMut<'_, Self>, order: u32) -> PyResult<u32> {
        Ok(known(&mut slf, order)?.renew(order))
    }

    /// Takes up a saved state in the place of the present one.
    fn load(mut slf: PyRefMut<'_, Self>, state: &[u8]) -> PyResult<()> {
        let exchange: Exchange = sealed::open(state)
            .map_err(|fact| PyValueError::new_err(format!("state: no saved books of this version ({fact})")))?;
        let present = &mut slf.as_super().exchange;
        let symbols = |exchange: &Exchange| -> Vec<String> {
            exchange.markets.iter().map(|market| market.spec.symbol.clone()).collect()
        };
        if exchange.mirror.is_none() || symbols(&exchange) != symbols(present) {
            return Err(PyValueError::new_err("state: it belongs to another account or other markets"));
        }
        *present = exchange;
        Ok(())
    }
}
