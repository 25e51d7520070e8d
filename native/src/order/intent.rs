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
