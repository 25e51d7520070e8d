//! Position size from equity: the sizers that run without Python.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use serde::{Deserialize, Serialize};

/// A sizing rule.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum SizingRule {
    /// Always the same quantity.
    Fixed(f64),
    /// Notional and its entry fee take a fraction of equity.
    Fraction(f64),
    /// The distance to the stop loses a fraction of equity.
    Risk(f64),
}

impl SizingRule {
    /// Quantity before it is cut to lots; None when the rule needs a stop and there is none.
    ///
    /// fixed: q. fraction: f E / (p m (1 + fee)). risk: f E / (|p - stop| m).
    pub fn quantity(&self, equity: f64, price: f64, stop_distance: f64, multiplier: f64, fee_rate: f64) -> Option<f64> {
        let wealth = equity.max(0.0);
        match *self {
            SizingRule::Fixed(quantity) => Some(quantity),
            SizingRule::Fraction(fraction) => {
                Some(fraction * wealth / (price * multiplier * (1.0 + fee_rate.max(0.0))))
            }
            SizingRule::Risk(fraction) => {
                (stop_distance > 0.0).then(|| fraction * wealth / (stop_distance * multiplier))
            }
        }
    }
}

/// A sizer that the native trader runs itself.
#[pyclass(module = "tradebot_native", frozen, from_py_object)]
#[derive(Clone)]
pub struct Sizing {
    /// The rule.
    pub rule: SizingRule,
}

#[pymethods]
impl Sizing {
    /// Always `quantity` units.
    #[staticmethod]
    fn fixed(quantity: f64) -> Self {
        Self { rule: SizingRule::Fixed(quantity) }
    }
    /// A notional, entry fee included, of `fraction` of equity.
    #[staticmethod]
    fn fraction(fraction: f64) -> Self {
        Self { rule: SizingRule::Fraction(fraction) }
    }
    /// A loss of `fraction` of equity at the stop.
    #[staticmethod]
    fn risk(fraction: f64) -> Self {
        Self { rule: SizingRule::Risk(fraction) }
    }
    /// Units for an entry at `price`, before they are cut to lots.
    #[pyo3(signature = (equity, price, *, stop_distance = f64::NAN, multiplier = 1.0, fee_rate = 0.0))]
    fn quantity(&self, equity: f64, price: f64, stop_distance: f64, multiplier: f64, fee_rate: f64) -> PyResult<f64> {
        self.rule
            .quantity(equity, price, stop_distance, multiplier, fee_rate)
            .ok_or_else(|| PyValueError::new_err("stop_loss: sizing by risk needs a stop to measure the risk by"))
    }
}
