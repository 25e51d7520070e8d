//! Limits that every opening order is held against. An order that only shrinks a position is never refused.

use pyo3::prelude::*;
use serde::{Deserialize, Serialize};

use crate::exchange::{DAY, Exchange};
use crate::order::{Bracket, Intent, Order, Place, Reason};

/// Limits; infinity where there is none.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// Largest quantity of an order.
    pub order_quantity: f64,
    /// Largest value of an order.
    pub order_notional: f64,
    /// Largest gross value of all positions over equity.
    pub exposure: f64,
    /// Most positions at once.
    pub positions: u32,
    /// Loss since the day's start, as a fraction, from which the day's entries end.
    pub daily_loss: f64,
    /// The same in money.
    pub daily_loss_amount: f64,
    /// Most entries in a day.
    pub daily_trades: u32,
    /// Fall from the highest equity, as a fraction, from which entries end for good.
    pub drawdown: f64,
}

impl Limits {
    /// No limits.
    pub const NONE: Limits = Limits {
        order_quantity: f64::INFINITY,
        order_notional: f64::INFINITY,
        exposure: f64::INFINITY,
        positions: u32::MAX,
        daily_loss: f64::INFINITY,
        daily_loss_amount: f64::INFINITY,
        daily_trades: u32::MAX,
        drawdown: f64::INFINITY,
    };
}

/// What the limits remember: equity at the day's start, the highest equity, and whether a limit has latched.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Watch {
    /// The limits.
    pub limits: Limits,
    day: i64,
    day_start: f64,
    last: f64,
    peak: f64,
    entry_day: i64,
    entries: u32,
    /// Entries ended until the next UTC day.
    pub day_stopped: bool,
    /// Entries ended for good.
    pub halted: bool,
}

impl Watch {
    /// A watch that has seen nothing.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            day: i64::MIN,
            day_start: f64::NAN,
            last: f64::NAN,
            peak: f64::NEG_INFINITY,
            entry_day: i64::MIN,
            entries: 0,
            day_stopped: false,
            halted: false,
        }
    }

    /// Whether equity matters to the limits at every step.
    #[inline]
    pub fn watches_equity(&self) -> bool {
        self.limits.daily_loss.is_finite()
            || self.limits.daily_loss_amount.is_finite()
            || self.limits.drawdown.is_finite()
    }

    /// Equity after a step.
    pub fn on_equity(&mut self, now: i64, equity: f64) {
        // The step that closes at midnight still belongs to the day that ends.
        let day = (now - 1).div_euclid(DAY);
        if day != self.day {
            // The day starts with what the one before ended with.
            self.day_start = if self.last.is_nan() { equity } else { self.last };
            self.day = day;
            self.day_stopped = false;
        }
        self.peak = self.peak.max(equity);
        self.day_stopped |= equity <= self.day_start * (1.0 - self.limits.daily_loss)
            || equity <= self.day_start - self.limits.daily_loss_amount;
        self.halted |= equity <= self.peak * (1.0 - self.limits.drawdown);
        self.last = equity;
    }

    /// An order that opens a position went out.
    pub fn on_entry(&mut self, now: i64) {
        let day = now.div_euclid(DAY);
        if day != self.entry_day {
            (self.entry_day, self.entries) = (day, 0);
        }
        self.entries += 1;
    }

    /// An entry that counted since `ts` was refused before it was sent.
    pub fn take_back_entry(&mut self, ts: i64) {
        if ts.div_euclid(DAY) == self.entry_day {
            self.entries = self.entries.saturating_sub(1);
        }
    }

    /// A person lets entries go on: losses count from here.
    pub fn release(&mut self) {
        self.halted = false;
        self.day_stopped = false;
        self.peak = self.last;
        self.day_start = self.last;
    }

    /// Money came into the account or left it: neither profit nor loss.
    pub fn on_transfer(&mut self, amount: f64) {
        self.peak += amount;
        self.day_start += amount;
        self.last += amount;
    }

    /// The limit an order would break, if any.
    pub fn review(&self, exchange: &Exchange, intent: &Intent, price: f64) -> Option<Reason> {
        if self.limits == Limits::NONE {
            return None;
        }
        let i = intent.instrument as usize;
        let closable = closable(exchange, intent);
        let opens = opening(intent, closable);
        if opens <= 0.5 * exchange.markets[i].spec.lot {
            return None;
        }
        let limits = &self.limits;
        let unit = price * exchange.markets[i].spec.multiplier;
        if self.halted {
            return Some(Reason::MaxDrawdown);
        }
        if self.day_stopped {
            return Some(Reason::MaxDailyLoss);
        }
        if self.entry_day == exchange.now.div_euclid(DAY) && self.entries >= limits.daily_trades {
            return Some(Reason::MaxDailyTrades);
        }
        if intent.quantity > limits.order_quantity {
            return Some(Reason::MaxOrderQuantity);
        }
        if intent.quantity * unit > limits.order_notional {
            return Some(Reason::MaxOrderNotional);
        }
        let held = exchange.markets[i].position.quantity;
        if limits.positions != u32::MAX && exchange.markets[i].open_quantity() == 0.0 {
            let is_open = |&&j: &&u32| exchange.markets[j as usize].open_quantity() != 0.0;
            let open = exchange.held.iter().filter(is_open).count() + exchange.pending_openings(intent.instrument);
            if open >= limits.positions as usize {
                return Some(Reason::MaxPositions);
            }
        }
        if limits.exposure.is_finite() {
            // What working orders and this one close of the position counts no more; what they open does.
            let opposite = held * intent.side.sign() < 0.0;
            let left = if opposite { (closable - intent.quantity).max(0.0) } else { held.abs() };
            let market = &exchange.markets[i];
            let others = exchange.gross_notional() - market.value_at(market.last).abs();
            let kept = if left > 0.0 { left * market.spec.multiplier * market.last } else { 0.0 };
            let gross = others + kept + exchange.pending_notional() + opens * unit;
            if gross > limits.exposure * exchange.equity() * (1.0 + 1e-9) {
                return Some(Reason::MaxExposure);
            }
        }
        None
    }
}

