//! The account as decisions see it.

use pyo3::prelude::*;

use super::python::SimExchange;
use super::views::{OrderView, PositionView};
use crate::order::InstrumentKey;

/// The account as decisions see it: a live view of the exchange.
#[pyclass(module = "tradebot_native", frozen)]
pub struct Portfolio {
    exchange: Py<SimExchange>,
}

impl Portfolio {
    /// The account of an exchange.
    pub(super) fn of(exchange: Py<SimExchange>) -> Self {
        Self { exchange }
    }
}

#[pymethods]
impl Portfolio {
    #[getter]
    fn cash(&self, py: Python<'_>) -> f64 {
        self.exchange.borrow(py).exchange.account.cash
    }
    #[getter]
    fn equity(&self, py: Python<'_>) -> f64 {
        self.exchange.borrow(py).exchange.equity()
    }
    #[getter]
    fn fees(&self, py: Python<'_>) -> f64 {
        self.exchange.borrow(py).exchange.account.fees
    }
    #[getter]
    fn slippage(&self, py: Python<'_>) -> f64 {
        self.exchange.borrow(py).exchange.account.slippage
    }
    #[getter]
    fn funding(&self, py: Python<'_>) -> f64 {
        self.exchange.borrow(py).exchange.account.funding
    }
    #[getter]
    fn borrow(&self, py: Python<'_>) -> f64 {
        self.exchange.borrow(py).exchange.account.borrow
    }
    #[getter]
    fn realized_pnl(&self, py: Python<'_>) -> f64 {
        self.exchange.borrow(py).exchange.account.realized
    }
    #[getter]
    fn gross_notional(&self, py: Python<'_>) -> f64 {
        self.exchange.borrow(py).exchange.gross_notional()
    }
    #[getter]
    fn margin_used(&self, py: Python<'_>) -> f64 {
        self.exchange.borrow(py).exchange.margin_used()
    }
    #[getter]
    fn maintenance_margin(&self, py: Python<'_>) -> f64 {
        self.exchange.borrow(py).exchange.maintenance_margin()
    }
    #[getter]
    fn free_margin(&self, py: Python<'_>) -> f64 {
        self.exchange.borrow(py).exchange.free_margin()
    }
    /// The net position of an instrument.
    fn position(&self, py: Python<'_>, instrument: InstrumentKey) -> PyResult<PositionView> {
        let exchange = self.exchange.borrow(py);
        let i = exchange.resolve(&instrument)?;
        Ok(PositionView::of(&exchange.exchange, i))
    }
    /// Signed quantity held of an instrument.
    fn quantity(&self, py: Python<'_>, instrument: InstrumentKey) -> PyResult<f64> {
        let exchange = self.exchange.borrow(py);
        let i = exchange.resolve(&instrument)?;
        Ok(exchange.exchange.markets[i].position.quantity)
    }
    /// The same as far as it can be closed: zero where it is dust.
    fn open_quantity(&self, py: Python<'_>, instrument: InstrumentKey) -> PyResult<f64> {
        let exchange = self.exchange.borrow(py);
        let i = exchange.resolve(&instrument)?;
        Ok(exchange.exchange.markets[i].open_quantity())
    }
    /// Live orders of one instrument or of all.
    #[pyo3(signature = (instrument = None))]
    fn open_orders(&self, py: Python<'_>, instrument: Option<InstrumentKey>) -> PyResult<Vec<OrderView>> {
        self.exchange.borrow(py).open_orders(instrument)
    }
    /// Every open position.
    fn positions(&self, py: Python<'_>) -> Vec<PositionView> {
        let exchange = &self.exchange.borrow(py).exchange;
        exchange.held.iter().map(|&i| PositionView::of(exchange, i as usize)).collect()
    }
}
