//! Orders: their words, their state machine (one table), the intent that asks for one, and the order itself.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use serde::{Deserialize, Serialize};

use crate::words::words;

words!(
    /// Which way an order trades.
    Side { Buy = "buy", Sell = "sell" }
);

impl Side {
    /// +1 for a buy, -1 for a sell.
    #[inline]
    pub const fn sign(self) -> f64 {
        match self {
            Side::Buy => 1.0,
            Side::Sell => -1.0,
        }
    }

    /// The other side.
    #[inline]
    pub const fn opposite(self) -> Side {
        match self {
            Side::Buy => Side::Sell,
            Side::Sell => Side::Buy,
        }
    }
}

words!(
    /// What makes an order executable, and at which price.
    OrderType {
        Market = "market",
        Limit = "limit",
        Stop = "stop",
        StopLimit = "stop_limit",
        TakeProfit = "take_profit",
        TrailingStop = "trailing_stop",
    }
);

words!(
    /// How long an order stays in force.
    TimeInForce { Gtc = "gtc", Ioc = "ioc", Fok = "fok", Day = "day", Gtd = "gtd" }
);

words!(
    /// Where an order stands. `unknown`: sent and no answer yet; it is asked about, never resent.
    OrderState {
        Initialized = "initialized",
        Denied = "denied",
        Submitted = "submitted",
        Rejected = "rejected",
        Accepted = "accepted",
        Triggered = "triggered",
        PartiallyFilled = "partially_filled",
        Filled = "filled",
        Canceled = "canceled",
        Expired = "expired",
        PendingCancel = "pending_cancel",
        PendingReplace = "pending_replace",
        Unknown = "unknown",
    }
);

impl OrderState {
    /// The states an order may go to from this one: the one table of the state machine.
    ///
    /// A fill that arrives after `canceled` or `expired` is real and is booked (the exchange is right), hence
    /// those two may still become `filled` or `partially_filled`.
    pub const fn next(self) -> &'static [OrderState] {
        use OrderState::{
            Accepted, Canceled, Denied, Expired, Filled, Initialized, PartiallyFilled, PendingCancel, PendingReplace,
            Rejected, Submitted, Triggered, Unknown,
        };
        match self {
            Initialized => &[Denied, Submitted, Canceled, Accepted],
            Submitted => &[Rejected, Accepted, PartiallyFilled, Filled, Canceled, Expired, Unknown],
            Unknown => &[Rejected, Accepted, Triggered, PartiallyFilled, Filled, Canceled, Expired],
            Accepted => &[
                Triggered,
                PartiallyFilled,
                Filled,
                Canceled,
                Expired,
                Rejected,
                PendingCancel,
                PendingReplace,
                Unknown,
            ],
            Triggered => {
                &[PartiallyFilled, Filled, Canceled, Expired, Rejected, PendingCancel, PendingReplace, Unknown]
            }
            PartiallyFilled => {
                &[PartiallyFilled, Filled, Canceled, Expired, PendingCancel, PendingReplace, Triggered, Unknown]
            }
            PendingCancel => &[Canceled, Filled, PartiallyFilled, Expired, Accepted, Unknown],
            PendingReplace => &[Accepted, Canceled, Filled, PartiallyFilled, Expired, Rejected, Unknown],
            Canceled | Expired => &[PartiallyFilled, Filled],
            Denied | Rejected | Filled => &[],
        }
    }

    /// True when nothing is expected to follow.
    pub const fn is_final(self) -> bool {
        matches!(
            self,
            OrderState::Denied | OrderState::Rejected | OrderState::Filled | OrderState::Canceled | OrderState::Expired
        )
    }
}

