//! What the exchange must know of an instrument: steps, limits, fees, margin, trading hours.

use numpy::PyReadonlyArray2;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use serde::{Deserialize, Serialize};

use crate::words::words;

words!(
    /// Which account rules hold.
    Kind { Perpetual = "perpetual", Spot = "spot", Equity = "equity" }
);

/// One step of a margin table (Binance: "leverage and margin").
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MarginTier {
    /// Notional from which the tier holds.
    pub floor: f64,
    /// Highest leverage allowed there.
    pub max_leverage: f64,
    /// Maintenance margin rate.
    pub maintenance_rate: f64,
    /// Amount taken off, so that the requirement is continuous over tiers.
    pub deduction: f64,
}

/// An instrument as the exchange sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Instrument {
    /// Symbol.
    pub symbol: String,
    /// Account rules.
    pub kind: Kind,
    /// Price step.
    pub tick: f64,
    /// Quantity step.
    pub lot: f64,
    /// Smallest order.
    pub min_quantity: f64,
    /// Largest order.
    pub max_quantity: f64,
    /// Smallest order value.
    pub min_notional: f64,
    /// Value of one unit per price unit.
    pub multiplier: f64,
    /// Fee rate of a maker fill (may be negative: a rebate).
    pub maker_fee: f64,
    /// Fee rate of a taker fill.
    pub taker_fee: f64,
    /// Fee per unit traded.
    pub fee_per_share: f64,
    /// Least fee of a fill.
    pub min_fee: f64,
    /// Margin table, ascending by floor; empty: no maintenance margin.
    pub tiers: Vec<MarginTier>,
    /// Fee rate on a liquidated notional.
    pub liquidation_fee: f64,
    /// Annual rate paid on a short's value.
    pub borrow_rate: f64,
    /// Whether it can be sold short.
    pub shortable: bool,
    /// Trading hours as [open, close) ns UTC, ascending; empty: always open.
    pub sessions: Vec<(i64, i64)>,
    /// Orders may fill outside the sessions.
    pub extended_hours: bool,
    inverse_tick: f64,
    inverse_lot: f64,
}

/// The reciprocal of a step where it is a whole number (0.01 -> 100), so that snapping is exact in decimal.
fn inverse(step: f64) -> f64 {
    let reciprocal = 1.0 / step;
    let whole = reciprocal.round();
    if whole >= 1.0 && (reciprocal - whole).abs() < 1e-9 * whole { whole } else { 0.0 }
}

#[inline]
fn snap_with(value: f64, step: f64, inverse: f64, round: impl Fn(f64) -> f64) -> f64 {
    // A hair of tolerance, so that 0.3 / 0.1 = 2.999... counts as 3 steps.
    let steps = if inverse > 0.0 { value * inverse } else { value / step };
    let near = steps.round_ties_even();
    if inverse == 1.0 && near == value {
        return value;
    }
    let steps = if (steps - near).abs() < 1e-7 * near.abs().max(1.0) { near } else { round(steps) };
    if inverse > 0.0 { steps / inverse } else { steps * step }
}

#[cfg(test)]
impl Instrument {
    /// A perpetual without fees, bounds or margin table.
    pub fn plain(symbol: &str, tick: f64, lot: f64) -> Self {
        Self {
            symbol: symbol.to_owned(),
            kind: Kind::Perpetual,
            tick,
            lot,
            min_quantity: 0.0,
            max_quantity: f64::INFINITY,
            min_notional: 0.0,
            multiplier: 1.0,
            maker_fee: 0.0,
            taker_fee: 0.0,
            fee_per_share: 0.0,
            min_fee: 0.0,
            tiers: Vec::new(),
            liquidation_fee: 0.0,
            borrow_rate: 0.0,
            shortable: true,
            sessions: Vec::new(),
            extended_hours: false,
            inverse_tick: inverse(tick),
            inverse_lot: inverse(lot),
        }
    }
}

impl Instrument {
    /// Nearest tick.
    #[inline]
    pub fn snap_price(&self, price: f64) -> f64 {
        snap_with(price, self.tick, self.inverse_tick, f64::round)
    }

