//! Market data as Python brings it: bars, quotes, trades, order books, funding.

use numpy::PyReadonlyArray1;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::Funding;
use super::checks::{check_bar, check_quote, check_tick};
use super::python::SimExchange;
use crate::bar::{Bar, Quote, Tick};
use crate::book::python::PyOrderBook;
use crate::order::InstrumentKey;

impl SimExchange {
    /// Refuses what lies before the last step of a market, or within a bar that has opened.
    fn check_time(&self, i: usize, ts: i64) -> PyResult<()> {
        let seen = self.exchange.markets[i].seen;
        if ts < seen {
            return Err(PyValueError::new_err(format!("ts: {ts} lies before the end of the last step, {seen}")));
        }
        if self.exchange.opened.contains_key(&(i as u32)) {
            return Err(PyValueError::new_err("bar: the one that was opened has not closed yet"));
        }
        Ok(())
    }
}

#[pymethods]
impl SimExchange {
    /// One closed bar; `close_ts` is when it became known (its open time where not given). `finer` bars, each of which
    /// lasts until the next, tell its path.
    #[pyo3(signature = (instrument, bar, close_ts = None, *, finer = None))]
    fn on_bar(
        &mut self,
        instrument: InstrumentKey,
        bar: &Bar,
        close_ts: Option<i64>,
        finer: Option<Vec<PyRef<'_, Bar>>>,
    ) -> PyResult<()> {
        let i = self.resolve(&instrument)?;
        let close_ts = close_ts.unwrap_or(bar.values.ts);
        check_bar(&bar.values)?;
        self.check_time(i, bar.values.ts)?;
        match finer.filter(|parts| !parts.is_empty()) {
            None => self.exchange.on_bar(i, &bar.values, close_ts),
            Some(parts) => {
                let closes = parts.iter().skip(1).map(|part| part.values.ts).chain([close_ts]);
                let parts = parts.iter().map(|part| part.values).zip(closes);
                self.exchange.on_magnified_bar(i, &bar.values, close_ts, parts);
            }
        }
        Ok(())
    }

    /// The first price of a closed bar; `close_bar` lets the rest of it pass.
    fn open_bar(&mut self, instrument: InstrumentKey, bar: &Bar, close_ts: i64) -> PyResult<()> {
        let i = self.resolve(&instrument)?;
        check_bar(&bar.values)?;
        self.check_time(i, bar.values.ts)?;
        self.exchange.open_bar(i, &bar.values, close_ts);
        Ok(())
    }

    /// What follows the first price of a bar that `open_bar` began.
    fn close_bar(&mut self, instrument: InstrumentKey, bar: &Bar, close_ts: i64) -> PyResult<()> {
        let i = self.resolve(&instrument)?;
        check_bar(&bar.values)?;
        if !self.exchange.opened.contains_key(&(i as u32)) {
            return Err(PyValueError::new_err("bar: it was not opened"));
        }
        self.exchange.close_bar(i, &bar.values, close_ts);
        Ok(())
    }

    /// One quote.
    fn on_quote(&mut self, instrument: InstrumentKey, quote: &Quote) -> PyResult<()> {
        let i = self.resolve(&instrument)?;
        check_quote(quote)?;
        self.check_time(i, quote.ts)?;
        self.exchange.on_quote(i, quote);
        Ok(())
    }

    /// One trade print.
    fn on_tick(&mut self, instrument: InstrumentKey, tick: &Tick) -> PyResult<()> {
        let i = self.resolve(&instrument)?;
        check_tick(tick)?;
        self.check_time(i, tick.ts)?;
        self.exchange.on_tick(i, tick.ts, tick.price, tick.size);
        Ok(())
    }

    /// The state of an order book after an update.
    fn on_book(&mut self, instrument: InstrumentKey, ts: i64, book: &PyOrderBook) -> PyResult<()> {
        let i = self.resolve(&instrument)?;
        self.exchange.on_book(i, ts, book.core());
        Ok(())
    }

    /// Funding payments to come: times (ns UTC, ascending), rates, and mark prices where known.
    #[pyo3(signature = (instrument, ts, rate, mark = None))]
    fn set_funding(
        &mut self,
        instrument: InstrumentKey,
        ts: PyReadonlyArray1<'_, i64>,
        rate: PyReadonlyArray1<'_, f64>,
        mark: Option<PyReadonlyArray1<'_, f64>>,
    ) -> PyResult<()> {
        let i = self.resolve(&instrument)?;
        let (ts, rate) = (ts.as_array(), rate.as_array());
        let mark = mark.as_ref().map(|mark| mark.as_array());
        if ts.len() != rate.len() || mark.is_some_and(|mark| mark.len() != ts.len()) {
            return Err(PyValueError::new_err("funding: ts, rate and mark differ in length"));
        }
        let mut funding: Vec<Funding> = (0..ts.len())
            .map(|n| Funding { ts: ts[n], rate: rate[n], mark: mark.map_or(f64::NAN, |mark| mark[n]) })
            .collect();
        funding.sort_by_key(|payment| payment.ts);
        self.exchange.markets[i].funding = funding;
        self.exchange.markets[i].funding_next = 0;
        self.exchange.markets[i].attend();
        Ok(())
    }

    /// Skips funding that lies before the first bar.
    fn skip_funding_before(&mut self, instrument: InstrumentKey, ts: i64) -> PyResult<()> {
        let i = self.resolve(&instrument)?;
        let market = &mut self.exchange.markets[i];
        market.funding_next = market.funding.partition_point(|payment| payment.ts < ts);
        market.attend();
        Ok(())
    }
}
