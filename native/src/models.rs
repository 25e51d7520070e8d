//! Models of what a fill costs beside its price, and of the unknown path inside a bar.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use serde::{Deserialize, Serialize};

use crate::words::words;

words!(
    /// When an order decided on a bar may fill first.
    FillAt { NextOpen = "next_open", ThisClose = "this_close" }
);

words!(
    /// How the unknown path inside a bar is resolved.
    PathModel { Pessimistic = "pessimistic", Optimistic = "optimistic", Adaptive = "adaptive" }
);

/// How far from the market price an order that takes liquidity fills, always against the trader.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum SlippageModel {
    /// Not at all.
    None,
    /// Basis points of the price.
    Bps(f64),
    /// Price steps.
    Ticks(f64),
    /// Half of a spread given in basis points.
    HalfSpread(f64),
    /// Square-root impact: price x impact x sqrt(quantity / bar volume).
    VolumeShare(f64),
}

impl SlippageModel {
    /// Price distance of one fill.
    #[inline]
    pub fn distance(&self, price: f64, tick: f64, quantity: f64, volume: f64) -> f64 {
        match *self {
            SlippageModel::None => 0.0,
            SlippageModel::Bps(bps) => price * bps * 1e-4,
            SlippageModel::Ticks(ticks) => ticks * tick,
            SlippageModel::HalfSpread(bps) => price * bps * 0.5e-4,
            SlippageModel::VolumeShare(impact) => {
                let share = if volume > 0.0 { (quantity / volume).min(1.0) } else { 1.0 };
                price * impact * share.sqrt()
            }
        }
    }
}

/// Slippage of orders that take liquidity.
///
/// The square-root law is the usual impact model: Almgren, Thum, Hauptmann, Li (2005), Direct estimation of equity
/// market impact; Toth et al. (2011), Anomalous price impact.
#[pyclass(module = "tradebot_native", frozen, from_py_object)]
#[derive(Clone)]
pub struct Slippage {
    /// The model.
    pub model: SlippageModel,
}

fn checked(name: &str, value: f64) -> PyResult<f64> {
    if value.is_finite() && value >= 0.0 {
        Ok(value)
    } else {
        Err(PyValueError::new_err(format!("slippage {name}: {value} is not zero or a positive number")))
    }
}

#[pymethods]
impl Slippage {
    /// Fills at the market price.
    #[staticmethod]
    fn none() -> Self {
        Self { model: SlippageModel::None }
    }
    /// A fixed number of basis points.
    #[staticmethod]
    fn bps(bps: f64) -> PyResult<Self> {
        Ok(Self { model: SlippageModel::Bps(checked("bps", bps)?) })
    }
    /// A fixed number of ticks.
    #[staticmethod]
    fn ticks(ticks: f64) -> PyResult<Self> {
        Ok(Self { model: SlippageModel::Ticks(checked("ticks", ticks)?) })
    }
    /// Half of a spread in basis points.
    #[staticmethod]
    fn half_spread(bps: f64) -> PyResult<Self> {
        Ok(Self { model: SlippageModel::HalfSpread(checked("half_spread", bps)?) })
    }
    /// Square-root impact of the order's share of the bar's volume.
    #[staticmethod]
    fn volume_share(impact: f64) -> PyResult<Self> {
        Ok(Self { model: SlippageModel::VolumeShare(checked("volume_share", impact)?) })
    }
    /// True when the model charges nothing.
    #[getter]
    fn is_free(&self) -> bool {
        match self.model {
            SlippageModel::None => true,
            SlippageModel::Bps(x)
            | SlippageModel::Ticks(x)
            | SlippageModel::HalfSpread(x)
            | SlippageModel::VolumeShare(x) => x == 0.0,
        }
    }
    fn __str__(&self) -> String {
        match self.model {
            SlippageModel::None => "none".to_owned(),
            SlippageModel::Bps(x) => format!("{x} bps"),
            SlippageModel::Ticks(x) => format!("{x} ticks"),
            SlippageModel::HalfSpread(x) => format!("half of a {x} bps spread"),
            SlippageModel::VolumeShare(x) => format!("square-root impact, coefficient {x}"),
        }
    }
    fn __repr__(&self) -> String {
        format!("Slippage({})", self.__str__())
    }
}