words!(
    /// Why an order was denied, rejected, canceled or expired.
    Reason {
        None = "",
        Lot = "lot",
        Tick = "tick",
        MinQuantity = "min_quantity",
        MaxQuantity = "max_quantity",
        MinNotional = "min_notional",
        Price = "price",
        InsufficientMargin = "insufficient_margin",
        InsufficientPosition = "insufficient_position",
        NotShortable = "not_shortable",
        ReduceOnly = "reduce_only",
        PostOnlyWouldCross = "post_only_would_cross",
        MarketClosed = "market_closed",
        FillOrKill = "fill_or_kill",
        ImmediateOrCancel = "immediate_or_cancel",
        TimeInForce = "time_in_force",
        OneCancelsOther = "one_cancels_other",
        PositionClosed = "position_closed",
        ParentDone = "parent_done",
        Requested = "requested",
        Replaced = "replaced_by_new_signal",
        Liquidation = "liquidation",
        Halted = "halted",
        MaxOrderQuantity = "max_order_quantity",
        MaxOrderNotional = "max_order_notional",
        MaxExposure = "max_exposure",
        MaxPositions = "max_positions",
        MaxDailyLoss = "max_daily_loss",
        MaxDrawdown = "max_drawdown",
        SizeTooSmall = "size_too_small",
        InvalidSignal = "invalid_signal",
        UnknownOrder = "unknown_order",
    }
);

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
    /// Limit price; NaN where it has none.
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
    /// Filled so far.
    pub filled: f64,
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
    /// First market step of its instrument that may fill it.
    pub first_step: u64,
    /// Index of its one-cancels-other group, or NONE.
    pub group: u32,
    /// Index of the group of exits its fill brought to life, or NONE.
    pub legs: u32,
}

impl Order {
    /// Quantity still to fill.
    #[inline]
    pub fn remaining(&self) -> f64 {
        self.intent.quantity - self.filled
    }
}

fn or_nan(value: Option<f64>) -> f64 {
    value.unwrap_or(f64::NAN)
}

/// A request for an order: what a `Policy` returns.
#[pyclass(module = "tradebot_native", frozen, from_py_object)]
#[derive(Clone)]
pub struct OrderIntent {
    /// The plain values; `instrument` is resolved when it is submitted.
    pub intent: Intent,
    /// Symbol, when the instrument was named by it.
    pub symbol: Option<String>,
    /// Tag text.
    pub tag: String,
}

/// An instrument named by its index or its symbol.
#[derive(FromPyObject)]
pub enum InstrumentKey {
    /// Position in the exchange's list.
    #[pyo3(transparent)]
    Index(u32),
    /// Symbol.
    #[pyo3(transparent)]
    Symbol(String),
}

