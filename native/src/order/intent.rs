//! The request for an order as Python makes it.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::{Bracket, Intent, NONE, OrderType, Side, TimeInForce};

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
        trailing_stop_pct = None, trailing_activation_pct = None, parent = None, oco = None, tag = ""))]
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
        trailing_activation_pct: Option<f64>,
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
                trailing_activation_pct: or_nan(trailing_activation_pct),
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
    fn trail(&self) -> Option<f64> {
        some(self.intent.trail)
    }
    #[getter]
    fn trail_pct(&self) -> Option<f64> {
        some(self.intent.trail_pct)
    }
    #[getter]
    fn tif(&self) -> &'static str {
        self.intent.tif.as_str()
    }
    #[getter]
    fn expire_ts(&self) -> Option<i64> {
        Some(self.intent.expire_ts).filter(|&ts| ts != i64::MAX)
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
    fn stop_loss(&self) -> Option<f64> {
        some(self.intent.bracket.stop_loss)
    }
    #[getter]
    fn take_profit(&self) -> Option<f64> {
        some(self.intent.bracket.take_profit)
    }
    #[getter]
    fn stop_loss_pct(&self) -> Option<f64> {
        some(self.intent.bracket.stop_loss_pct)
    }
    #[getter]
    fn take_profit_pct(&self) -> Option<f64> {
        some(self.intent.bracket.take_profit_pct)
    }
    #[getter]
    fn trailing_stop(&self) -> Option<f64> {
        some(self.intent.bracket.trailing_stop)
    }
    #[getter]
    fn trailing_stop_pct(&self) -> Option<f64> {
        some(self.intent.bracket.trailing_stop_pct)
    }
    #[getter]
    fn trailing_activation_pct(&self) -> Option<f64> {
        some(self.intent.bracket.trailing_activation_pct)
    }
    #[getter]
    fn parent(&self) -> Option<u32> {
        Some(self.intent.parent).filter(|&number| number != NONE)
    }
    #[getter]
    fn oco(&self) -> Option<u32> {
        Some(self.intent.oco).filter(|&number| number != NONE)
    }
    #[getter]
    fn tag(&self) -> &str {
        &self.tag
    }
    /// The same request under another parent.
    fn with_parent(&self, parent: u32) -> Self {
        let mut other = self.clone();
        other.intent.parent = parent;
        other
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
fn check_intent(intent: &Intent) -> Result<(), String> {
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
    let has = |value: f64| !value.is_nan();
    if has(intent.price) && !matches!(intent.kind, OrderType::Limit | OrderType::StopLimit | OrderType::TrailingStop) {
        return Err(format!("price: a {word} order has none"));
    }
    if has(intent.trigger) && !matches!(intent.kind, OrderType::Stop | OrderType::StopLimit | OrderType::TakeProfit) {
        return Err(format!("trigger: a {word} order has none"));
    }
    if (has(intent.trail) || has(intent.trail_pct)) && intent.kind != OrderType::TrailingStop {
        return Err(format!("trail: a {word} order has none"));
    }
    check_bracket(intent.side, &intent.bracket)?;
    if intent.post_only && matches!(intent.tif, TimeInForce::Ioc | TimeInForce::Fok) {
        return Err(format!("post_only: an order that must rest cannot be {}", intent.tif.as_str()));
    }
    if intent.post_only && intent.kind != OrderType::Limit {
        return Err(format!("post_only: only a limit order can be post-only, not {word}"));
    }
    if intent.tif == TimeInForce::Gtd && intent.expire_ts == i64::MAX {
        return Err("expire_ts: a gtd order needs its end in ns UTC".to_owned());
    }
    Ok(())
}

/// What exits must be whatever the entry fills at: positive, fractions below one, the stop on its side of the target.
pub fn check_bracket(side: Side, bracket: &Bracket) -> Result<(), String> {
    let levels = [
        ("stop_loss", bracket.stop_loss),
        ("take_profit", bracket.take_profit),
        ("stop_loss_pct", bracket.stop_loss_pct),
        ("take_profit_pct", bracket.take_profit_pct),
        ("trailing_stop", bracket.trailing_stop),
        ("trailing_stop_pct", bracket.trailing_stop_pct),
        ("trailing_activation_pct", bracket.trailing_activation_pct),
    ];
    for (name, value) in levels {
        if value <= 0.0 || value.is_infinite() {
            return Err(format!("{name}: {value} is not a positive number"));
        }
    }
    for (name, value) in [("stop_loss_pct", bracket.stop_loss_pct), ("trailing_stop_pct", bracket.trailing_stop_pct)] {
        if value >= 1.0 {
            return Err(format!("{name}: {value} is 100 % or more; 0.01 means 1 %"));
        }
    }
    if side == Side::Sell && bracket.take_profit_pct >= 1.0 {
        let pct = bracket.take_profit_pct;
        return Err(format!("take_profit_pct: {pct} would put the target of a short at zero or below"));
    }
    if !bracket.trailing_activation_pct.is_nan() && bracket.trailing_stop.is_nan() && bracket.trailing_stop_pct.is_nan()
    {
        return Err("trailing_activation_pct: there is no trailing stop to activate".to_owned());
    }
    let (word, low, high) = match side {
        Side::Buy => ("long", ("stop_loss", bracket.stop_loss), ("take_profit", bracket.take_profit)),
        Side::Sell => ("short", ("take_profit", bracket.take_profit), ("stop_loss", bracket.stop_loss)),
    };
    if low.1 >= high.1 {
        return Err(format!("{}: {} must lie below {} {} in a {word} signal", low.0, low.1, high.0, high.1));
    }
    Ok(())
}