    /// Next tick at or above.
    #[inline]
    pub fn snap_price_up(&self, price: f64) -> f64 {
        snap_with(price, self.tick, self.inverse_tick, f64::ceil)
    }

    /// Next tick at or below.
    #[inline]
    pub fn snap_price_down(&self, price: f64) -> f64 {
        snap_with(price, self.tick, self.inverse_tick, f64::floor)
    }

    /// Whole lots at or below.
    #[inline]
    pub fn snap_quantity(&self, quantity: f64) -> f64 {
        snap_with(quantity, self.lot, self.inverse_lot, f64::floor)
    }

    /// Nearest whole number of lots: removes the dust of floating-point sums, so a closed position is exactly zero.
    #[inline]
    pub fn round_quantity(&self, quantity: f64) -> f64 {
        snap_with(quantity, self.lot, self.inverse_lot, f64::round)
    }

    /// Whether a price lies on a tick.
    pub fn on_tick(&self, price: f64) -> bool {
        (self.snap_price(price) - price).abs() <= 1e-6 * self.tick.max(price.abs() * 1e-6)
    }

    /// Whether a quantity is whole lots.
    pub fn on_lot(&self, quantity: f64) -> bool {
        (self.round_quantity(quantity) - quantity).abs() <= 1e-6 * self.lot.max(quantity.abs() * 1e-6)
    }

    /// Whether a venue takes no order of so many units at a price: they are fewer or worth less than the least.
    #[inline]
    pub fn is_below_least(&self, quantity: f64, price: f64) -> bool {
        let least = 1.0 - 1e-9;
        quantity < self.min_quantity * least || quantity * price * self.multiplier < self.min_notional * least
    }

    /// Whether what is held can never be sold by itself. On spot a venue knows no position that it would let close, only
    /// orders, of which none is too small.
    #[inline]
    pub fn is_dust(&self, quantity: f64, price: f64) -> bool {
        self.kind == Kind::Spot && quantity > 0.0 && self.is_below_least(quantity, price)
    }

    /// Fee of an order that fills at once.
    #[inline]
    pub fn fee(&self, notional: f64, quantity: f64, maker: bool) -> f64 {
        let fee = self.linear_fee(notional, quantity, maker);
        if self.min_fee > 0.0 { fee.max(self.min_fee) } else { fee }
    }

    /// The part of a fee that grows with what is filled.
    #[inline]
    pub fn linear_fee(&self, notional: f64, quantity: f64, maker: bool) -> f64 {
        let rate = if maker { self.maker_fee } else { self.taker_fee };
        notional * rate + quantity * self.fee_per_share
    }

    /// Maintenance margin of a notional: notional x rate - deduction of its tier.
    #[inline]
    pub fn maintenance(&self, notional: f64) -> f64 {
        match self.tier(notional) {
            Some(tier) => notional * tier.maintenance_rate - tier.deduction,
            None => 0.0,
        }
    }

    /// The tier a notional lies in.
    #[inline]
    pub fn tier(&self, notional: f64) -> Option<&MarginTier> {
        self.tiers.iter().rev().find(|tier| notional >= tier.floor)
    }

    /// Share of a notional that must be held as margin at the account's leverage.
    #[inline]
    pub fn initial_rate(&self, notional: f64, leverage: f64) -> f64 {
        match self.kind {
            Kind::Spot | Kind::Equity => 1.0,
            Kind::Perpetual => {
                let allowed = self.tier(notional).map_or(leverage, |tier| leverage.min(tier.max_leverage));
                1.0 / allowed
            }
        }
    }

    /// Leverage that each size of position may have: the leverage, and the notional it holds from and up to.
    pub fn leverage_steps(&self, leverage: f64) -> Vec<(f64, f64, f64)> {
        if self.kind != Kind::Perpetual {
            return vec![(1.0, 0.0, f64::INFINITY)];
        }
        if self.tiers.is_empty() {
            return vec![(leverage, 0.0, f64::INFINITY)];
        }
        let ceilings = self.tiers.iter().skip(1).map(|tier| tier.floor).chain([f64::INFINITY]);
        self.tiers.iter().zip(ceilings).map(|(tier, end)| (leverage.min(tier.max_leverage), tier.floor, end)).collect()
    }
}

