//! Native core of tradebot: simulated exchange, order book, run loops and indicators.

use pyo3::prelude::*;

mod bar;
mod book;
mod exchange;
mod indicators;
mod instrument;
mod models;
mod order;
mod risk;
mod run;
mod sealed;
mod series;
mod signal;
mod sizing;
mod trader;
mod words;

#[pymodule]
fn tradebot_native(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<bar::Bar>()?;
    m.add_class::<bar::Tick>()?;
    m.add_class::<bar::Quote>()?;
    m.add_class::<signal::Signal>()?;
    m.add_class::<signal::Exit>()?;
    m.add_class::<instrument::InstrumentSpec>()?;
    m.add_class::<sizing::Sizing>()?;
    m.add_class::<risk::RiskLimits>()?;
    m.add_class::<risk::Protection>()?;
    m.add_class::<trader::Trader>()?;
    order::register(m)?;
    exchange::python::register(m)?;
    run::register(m)?;
    book::register(m)?;
    indicators::register(m)?;
    series::register(m)?;
    Ok(())
}
