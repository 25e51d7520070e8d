//! Positions, orders and events as Python sees them.

use pyo3::prelude::*;

use super::Exchange;
use crate::order::{NONE, some};

/// A net position at a moment.
#[pyclass(module = "tradebot_native", name = "Position", frozen, get_all)]
pub struct PositionView {
    /// Symbol.
    symbol: String,
    /// Signed quantity.
    quantity: f64,
    /// Average entry price; NaN when flat.
    entry_price: f64,
    /// Mark price.
    mark_price: f64,
    /// Profit if closed at the mark, before fees.
    unrealized_pnl: f64,
    /// Signed value at the mark.
    notional: f64,
    /// Whether it is too small to be closed.
    is_dust: bool,
}

impl PositionView {
    pub(super) fn of(exchange: &Exchange, i: usize) -> Self {
        let market = &exchange.markets[i];
        let quantity = market.position.quantity;
        let entry_price = market.position.entry_price();
        let unrealized =
            if quantity == 0.0 { 0.0 } else { (market.last - entry_price) * quantity * market.spec.multiplier };
        Self {
            symbol: market.spec.symbol.clone(),
            quantity,
            entry_price,
            mark_price: market.last,
            unrealized_pnl: unrealized,
            notional: market.value_at(market.last),
            is_dust: market.spec.is_dust(quantity, market.last),
        }
    }
}

#[pymethods]
impl PositionView {
    fn __repr__(&self) -> String {
        format!("Position({}, {} @ {})", self.symbol, self.quantity, self.entry_price)
    }
}

/// An order at a moment.
#[pyclass(module = "tradebot_native", name = "Order", frozen, get_all)]
pub struct OrderView {
    id: u32,
    client_id: String,
    symbol: String,
    side: &'static str,
    r#type: &'static str,
    tif: &'static str,
    state: &'static str,
    reason: &'static str,
    quantity: f64,
    filled: f64,
    average_price: Option<f64>,
    price: Option<f64>,
    trigger: Option<f64>,
    reduce_only: bool,
    post_only: bool,
    parent: Option<u32>,
    created_ts: i64,
    final_ts: i64,
    tag: String,
}

impl OrderView {
    pub(super) fn of(exchange: &Exchange, id: u32) -> Self {
        let order = &exchange.orders[id as usize];
        let intent = &order.intent;
        Self {
            id,
            client_id: exchange.client_id(id),
            symbol: exchange.markets[intent.instrument as usize].spec.symbol.clone(),
            side: intent.side.as_str(),
            r#type: intent.kind.as_str(),
            tif: intent.tif.as_str(),
            state: order.state.as_str(),
            reason: order.reason.as_str(),
            quantity: intent.quantity,
            filled: order.filled,
            average_price: (order.filled > 0.0).then(|| order.filled_value / order.filled),
            price: some(intent.price),
            trigger: some(intent.trigger),
            reduce_only: intent.reduce_only,
            post_only: intent.post_only,
            parent: (intent.parent != NONE).then_some(intent.parent),
            created_ts: order.created_ts,
            final_ts: order.final_ts,
            tag: exchange.tags[intent.tag as usize].clone(),
        }
    }
}

#[pymethods]
impl OrderView {
    fn __repr__(&self) -> String {
        format!("Order({}, {} {} {} {}, {})", self.id, self.side, self.quantity, self.symbol, self.r#type, self.state)
    }
}

/// Something that happened to an order; `fill_*` are set when it is an execution.
#[pyclass(module = "tradebot_native", frozen, get_all)]
pub struct ExecutionEvent {
    ts: i64,
    order: u32,
    client_id: String,
    symbol: String,
    state: &'static str,
    reason: &'static str,
    fill_id: Option<u32>,
    fill_price: Option<f64>,
    fill_quantity: Option<f64>,
    fee: Option<f64>,
    maker: Option<bool>,
    side: &'static str,
    parent: Option<u32>,
    tag: String,
}

impl ExecutionEvent {
    /// The fills from number `since` on.
    pub fn of_fills(exchange: &Exchange, since: usize) -> Vec<Self> {
        let fresh = exchange.fills.since(since);
        fresh
            .filter(|(_, fill)| !exchange.is_commission(fill.order))
            .map(|(n, fill)| {
                let order = &exchange.orders[fill.order as usize];
                let (state, reason) = (order.state, order.reason);
                Self::of(
                    exchange,
                    &super::Event { ts: fill.ts, order: fill.order, state, reason, fill: Some(n as u32) },
                )
            })
            .collect()
    }

    /// The event with its order's and fill's values.
    pub fn of(exchange: &Exchange, event: &super::Event) -> Self {
        let order = &exchange.orders[event.order as usize];
        let fill = event.fill.map(|id| &exchange.fills[id as usize]);
        Self {
            ts: event.ts,
            order: event.order,
            client_id: exchange.client_id(event.order),
            symbol: exchange.markets[order.intent.instrument as usize].spec.symbol.clone(),
            state: event.state.as_str(),
            reason: event.reason.as_str(),
            fill_id: event.fill,
            fill_price: fill.map(|fill| fill.price),
            fill_quantity: fill.map(|fill| fill.quantity),
            fee: fill.map(|fill| fill.fee),
            maker: fill.map(|fill| fill.maker),
            side: order.intent.side.as_str(),
            parent: (order.intent.parent != NONE).then_some(order.intent.parent),
            tag: exchange.tags[order.intent.tag as usize].clone(),
        }
    }
}

#[pymethods]
impl ExecutionEvent {
    fn __repr__(&self) -> String {
        format!("ExecutionEvent({}, order={}, {})", self.ts, self.order, self.state)
    }
}
