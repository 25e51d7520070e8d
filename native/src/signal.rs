//! What a strategy says: `Signal` (enter) and `Exit`, with the signal's contract checked when it is made.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::order::{Bracket, OrderType, Side, check_bracket};

/// A wish to hold a position. Prices are absolute; `*_pct` are fractions of the entry's fill price (0.01 is 1 %).
#[pyclass(module = "tradebot_native", frozen)]
pub struct Signal {
    /// The side to hold.
    pub side: Side,
    /// Reference price; the bar's close where absent.
    pub entry: Option<f64>,
    /// Exits.
    pub bracket: Bracket,
    /// Whether a price or exit was given as nan.
    pub lacks_exit: bool,
    /// Trust in the signal, 0..1.
    #[pyo3(get)]
    pub confidence: f64,
    /// Quantity that overrides the sizer.
    #[pyo3(get)]
    pub quantity: Option<f64>,
    /// How to enter: market, limit or stop.
    pub kind: OrderType,
    /// Limit price of the entry.
    #[pyo3(get)]
    pub limit: Option<f64>,
    /// Stop price of the entry.
    #[pyo3(get)]
    pub stop: Option<f64>,
    /// Whether to enter although the side is held: another unit, with exits of its own.
    #[pyo3(get)]
    pub add: bool,
    /// Name the trades carry.
    #[pyo3(get)]
    pub tag: String,
    /// Anything the strategy wants on record.
    pub metadata: Option<Py<PyDict>>,
}

fn check(side: Side, reference: Option<f64>, bracket: &Bracket, confidence: f64) -> Result<(), String> {
    let word = if side == Side::Buy { "long" } else { "short" };
    check_bracket(side, bracket)?;
    if let Some(entry) = reference.filter(|&entry| entry <= 0.0 || entry.is_infinite()) {
        return Err(format!("entry: {entry} is not a positive number"));
    }
    if !(0.0..=1.0).contains(&confidence) {
        return Err(format!("confidence: {confidence} is not in 0..1"));
    }
    let (low, high) = match side {
        Side::Buy => (("stop_loss", bracket.stop_loss), ("take_profit", bracket.take_profit)),
        Side::Sell => (("take_profit", bracket.take_profit), ("stop_loss", bracket.stop_loss)),
    };
    if let Some(entry) = reference {
        if low.1 >= entry {
            return Err(format!("{}: {} must lie below the entry {entry} in a {word} signal", low.0, low.1));
        }
        if high.1 <= entry {
            return Err(format!("{}: {} must lie above the entry {entry} in a {word} signal", high.0, high.1));
        }
    }
    Ok(())
}

