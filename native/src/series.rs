//! Placeholder until its owner fills it.

use pyo3::prelude::*;

/// Adds this module's classes to the Python module.
pub fn register(_m: &Bound<'_, PyModule>) -> PyResult<()> {
    Ok(())
}
