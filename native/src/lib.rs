//! Native core of tradebot: simulated exchange, order book, run loops and indicators.

use pyo3::prelude::*;

mod book;
mod indicators;
mod series;

#[pymodule]
fn tradebot_native(m: &Bound<'_, PyModule>) -> PyResult<()> {
    book::register(m)?;
    indicators::register(m)?;
    series::register(m)?;
    Ok(())
}
