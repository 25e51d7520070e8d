//! Limits that every opening order is held against. An order that only shrinks a position is never refused.

use pyo3::prelude::*;
use serde::{Deserialize, Serialize};

use crate::exchange::{DAY, Exchange};
use crate::order::{Intent, Reason};

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
            day_stopped: false,
            halted: false,
        }
    }

    /// Whether equity matters to the limits at every step.
    #[inline]
    pub fn watches_equity(&self) -> bool {
        self.limits.daily_loss.is_finite() || self.limits.drawdown.is_finite()
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
        self.day_stopped |= equity <= self.day_start * (1.0 - self.limits.daily_loss);
        self.halted |= equity <= self.peak * (1.0 - self.limits.drawdown);
        self.last = equity;
    }

    /// The limit an order would break, if any.
    pub fn review(&self, exchange: &Exchange, intent: &Intent, price: f64) -> Option<Reason> {
        let held = exchange.markets[intent.instrument as usize].position.quantity;
        let shrinks = held * intent.side.sign() < 0.0 && intent.quantity <= held.abs() * (1.0 + 1e-9);
        if intent.reduce_only || shrinks {
            return None;
        }
        let limits = &self.limits;
        let notional = intent.quantity * price * exchange.markets[intent.instrument as usize].spec.multiplier;
        if self.halted {
            return Some(Reason::MaxDrawdown);
        }
        if self.day_stopped {
            return Some(Reason::MaxDailyLoss);
        }
        if intent.quantity > limits.order_quantity {
            return Some(Reason::MaxOrderQuantity);
        }
        if notional > limits.order_notional {
            return Some(Reason::MaxOrderNotional);
        }
        if held == 0.0 && limits.positions != u32::MAX {
            let open = exchange.held.len() + exchange.pending_openings(intent.instrument);
            if open >= limits.positions as usize {
                return Some(Reason::MaxPositions);
            }
        }
        if limits.exposure.is_finite() {
            let gross = exchange.gross_notional() + exchange.pending_notional() + notional;
            if gross > limits.exposure * exchange.equity() * (1.0 + 1e-9) {
                return Some(Reason::MaxExposure);
            }
        }
        None
    }
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
        max_positions = None, max_daily_loss = None, max_drawdown = None))]
    fn new(
        max_order_quantity: Option<f64>,
        max_order_notional: Option<f64>,
        max_exposure: Option<f64>,
        max_positions: Option<u32>,
        max_daily_loss: Option<f64>,
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
                drawdown: or_none(max_drawdown),
            },
        }
    }
}