/// An instrument for the simulated exchange, in doubles. Built by `tradebot.core.instrument.Instrument.native()`.
#[pyclass(module = "tradebot_native", frozen, from_py_object)]
#[derive(Clone)]
pub struct InstrumentSpec {
    /// The values.
    pub instrument: Instrument,
}

#[pymethods]
impl InstrumentSpec {
    #[new]
    #[pyo3(signature = (symbol, *, kind = "perpetual", tick_size = 0.01, lot_size = 1e-8, min_quantity = 0.0,
        max_quantity = f64::INFINITY, min_notional = 0.0, multiplier = 1.0, maker_fee = 0.0, taker_fee = 0.0,
        fee_per_share = 0.0, min_fee = 0.0, margin_tiers = vec![], liquidation_fee = 0.0, borrow_rate = 0.0,
        shortable = true, sessions = None, extended_hours = false))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        symbol: String,
        kind: &str,
        tick_size: f64,
        lot_size: f64,
        min_quantity: f64,
        max_quantity: f64,
        min_notional: f64,
        multiplier: f64,
        maker_fee: f64,
        taker_fee: f64,
        fee_per_share: f64,
        min_fee: f64,
        margin_tiers: Vec<(f64, f64, f64, f64)>,
        liquidation_fee: f64,
        borrow_rate: f64,
        shortable: bool,
        sessions: Option<PyReadonlyArray2<'_, i64>>,
        extended_hours: bool,
    ) -> PyResult<Self> {
        for (name, value) in [("tick_size", tick_size), ("lot_size", lot_size), ("multiplier", multiplier)] {
            if !(value.is_finite() && value > 0.0) {
                return Err(PyValueError::new_err(format!("{name}: {value} is not a positive number")));
            }
        }
        let rates = [("maker_fee", maker_fee), ("taker_fee", taker_fee), ("fee_per_share", fee_per_share)];
        let others = [("min_fee", min_fee), ("liquidation_fee", liquidation_fee), ("borrow_rate", borrow_rate)];
        for (name, value) in rates.into_iter().chain(others) {
            if !value.is_finite() {
                return Err(PyValueError::new_err(format!("{name}: {value} is not a number")));
            }
        }
        if sessions.as_ref().is_some_and(|array| array.as_array().ncols() != 2) {
            return Err(PyValueError::new_err("sessions: a row is an open and a close"));
        }
        let tiers = margin_tiers
            .into_iter()
            .map(|(floor, max_leverage, maintenance_rate, deduction)| MarginTier {
                floor,
                max_leverage,
                maintenance_rate,
                deduction,
            })
            .collect();
        let sessions = match sessions {
            None => Vec::new(),
            Some(array) => array.as_array().outer_iter().map(|row| (row[0], row[1])).collect(),
        };
        Ok(Self {
            instrument: Instrument {
                symbol,
                kind: Kind::parse(kind).map_err(PyValueError::new_err)?,
                tick: tick_size,
                lot: lot_size,
                min_quantity,
                max_quantity,
                min_notional,
                multiplier,
                maker_fee,
                taker_fee,
                fee_per_share,
                min_fee,
                tiers,
                liquidation_fee,
                borrow_rate,
                shortable,
                sessions,
                extended_hours,
                inverse_tick: inverse(tick_size),
                inverse_lot: inverse(lot_size),
            },
        })
    }
    #[getter]
    fn symbol(&self) -> &str {
        &self.instrument.symbol
    }
    /// Nearest tick.
    fn snap_price(&self, price: f64) -> f64 {
        self.instrument.snap_price(price)
    }
    /// Whole lots at or below.
    fn snap_quantity(&self, quantity: f64) -> f64 {
        self.instrument.snap_quantity(quantity)
    }
}
