//! Many instruments on one timeline: each step reads only the columns that tell whether a bar stirs anything, and nothing of
//! instruments that sleep: flat, without orders, with nothing to come due. They catch up when their rules speak again.

use super::data::MarketData;
use super::rules::RuleSet;
use super::{CACHE_LINE, Progress};
use crate::exchange::Exchange;

/// What is read of every bar.
struct Lane<'a> {
    high: &'a [f64],
    low: &'a [f64],
    close: &'a [f64],
    /// Step from which on it has slept.
    asleep: Option<usize>,
}

/// The instruments of a run side by side, and the bars to come on which their rules speak.
pub(super) struct Abreast<'a> {
    lanes: Vec<Lane<'a>>,
    /// Step and instrument, in order.
    words: Vec<(u32, u32)>,
    next_word: usize,
}

impl<'a> Abreast<'a> {
    /// Steps `from..to` of the instruments.
    pub fn new(markets: &[&'a MarketData], sets: &[&RuleSet], from: usize, to: usize) -> Self {
        let lanes =
            markets.iter().map(|data| Lane { high: data.high(), low: data.low(), close: data.close(), asleep: None });
        let lanes = lanes.collect();
        let mut words: Vec<(u32, u32)> = Vec::new();
        for (i, set) in sets.iter().enumerate() {
            words.extend(set.words_within(from, to).iter().map(|&index| (index, i as u32)));
        }
        words.sort_unstable();
        Self { lanes, words, next_word: 0 }
    }

    /// Matches the bars of a step and marks the account; `super::advance` for this case.
    #[inline]
    pub fn advance(
        &mut self,
        exchange: &mut Exchange,
        markets: &[&MarketData],
        progress: &mut Progress,
        curve: &mut [f64],
    ) -> f64 {
        let step = progress.step;
        let now = markets[0].close_ts(step);
        if step.is_multiple_of(CACHE_LINE) {
            // So many streams are more than the processor follows by itself.
            for lane in self.lanes.iter().filter(|lane| lane.asleep.is_none()) {
                for column in [lane.high, lane.low, lane.close] {
                    if let Some(value) = column.get(step + CACHE_LINE) {
                        super::data::fetch(value);
                    }
                }
            }
        }
        for (i, lane) in self.lanes.iter_mut().enumerate().filter(|(_, lane)| lane.asleep.is_none()) {
            if !exchange.pass(i, lane.high[step], lane.low[step], lane.close[step], now) {
                super::match_bar(exchange, markets[i], i, step, now);
                lane.asleep = exchange.markets[i].is_idle().then_some(step + 1);
            }
        }
        exchange.now = now;
        let equity = exchange.equity();
        curve[step] = equity;
        progress.step = step + 1;
        equity
    }

    /// Next instrument whose rules speak on the bar of a step, awake; asked step by step until there is none.
    pub fn speaking(&mut self, exchange: &mut Exchange, step: usize, now: i64) -> Option<usize> {
        let &(_, i) = self.words.get(self.next_word).filter(|&&(index, _)| index as usize == step)?;
        self.next_word += 1;
        self.wake(exchange, i as usize, step + 1, now);
        Some(i as usize)
    }

    /// Lets all instruments catch up after the last step done.
    pub fn wake_all(&mut self, exchange: &mut Exchange, steps: usize, now: i64) {
        for i in 0..self.lanes.len() {
            self.wake(exchange, i, steps, now);
        }
    }

    fn wake(&mut self, exchange: &mut Exchange, i: usize, steps: usize, now: i64) {
        let lane = &mut self.lanes[i];
        if let Some(from) = lane.asleep.take().filter(|&from| from < steps) {
            exchange.pass_quietly(i, (steps - from) as u64, lane.close[steps - 1], now);
        }
    }
}
