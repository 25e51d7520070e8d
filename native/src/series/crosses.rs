//! Whether one series has just crossed another: the question strategies ask at every bar, answered in one call.

use std::sync::Arc;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use super::{Series, filled};

/// The two values of each operand between which a cross is looked for: (a before, a now, b before, b now).
#[inline]
fn operands(a: &Bound<'_, PyAny>, b: &Bound<'_, PyAny>) -> PyResult<(f64, f64, f64, f64)> {
    let Ok(first) = a.cast::<Series>() else { return Err(not_a_series(a)) };
    let first = filled(first)?;
    let Ok(second) = b.cast::<Series>() else {
        let Ok(level) = b.extract::<f64>() else { return Err(not_a_series(b)) };
        return Ok((first.previous(), first.current(), level, level));
    };
    let second = filled(second)?;
    if Arc::ptr_eq(&first.state, &second.state) {
        return Ok((first.previous(), first.current(), second.previous(), second.current()));
    }
    Ok((first.base_previous(), first.current(), second.base_previous(), second.current()))
}

#[cold]
fn not_a_series(value: &Bound<'_, PyAny>) -> PyErr {
    let kind = value.get_type().name().map_or_else(|_| "object".to_owned(), |name| name.to_string());
    PyTypeError::new_err(format!("a cross is looked for between indicators, or an indicator and a number, not {kind}"))
}

/// Whether `a` has just risen above `b`: at or below it one bar ago, strictly above now. False while either is nan.
///
/// Two series of one timeframe are compared on that timeframe's bars; of different timeframes, on base bars.
#[pyfunction]
pub fn crossed_above(a: &Bound<'_, PyAny>, b: &Bound<'_, PyAny>) -> PyResult<bool> {
    let (a_before, a_now, b_before, b_now) = operands(a, b)?;
    Ok(a_before <= b_before && a_now > b_now)
}

/// Whether `a` has just fallen below `b`: at or above it one bar ago, strictly below now. False while either is nan.
///
/// Two series of one timeframe are compared on that timeframe's bars; of different timeframes, on base bars.
#[pyfunction]
pub fn crossed_below(a: &Bound<'_, PyAny>, b: &Bound<'_, PyAny>) -> PyResult<bool> {
    let (a_before, a_now, b_before, b_now) = operands(a, b)?;
    Ok(a_before >= b_before && a_now < b_now)
}