#[pymethods]
impl OrderIntent {
    #[new]
    #[pyo3(signature = (instrument, side, quantity, *, r#type = "market", price = None, trigger = None, trail = None,
        trail_pct = None, tif = "gtc", expire_ts = None, reduce_only = false, post_only = false, stop_loss = None,
        take_profit = None, stop_loss_pct = None, take_profit_pct = None, trailing_stop = None,
        trailing_stop_pct = None, parent = None, oco = None, tag = ""))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        instrument: InstrumentKey,
        side: &str,
        quantity: f64,
        r#type: &str,
        price: Option<f64>,
        trigger: Option<f64>,
        trail: Option<f64>,
        trail_pct: Option<f64>,
        tif: &str,
        expire_ts: Option<i64>,
        reduce_only: bool,
        post_only: bool,
        stop_loss: Option<f64>,
        take_profit: Option<f64>,
        stop_loss_pct: Option<f64>,
        take_profit_pct: Option<f64>,
        trailing_stop: Option<f64>,
        trailing_stop_pct: Option<f64>,
        parent: Option<u32>,
        oco: Option<u32>,
        tag: &str,
    ) -> PyResult<Self> {
        let kind = OrderType::parse(r#type).map_err(PyValueError::new_err)?;
        let (index, symbol) = match instrument {
            InstrumentKey::Index(index) => (index, None),
            InstrumentKey::Symbol(symbol) => (NONE, Some(symbol)),
        };
        let intent = Intent {
            instrument: index,
            side: Side::parse(side).map_err(PyValueError::new_err)?,
            quantity,
            kind,
            price: or_nan(price),
            trigger: or_nan(trigger),
            trail: or_nan(trail),
            trail_pct: or_nan(trail_pct),
            tif: TimeInForce::parse(tif).map_err(PyValueError::new_err)?,
            expire_ts: expire_ts.unwrap_or(i64::MAX),
            reduce_only,
            post_only,
            bracket: Bracket {
                stop_loss: or_nan(stop_loss),
                take_profit: or_nan(take_profit),
                stop_loss_pct: or_nan(stop_loss_pct),
                take_profit_pct: or_nan(take_profit_pct),
                trailing_stop: or_nan(trailing_stop),
                trailing_stop_pct: or_nan(trailing_stop_pct),
            },
            parent: parent.unwrap_or(NONE),
            oco: oco.unwrap_or(NONE),
            tag: 0,
        };
        check_intent(&intent).map_err(PyValueError::new_err)?;
        Ok(Self { intent, symbol, tag: tag.to_owned() })
    }

    #[getter]
    fn instrument<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        match &self.symbol {
            Some(symbol) => Ok(symbol.into_pyobject(py)?.into_any()),
            None => Ok(self.intent.instrument.into_pyobject(py)?.into_any()),
        }
    }
    #[getter]
    fn side(&self) -> &'static str {
        self.intent.side.as_str()
    }
    #[getter]
    fn quantity(&self) -> f64 {
        self.intent.quantity
    }
    #[getter]
    fn r#type(&self) -> &'static str {
        self.intent.kind.as_str()
    }
    #[getter]
    fn price(&self) -> Option<f64> {
        some(self.intent.price)
    }
    #[getter]
    fn trigger(&self) -> Option<f64> {
        some(self.intent.trigger)
    }
    #[getter]
    fn tif(&self) -> &'static str {
        self.intent.tif.as_str()
    }
    #[getter]
    fn reduce_only(&self) -> bool {
        self.intent.reduce_only
    }
    #[getter]
    fn post_only(&self) -> bool {
        self.intent.post_only
    }
    #[getter]
    fn tag(&self) -> &str {
        &self.tag
    }
    fn __repr__(&self) -> String {
        let i = &self.intent;
        let name = self.symbol.clone().unwrap_or_else(|| i.instrument.to_string());
        format!("OrderIntent({name}, {}, {}, type={})", i.side.as_str(), i.quantity, i.kind.as_str())
    }
}

/// The value, or None for NaN.
pub fn some(value: f64) -> Option<f64> {
    if value.is_nan() { None } else { Some(value) }
}

/// What every order must have whatever the instrument: prices its type needs, a positive quantity.
pub fn check_intent(intent: &Intent) -> Result<(), String> {
    let word = intent.kind.as_str();
    let positive = |value: f64| value.is_finite() && value > 0.0;
    if !positive(intent.quantity) {
        return Err(format!("quantity: {} is not a positive number", intent.quantity));
    }
    if matches!(intent.kind, OrderType::Limit | OrderType::StopLimit) && !positive(intent.price) {
        return Err(format!("price: a {word} order needs a positive limit price"));
    }
    if matches!(intent.kind, OrderType::Stop | OrderType::StopLimit | OrderType::TakeProfit)
        && !positive(intent.trigger)
    {
        return Err(format!("trigger: a {word} order needs a positive trigger price"));
    }
    if intent.kind == OrderType::TrailingStop && !positive(intent.trail) && !positive(intent.trail_pct) {
        return Err("trail: a trailing_stop order needs a positive trail or trail_pct".to_owned());
    }
    if intent.post_only && intent.kind != OrderType::Limit {
        return Err(format!("post_only: only a limit order can be post-only, not {word}"));
    }
    if intent.tif == TimeInForce::Gtd && intent.expire_ts == i64::MAX {
        return Err("expire_ts: a gtd order needs its end in ns UTC".to_owned());
    }
    Ok(())
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
    m.add("ORDER_STATES", PyTuple::new(py, OrderState::ALL.iter().map(|s| s.as_str()))?)?;
    m.add("ORDER_TYPES", PyTuple::new(py, OrderType::ALL.iter().map(|s| s.as_str()))?)?;
    m.add("TIFS", PyTuple::new(py, TimeInForce::ALL.iter().map(|s| s.as_str()))?)?;
    m.add("REASONS", PyTuple::new(py, Reason::ALL.iter().map(|s| s.as_str()))?)?;
    m.add_class::<OrderIntent>()
}
