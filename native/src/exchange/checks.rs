//! What no account, bar, quote or trade can be is refused before it reaches the exchange.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::bar::{BarValues, Quote, Tick};
use crate::instrument::InstrumentSpec;

/// Refuses money, leverage or instruments that no account can have.
pub(super) fn check_account(instruments: &[InstrumentSpec], cash: f64, leverage: f64) -> PyResult<()> {
    if !(cash.is_finite() && cash > 0.0) {
        return Err(PyValueError::new_err(format!("cash: {cash} is not a positive number")));
    }
    if !(leverage.is_finite() && leverage >= 1.0) {
        return Err(PyValueError::new_err(format!("leverage: {leverage} is not 1 or more")));
    }
    for (n, spec) in instruments.iter().enumerate() {
        let symbol = &spec.instrument.symbol;
        if instruments[..n].iter().any(|other| &other.instrument.symbol == symbol) {
            return Err(PyValueError::new_err(format!("instruments: {symbol} comes twice")));
        }
    }
    Ok(())
}

fn is_price(value: f64) -> bool {
    value.is_finite() && value > 0.0
}

/// Refuses prices that are none, or that do not make a bar.
pub(super) fn check_bar(bar: &BarValues) -> PyResult<()> {
    let prices = [bar.open, bar.high, bar.low, bar.close];
    let holds = bar.low <= bar.open.min(bar.close) && bar.open.max(bar.close) <= bar.high;
    if holds && prices.into_iter().all(is_price) {
        return Ok(());
    }
    Err(PyValueError::new_err(format!("bar: {prices:?} are no open, high, low and close")))
}

/// Refuses a quote without prices, or a crossed one.
pub(super) fn check_quote(quote: &Quote) -> PyResult<()> {
    if is_price(quote.bid) && is_price(quote.ask) && quote.bid < quote.ask {
        return Ok(());
    }
    Err(PyValueError::new_err(format!("quote: bid {} and ask {} are no quote", quote.bid, quote.ask)))
}

/// Refuses a trade without a price or a size.
pub(super) fn check_tick(tick: &Tick) -> PyResult<()> {
    if is_price(tick.price) && tick.size >= 0.0 {
        return Ok(());
    }
    Err(PyValueError::new_err(format!("tick: price {} and size {} are no trade", tick.price, tick.size)))
}
