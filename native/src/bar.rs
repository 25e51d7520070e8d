//! Market data that crosses into Python one value at a time: `Bar`, `Tick`, `Quote`.

use pyo3::prelude::*;
use serde::{Deserialize, Serialize};

/// One closed bar as plain numbers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BarValues {
    /// Open time, ns UTC.
    pub ts: i64,
    /// First price.
    pub open: f64,
    /// Highest price.
    pub high: f64,
    /// Lowest price.
    pub low: f64,
    /// Last price.
    pub close: f64,
    /// Traded quantity.
    pub volume: f64,
    /// Number of trades; 0 where the source has none.
    pub trades: i64,
    /// Volume-weighted average price; NaN where the source has none.
    pub vwap: f64,
}

/// A closed bar. Read-only from Python.
///
/// The run loops reuse one object for the bar they pass to a strategy as long as nobody else holds a
/// reference to it, so a bar that a strategy keeps never changes.
#[pyclass(module = "tradebot_native", weakref)]
pub struct Bar {
    /// The numbers.
    pub values: BarValues,
}

#[pymethods]
impl Bar {
    #[new]
    #[pyo3(signature = (ts, open, high, low, close, volume = 0.0, trades = 0, vwap = f64::NAN))]
    #[allow(clippy::too_many_arguments)]
    fn new(ts: i64, open: f64, high: f64, low: f64, close: f64, volume: f64, trades: i64, vwap: f64) -> Self {
        Self { values: BarValues { ts, open, high, low, close, volume, trades, vwap } }
    }
    #[getter]
    fn ts(&self) -> i64 {
        self.values.ts
    }
    #[getter]
    fn open(&self) -> f64 {
        self.values.open
    }
    #[getter]
    fn high(&self) -> f64 {
        self.values.high
    }
    #[getter]
    fn low(&self) -> f64 {
        self.values.low
    }
    #[getter]
    fn close(&self) -> f64 {
        self.values.close
    }
    #[getter]
    fn volume(&self) -> f64 {
        self.values.volume
    }
    #[getter]
    fn trades(&self) -> i64 {
        self.values.trades
    }
    #[getter]
    fn vwap(&self) -> f64 {
        self.values.vwap
    }
    fn __repr__(&self) -> String {
        let v = &self.values;
        format!(
            "Bar(ts={}, open={}, high={}, low={}, close={}, volume={})",
            v.ts, v.open, v.high, v.low, v.close, v.volume
        )
    }
    fn __eq__(&self, other: &Self) -> bool {
        let (a, b) = (&self.values, &other.values);
        (a.ts, a.trades) == (b.ts, b.trades)
            && [a.open, a.high, a.low, a.close, a.volume] == [b.open, b.high, b.low, b.close, b.volume]
            && (a.vwap == b.vwap || (a.vwap.is_nan() && b.vwap.is_nan()))
    }
    fn __hash__(&self) -> u64 {
        (self.values.ts as u64) ^ self.values.close.to_bits()
    }
}

/// One trade print. `side` is +1 when the buyer was the aggressor, -1 the seller, 0 unknown.
#[pyclass(module = "tradebot_native")]
pub struct Tick {
    /// Time, ns UTC.
    #[pyo3(get)]
    pub ts: i64,
    /// Trade price.
    #[pyo3(get)]
    pub price: f64,
    /// Traded quantity.
    #[pyo3(get)]
    pub size: f64,
    /// Aggressor.
    #[pyo3(get)]
    pub side: i8,
}

#[pymethods]
impl Tick {
    #[new]
    #[pyo3(signature = (ts, price, size, side = 0))]
    fn new(ts: i64, price: f64, size: f64, side: i8) -> Self {
        Self { ts, price, size, side }
    }
    fn __repr__(&self) -> String {
        format!("Tick(ts={}, price={}, size={}, side={})", self.ts, self.price, self.size, self.side)
    }
}

/// Best bid and ask at a time.
#[pyclass(module = "tradebot_native")]
pub struct Quote {
    /// Time, ns UTC.
    #[pyo3(get)]
    pub ts: i64,
    /// Best bid price.
    #[pyo3(get)]
    pub bid: f64,
    /// Best ask price.
    #[pyo3(get)]
    pub ask: f64,
    /// Quantity at the bid.
    #[pyo3(get)]
    pub bid_size: f64,
    /// Quantity at the ask.
    #[pyo3(get)]
    pub ask_size: f64,
}

#[pymethods]
impl Quote {
    #[new]
    fn new(ts: i64, bid: f64, ask: f64, bid_size: f64, ask_size: f64) -> Self {
        Self { ts, bid, ask, bid_size, ask_size }
    }
    fn __repr__(&self) -> String {
        format!("Quote(ts={}, bid={} x {}, ask={} x {})", self.ts, self.bid, self.bid_size, self.ask, self.ask_size)
    }
}
