//! Orders: their words and state machine, the intent that asks for one, and the order itself.

mod intent;
mod state;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use serde::{Deserialize, Serialize};

pub use intent::{InstrumentKey, OrderIntent, check_bracket, some};
pub use state::{OrderState, OrderType, Reason, Side, TimeInForce};

/// Marks an absent order, group or bracket.
pub const NONE: u32 = u32::MAX;

/// Exits that go live with an entry's fill; NaN where absent.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bracket {
    /// Stop price.
    pub stop_loss: f64,
    /// Target price.
    pub take_profit: f64,
    /// Stop distance as a fraction of the fill price.
    pub stop_loss_pct: f64,
    /// Target distance as a fraction of the fill price.
    pub take_profit_pct: f64,
    /// Trailing distance in price.
    pub trailing_stop: f64,
    /// Trailing distance as a fraction of the best price reached.
    pub trailing_stop_pct: f64,
    /// Gain over the fill price, as a fraction, from which the trailing stop follows; at once where absent.
    pub trailing_activation_pct: f64,
}

impl Bracket {
    /// No exits.
    pub const EMPTY: Bracket = Bracket {
        stop_loss: f64::NAN,
        take_profit: f64::NAN,
        stop_loss_pct: f64::NAN,
        take_profit_pct: f64::NAN,
        trailing_stop: f64::NAN,
        trailing_stop_pct: f64::NAN,
        trailing_activation_pct: f64::NAN,
    };

    /// True when no exit is asked for.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.stop_loss.is_nan()
            && self.take_profit.is_nan()
            && self.stop_loss_pct.is_nan()
            && self.take_profit_pct.is_nan()
            && self.trailing_stop.is_nan()
            && self.trailing_stop_pct.is_nan()
    }

    /// These exits, and where one of the three is missing another's.
    pub fn or(mut self, other: &Bracket) -> Bracket {
        if self.stop_loss.is_nan() && self.stop_loss_pct.is_nan() {
            (self.stop_loss, self.stop_loss_pct) = (other.stop_loss, other.stop_loss_pct);
        }
        if self.take_profit.is_nan() && self.take_profit_pct.is_nan() {
            (self.take_profit, self.take_profit_pct) = (other.take_profit, other.take_profit_pct);
        }
        if self.trailing_stop.is_nan() && self.trailing_stop_pct.is_nan() {
            (self.trailing_stop, self.trailing_stop_pct) = (other.trailing_stop, other.trailing_stop_pct);
            self.trailing_activation_pct = other.trailing_activation_pct;
        }
        self
    }
}

/// What a decision asks for, before it has an id.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Intent {
    /// Index of the instrument.
    pub instrument: u32,
    /// Buy or sell.
    pub side: Side,
    /// Quantity, positive.
    pub quantity: f64,
    /// Order type.
    pub kind: OrderType,
    /// Limit price, or the price from which a trailing stop follows; NaN where it has none.
    pub price: f64,
    /// Trigger price; NaN where it has none.
    pub trigger: f64,
    /// Trailing distance in price; NaN where it has none.
    pub trail: f64,
    /// Trailing distance as a fraction; NaN where it has none.
    pub trail_pct: f64,
    /// Time in force.
    pub tif: TimeInForce,
    /// End of a GTD order, ns UTC.
    pub expire_ts: i64,
    /// May only shrink the position.
    pub reduce_only: bool,
    /// Must not take liquidity on arrival.
    pub post_only: bool,
    /// Exits that go live with the fill.
    pub bracket: Bracket,
    /// Order whose fill brings this one to life (one-triggers-other), or NONE.
    pub parent: u32,
    /// One-cancels-other group of the caller, or NONE.
    pub oco: u32,
    /// Index of the tag text.
    pub tag: u32,
}

impl Intent {
    /// A market order.
    pub fn market(instrument: u32, side: Side, quantity: f64) -> Intent {
        Intent {
            instrument,
            side,
            quantity,
            kind: OrderType::Market,
            price: f64::NAN,
            trigger: f64::NAN,
            trail: f64::NAN,
            trail_pct: f64::NAN,
            tif: TimeInForce::Gtc,
            expire_ts: i64::MAX,
            reduce_only: false,
            post_only: false,
            bracket: Bracket::EMPTY,
            parent: NONE,
            oco: NONE,
            tag: 0,
        }
    }
}

/// Where a live order waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// Nowhere: final.
    Gone,
    /// For its parent's fill.
    Held,
    /// For the next price, whatever it is (market, IOC, FOK).
    Queue,
    /// For the price to rise to its level.
    Up,
    /// For the price to fall to its level.
    Down,
}

/// An order at the simulated exchange.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// What was asked for; prices of trailing stops move with the market.
    pub intent: Intent,
    /// State.
    pub state: OrderState,
    /// Where it waits.
    pub place: Place,
    /// Why it ended, if it did.
    pub reason: Reason,
    /// True once a stop, stop-limit, take-profit or trailing stop has fired.
    pub triggered: bool,
    /// Sorting key in its set (see `Market`).
    pub key: f64,
    /// Quantity a child may grow to as its parent fills.
    pub asked: f64,
    /// Filled so far.
    pub filled: f64,
    /// Instant at which a fill of its parent brought it to life; 0 for any other order.
    pub arrived: u64,
    /// Fees of the fills before the least one of an order.
    pub linear_fee: f64,
    /// Sum of price x quantity over the fills.
    pub filled_value: f64,
    /// Best price since it went live (trailing stops).
    pub extreme: f64,
    /// Margin set aside for it.
    pub reserve: f64,
    /// Time of the decision, ns UTC.
    pub created_ts: i64,
    /// Time it ended, ns UTC; 0 while live.
    pub final_ts: i64,
    /// First moment of its market that may fill it (see `Market::moment`).
    pub first_moment: u64,
    /// Index of its one-cancels-other group, or NONE.
    pub group: u32,
    /// Index of the group of exits its fill brought to life, or NONE.
    pub legs: u32,
}

impl Order {
    /// Whether a trailing stop still waits for the price from which it follows.
    #[inline]
    pub fn waits_to_trail(&self) -> bool {
        self.intent.kind == OrderType::TrailingStop && !self.intent.price.is_nan()
    }

    /// Quantity still to fill.
    #[inline]
    pub fn remaining(&self) -> f64 {
        self.intent.quantity - self.filled
    }
}

/// Adds the module's constants and classes.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = m.py();
    let table = PyDict::new(py);
    for state in OrderState::ALL {
        let next: Vec<&str> = state.next().iter().map(|s| s.as_str()).collect();
        table.set_item(state.as_str(), PyTuple::new(py, next)?)?;
    }
    m.add("ORDER_TRANSITIONS", table)?;
    let reports = PyDict::new(py);
    for state in OrderState::ALL {
        let told = OrderState::ALL.iter().filter(|&&to| state.reports(to)).map(|s| s.as_str());
        reports.set_item(state.as_str(), PyTuple::new(py, told.collect::<Vec<_>>())?)?;
    }
    m.add("ORDER_REPORTS", reports)?;
    m.add("ORDER_STATES", PyTuple::new(py, OrderState::ALL.iter().map(|s| s.as_str()))?)?;
    m.add("ORDER_TYPES", PyTuple::new(py, OrderType::ALL.iter().map(|s| s.as_str()))?)?;
    m.add("TIFS", PyTuple::new(py, TimeInForce::ALL.iter().map(|s| s.as_str()))?)?;
    m.add("REASONS", PyTuple::new(py, Reason::ALL.iter().map(|s| s.as_str()))?)?;
    m.add_class::<OrderIntent>()
}
