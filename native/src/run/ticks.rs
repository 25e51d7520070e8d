//! The loops that drive a strategy by trade ticks or by quotes.

use pyo3::prelude::*;

/// Adds the module's classes.
pub fn register(_m: &Bound<'_, PyModule>) -> PyResult<()> {
    Ok(())
}