/// Units of the opposite position that an order may still close: those no working order on its side will have closed before.
fn closable(exchange: &Exchange, intent: &Intent) -> f64 {
    let market = &exchange.markets[intent.instrument as usize];
    let opposite = (-market.position.quantity * intent.side.sign()).max(0.0);
    if opposite == 0.0 {
        return 0.0;
    }
    let working = exchange.working_orders(intent.instrument as usize).filter(|order| {
        // Resting exits go when the position does; one that takes the next price comes first.
        order.intent.side == intent.side && (!order.intent.reduce_only || order.place == Place::Queue)
    });
    (opposite - working.map(Order::remaining).sum::<f64>()).max(0.0)
}

/// Units of an order that open a position.
pub fn opening(intent: &Intent, closable: f64) -> f64 {
    if intent.reduce_only { 0.0 } else { (intent.quantity - closable).max(0.0) }
}

/// Whether an order opens anything.
pub fn opens(exchange: &Exchange, intent: &Intent) -> bool {
    opening(intent, closable(exchange, intent)) > 0.5 * exchange.markets[intent.instrument as usize].spec.lot
}

/// Whether an order that waits for another's fill will open a position once those before it have filled.
pub fn child_opens(exchange: &Exchange, intent: &Intent) -> bool {
    let parent = |intent: &Intent| exchange.orders.get(intent.parent as usize);
    let mut before: Vec<&Order> = std::iter::successors(parent(intent), |order| parent(&order.intent)).collect();
    if before.is_empty() {
        return false;
    }
    before.reverse();
    let market = &exchange.markets[intent.instrument as usize];
    // None becomes larger than its parent.
    let (mut held, mut most) = (market.position.quantity, f64::INFINITY);
    for order in before {
        most = most.min(order.intent.quantity);
        if order.intent.instrument == intent.instrument {
            held += order.intent.side.sign() * (most - order.filled).max(0.0);
        }
    }
    let closable = (-held * intent.side.sign()).max(0.0);
    opening(&Intent { quantity: intent.quantity.min(most), ..*intent }, closable) > 0.5 * market.spec.lot
}

/// Limits on orders and on the account.
#[pyclass(module = "tradebot_native", frozen, from_py_object)]
#[derive(Clone)]
pub struct RiskLimits {
    /// The limits.
    pub limits: Limits,
}

#[pymethods]
impl RiskLimits {
    #[new]
    #[pyo3(signature = (*, max_order_quantity = None, max_order_notional = None, max_exposure = None,
        max_positions = None, max_daily_loss = None, max_daily_loss_amount = None, max_daily_trades = None,
        max_drawdown = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        max_order_quantity: Option<f64>,
        max_order_notional: Option<f64>,
        max_exposure: Option<f64>,
        max_positions: Option<u32>,
        max_daily_loss: Option<f64>,
        max_daily_loss_amount: Option<f64>,
        max_daily_trades: Option<u32>,
        max_drawdown: Option<f64>,
    ) -> Self {
        let or_none = |value: Option<f64>| value.unwrap_or(f64::INFINITY);
        Self {
            limits: Limits {
                order_quantity: or_none(max_order_quantity),
                order_notional: or_none(max_order_notional),
                exposure: or_none(max_exposure),
                positions: max_positions.unwrap_or(u32::MAX),
                daily_loss: or_none(max_daily_loss),
                daily_loss_amount: or_none(max_daily_loss_amount),
                daily_trades: max_daily_trades.unwrap_or(u32::MAX),
                drawdown: or_none(max_drawdown),
            },
        }
    }
}

/// Exits that every entry without its own gets, as fractions of its fill price.
#[pyclass(module = "tradebot_native", frozen, from_py_object)]
#[derive(Clone)]
pub struct Protection {
    /// The exits.
    pub bracket: Bracket,
}

#[pymethods]
impl Protection {
    #[new]
    #[pyo3(signature = (*, stop_loss_pct = None, take_profit_pct = None, trailing_stop_pct = None,
        trailing_activation_pct = None))]
    fn new(
        stop_loss_pct: Option<f64>,
        take_profit_pct: Option<f64>,
        trailing_stop_pct: Option<f64>,
        trailing_activation_pct: Option<f64>,
    ) -> Self {
        let or_nan = |value: Option<f64>| value.unwrap_or(f64::NAN);
        Self {
            bracket: Bracket {
                stop_loss_pct: or_nan(stop_loss_pct),
                take_profit_pct: or_nan(take_profit_pct),
                trailing_stop_pct: or_nan(trailing_stop_pct),
                trailing_activation_pct: or_nan(trailing_activation_pct),
                ..Bracket::EMPTY
            },
        }
    }
}
