//! The loop that runs rules: no Python inside.

use numpy::PyArrayMethods;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::abreast::Abreast;
use super::data::MarketData;
use super::glide::glide;
use super::rules::RuleSet;
use super::{CHUNK, Progress, Runner, advance, breathe};
use crate::exchange::Exchange;
use crate::trader::TraderState;

#[pymethods]
impl Runner {
    /// Runs rules, one set for each instrument, up to step `until` (all where not given); the GIL is free meanwhile.
    #[pyo3(signature = (rules, until = None, progress = None))]
    fn run_rules(
        &mut self,
        py: Python<'_>,
        rules: Vec<Py<RuleSet>>,
        until: Option<usize>,
        progress: Option<Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        if rules.len() != self.markets.len() {
            return Err(PyValueError::new_err("rules: one set for each instrument is needed"));
        }
        for (rules, market) in rules.iter().zip(&self.markets) {
            if rules.get().signals.len() != market.get().len() {
                return Err(PyValueError::new_err("rules: their length differs from the bars'"));
            }
        }
        let end = self.until(until);
        let markets: Vec<&MarketData> = self.markets.iter().map(|market| market.get()).collect();
        let sets: Vec<&RuleSet> = rules.iter().map(|rules| rules.get()).collect();
        let mut exchange = self.exchange.borrow_mut(py);
        let mut trader = self.trader.borrow_mut(py);
        let (exchange, trader) = (&mut exchange.exchange, &mut trader.state);
        exchange.record_events = false;
        let (merged, state) = (&self.merged, &mut self.progress);
        let mut curve = self.equity.bind(py).readwrite();
        let curve = curve.as_slice_mut()?;
        while state.step < end {
            let stop = (state.step + CHUNK).min(end);
            py.detach(|| walk(exchange, trader, &markets, &sets, merged, state, curve, stop));
            breathe(py, progress.as_ref(), state.step, self.total)?;
        }
        Ok(())
    }
}

#[allow(clippy::too_many_arguments)]
fn walk(
    exchange: &mut Exchange,
    trader: &mut TraderState,
    markets: &[&MarketData],
    sets: &[&RuleSet],
    merged: &[i64],
    progress: &mut Progress,
    curve: &mut [f64],
    stop: usize,
) {
    match (markets, merged.is_empty()) {
        (&[market], _) if !trader.watch.watches_equity() => {
            walk_alone(exchange, trader, market, sets[0], progress, curve, stop);
        }
        (_, true) => walk_abreast(exchange, trader, markets, sets, progress, curve, stop),
        (_, false) => walk_merged(exchange, trader, markets, sets, merged, progress, curve, stop),
    }
}

/// One instrument: quiet stretches are taken at once.
fn walk_alone(
    exchange: &mut Exchange,
    trader: &mut TraderState,
    market: &MarketData,
    set: &RuleSet,
    progress: &mut Progress,
    curve: &mut [f64],
    stop: usize,
) {
    let mut words = set.words_within(progress.step, stop);
    while progress.step < stop {
        while words.first().is_some_and(|&index| (index as usize) < progress.step) {
            words = &words[1..];
        }
        if glide(exchange, market, words, progress, curve, stop) {
            set.act(trader, exchange, 0, progress.step - 1);
        }
        if progress.step >= stop {
            break;
        }
        let index = progress.step;
        advance(exchange, &[market], &[], progress, curve, |_, _| {});
        if set.signals[index] != 0 {
            set.act(trader, exchange, 0, index);
        }
    }
}

/// Many instruments on one timeline.
fn walk_abreast(
    exchange: &mut Exchange,
    trader: &mut TraderState,
    markets: &[&MarketData],
    sets: &[&RuleSet],
    progress: &mut Progress,
    curve: &mut [f64],
    stop: usize,
) {
    let watches = trader.watch.watches_equity();
    let mut abreast = Abreast::new(markets, sets, progress.step, stop);
    while progress.step < stop {
        let index = progress.step;
        let equity = abreast.advance(exchange, markets, progress, curve);
        if watches {
            trader.watch.on_equity(exchange.now, equity);
        }
        let now = exchange.now;
        while let Some(i) = abreast.speaking(exchange, index, now) {
            // An order will want the next bar whole.
            markets[i].prefetch(index + 1);
            sets[i].act(trader, exchange, i, index);
        }
    }
    let now = exchange.now;
    abreast.wake_all(exchange, progress.step, now);
    progress.next.fill(progress.step);
}

/// Instruments whose bars close at times of their own.
#[allow(clippy::too_many_arguments)]
fn walk_merged(
    exchange: &mut Exchange,
    trader: &mut TraderState,
    markets: &[&MarketData],
    sets: &[&RuleSet],
    merged: &[i64],
    progress: &mut Progress,
    curve: &mut [f64],
    stop: usize,
) {
    let watches = trader.watch.watches_equity();
    let mut speaking = Vec::with_capacity(markets.len());
    while progress.step < stop {
        let equity = advance(exchange, markets, merged, progress, curve, |i, index| {
            if sets[i].signals[index] != 0 {
                speaking.push((i, index));
            }
        });
        if watches {
            trader.watch.on_equity(exchange.now, equity);
        }
        for (i, index) in speaking.drain(..) {
            sets[i].act(trader, exchange, i, index);
        }
    }
}