#[pymethods]
impl Signal {
    #[new]
    #[pyo3(signature = (side, *, entry = None, stop_loss = None, take_profit = None, stop_loss_pct = None,
        take_profit_pct = None, trailing_stop = None, trailing_stop_pct = None, trailing_activation_pct = None,
        confidence = 1.0, quantity = None,
        r#type = "market", limit = None, stop = None, add = false, tag = "", metadata = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        side: &str,
        entry: Option<f64>,
        stop_loss: Option<f64>,
        take_profit: Option<f64>,
        stop_loss_pct: Option<f64>,
        take_profit_pct: Option<f64>,
        trailing_stop: Option<f64>,
        trailing_stop_pct: Option<f64>,
        trailing_activation_pct: Option<f64>,
        confidence: f64,
        quantity: Option<f64>,
        r#type: &str,
        limit: Option<f64>,
        stop: Option<f64>,
        add: bool,
        tag: &str,
        metadata: Option<Py<PyDict>>,
    ) -> PyResult<Self> {
        let side = match side {
            "long" => Side::Buy,
            "short" => Side::Sell,
            other => return Err(PyValueError::new_err(format!("side: {other:?} is not one of long, short"))),
        };
        let or_nan = |value: Option<f64>| value.unwrap_or(f64::NAN);
        let given = [
            entry,
            stop_loss,
            take_profit,
            stop_loss_pct,
            take_profit_pct,
            trailing_stop,
            trailing_stop_pct,
            trailing_activation_pct,
            limit,
            stop,
        ];
        let lacks_exit = given.into_iter().flatten().any(f64::is_nan);
        let bracket = Bracket {
            stop_loss: or_nan(stop_loss),
            take_profit: or_nan(take_profit),
            stop_loss_pct: or_nan(stop_loss_pct),
            take_profit_pct: or_nan(take_profit_pct),
            trailing_stop: or_nan(trailing_stop),
            trailing_stop_pct: or_nan(trailing_stop_pct),
            trailing_activation_pct: or_nan(trailing_activation_pct),
        };
        let kind = OrderType::parse(r#type).map_err(PyValueError::new_err)?;
        let reference = match kind {
            OrderType::Market => entry,
            OrderType::Limit => {
                Some(limit.ok_or_else(|| PyValueError::new_err("limit: a limit entry needs its price"))?)
            }
            OrderType::Stop => Some(stop.ok_or_else(|| PyValueError::new_err("stop: a stop entry needs its price"))?),
            other => {
                let word = other.as_str();
                return Err(PyValueError::new_err(format!("type: an entry is market, limit or stop, not {word}")));
            }
        };
        check(side, reference, &bracket, confidence).map_err(PyValueError::new_err)?;
        if let Some(quantity) = quantity
            && !(quantity.is_finite() && quantity > 0.0)
        {
            return Err(PyValueError::new_err(format!("quantity: {quantity} is not a positive number")));
        }
        Ok(Self {
            side,
            entry: reference,
            bracket,
            lacks_exit,
            confidence,
            quantity,
            kind,
            limit,
            stop,
            add,
            tag: tag.to_owned(),
            metadata,
        })
    }

    #[getter]
    fn side(&self) -> &'static str {
        if self.side == Side::Buy { "long" } else { "short" }
    }
    #[getter]
    fn entry(&self) -> Option<f64> {
        self.entry
    }
    #[getter]
    fn r#type(&self) -> &'static str {
        self.kind.as_str()
    }
    #[getter]
    fn stop_loss(&self) -> Option<f64> {
        crate::order::some(self.bracket.stop_loss)
    }
    #[getter]
    fn take_profit(&self) -> Option<f64> {
        crate::order::some(self.bracket.take_profit)
    }
    #[getter]
    fn stop_loss_pct(&self) -> Option<f64> {
        crate::order::some(self.bracket.stop_loss_pct)
    }
    #[getter]
    fn take_profit_pct(&self) -> Option<f64> {
        crate::order::some(self.bracket.take_profit_pct)
    }
    #[getter]
    fn trailing_stop(&self) -> Option<f64> {
        crate::order::some(self.bracket.trailing_stop)
    }
    #[getter]
    fn trailing_stop_pct(&self) -> Option<f64> {
        crate::order::some(self.bracket.trailing_stop_pct)
    }
    #[getter]
    fn trailing_activation_pct(&self) -> Option<f64> {
        crate::order::some(self.bracket.trailing_activation_pct)
    }
    #[getter]
    fn metadata(&self, py: Python<'_>) -> Option<Py<PyDict>> {
        self.metadata.as_ref().map(|m| m.clone_ref(py))
    }
    fn __repr__(&self) -> String {
        format!("Signal({}, tag={:?})", self.side(), self.tag)
    }
}

/// A wish to leave the position, or a fraction of it.
#[pyclass(module = "tradebot_native", frozen)]
pub struct Exit {
    /// Share of the position to close, 0..1.
    #[pyo3(get)]
    pub fraction: f64,
    /// Name the trades carry.
    #[pyo3(get)]
    pub tag: String,
}

#[pymethods]
impl Exit {
    #[new]
    #[pyo3(signature = (fraction = 1.0, tag = ""))]
    fn new(fraction: f64, tag: &str) -> PyResult<Self> {
        if !(fraction > 0.0 && fraction <= 1.0) {
            return Err(PyValueError::new_err(format!("fraction: {fraction} is not above 0 and at most 1")));
        }
        Ok(Self { fraction, tag: tag.to_owned() })
    }
    fn __repr__(&self) -> String {
        format!("Exit({}, tag={:?})", self.fraction, self.tag)
    }
}
