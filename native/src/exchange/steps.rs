//! What drives the exchange: bars, bars seen through finer ones, quotes and trades.

use super::Exchange;
use super::matching::Touch;
use crate::bar::{BarValues, Quote};
use crate::order::Place;

impl Exchange {
    /// One closed bar of market `i`: open orders meet its prices, then it becomes the mark.
    #[inline]
    pub fn on_bar(&mut self, i: usize, bar: &BarValues, close_ts: i64) {
        let early = self.set_aside(i, bar.ts);
        self.now = bar.ts;
        self.before_step(i, bar.ts, close_ts, bar.open);
        self.begin_volume(i, bar.volume);
        if self.concerns(i, bar) && self.markets[i].is_open {
            self.match_bar(i, bar);
        }
        self.take_back(early);
        self.close_step(i, bar.close, close_ts);
    }

    /// The first price of a bar of market `i`: with `close_bar` after it, the same as `on_bar`.
    ///
    /// Orders given between the two meet the rest of the bar; market orders among them wait for the next one.
    pub fn open_bar(&mut self, i: usize, bar: &BarValues, close_ts: i64) {
        let early = self.set_aside(i, bar.ts);
        self.opened.insert(i as u32, early);
        self.now = bar.ts;
        self.before_step(i, bar.ts, close_ts, bar.open);
        self.begin_volume(i, bar.volume);
        if self.concerns(i, bar) && self.markets[i].is_open {
            self.meet(i, Touch::at(bar.open));
        }
    }

    /// The rest of a bar that `open_bar` began.
    pub fn close_bar(&mut self, i: usize, bar: &BarValues, close_ts: i64) {
        self.now = bar.ts;
        if self.markets[i].is_open {
            self.match_rest(i, bar);
        }
        let early = self.opened.remove(&(i as u32)).unwrap_or_default();
        self.take_back(early);
        self.close_step(i, bar.close, close_ts);
    }

    /// Takes the orders off the market that were given after a bar opened: they must not meet the prices it had before.
    ///
    /// Only markets whose bars close at different times bring that about. `take_back` puts them back after the bar.
    fn set_aside(&mut self, i: usize, open: i64) -> Vec<u32> {
        if self.markets[i].newest <= open {
            return Vec::new();
        }
        let mut ids: Vec<u32> = self.live_orders(i);
        ids.retain(|&id| {
            let order = &self.orders[id as usize];
            order.created_ts > open && !matches!(order.place, Place::Held | Place::Gone)
        });
        ids.sort_unstable();
        for &id in &ids {
            self.place(id, Place::Held, 0.0);
        }
        ids
    }

    fn take_back(&mut self, ids: Vec<u32>) {
        for id in ids {
            if self.orders[id as usize].place == Place::Held {
                self.rest(id);
            }
        }
    }

    /// One closed bar of market `i` whose path is told by finer bars, each with its close time.
    ///
    /// The finer bars must make up the bar. They are looked at only where the bar concerns an order or a position in danger;
    /// volume caps and volume-dependent slippage then count from the finer bar's volume.
    pub fn on_magnified_bar(
        &mut self,
        i: usize,
        bar: &BarValues,
        close_ts: i64,
        finer: impl Iterator<Item = (BarValues, i64)>,
    ) {
        let early = self.set_aside(i, bar.ts);
        self.now = bar.ts;
        self.before_step(i, bar.ts, close_ts, bar.open);
        self.begin_volume(i, bar.volume);
        if self.concerns(i, bar) {
            let (ambiguous, is_open) = (self.ambiguous, self.markets[i].is_open);
            for (n, (part, part_close)) in finer.enumerate() {
                self.now = part.ts;
                if n > 0 {
                    self.markets[i].parts += 1;
                    self.before_step(i, part.ts, part_close, part.open);
                }
                self.begin_volume(i, part.volume);
                if self.concerns(i, &part) && self.markets[i].is_open {
                    self.match_bar(i, &part);
                }
                self.mark(i, part.close);
            }
            self.ambiguous = self.ambiguous.min(ambiguous + 1);
            self.markets[i].is_open = is_open;
        }
        self.take_back(early);
        self.close_step(i, bar.close, close_ts);
    }

    /// A quote: takers trade at the far side, resting orders when the near side reaches them.
    ///
    /// Fills take no more than the quoted size; a size that is not positive is unknown and caps nothing.
    pub fn on_quote(&mut self, i: usize, quote: &Quote) {
        let Quote { ts, bid, ask, .. } = *quote;
        self.now = ts;
        self.before_step(i, ts, ts, 0.5 * (bid + ask));
        let market = &mut self.markets[i];
        market.bid = bid;
        market.ask = ask;
        if market.is_open {
            let unseen = (f64::NEG_INFINITY, f64::INFINITY);
            for (at, size) in
                [(Touch { bid: unseen.0, ask }, quote.ask_size), (Touch { bid, ask: unseen.1 }, quote.bid_size)]
            {
                let size = if size > 0.0 { size } else { f64::INFINITY };
                let market = &mut self.markets[i];
                market.volume = size;
                market.volume_left = size * self.config.participation.min(1.0);
                self.meet(i, at);
            }
            self.rest_capped(i);
        }
        self.close_step(i, 0.5 * (bid + ask), ts);
    }

    /// A trade print: orders meet its price; participation caps fills to a share of its size.
    pub fn on_tick(&mut self, i: usize, ts: i64, price: f64, size: f64) {
        let bar =
            BarValues { ts, open: price, high: price, low: price, close: price, volume: size, trades: 1, vwap: price };
        self.on_bar(i, &bar, ts);
    }

    /// Whether a bar meets an order or endangers the position.
    #[inline]
    fn concerns(&mut self, i: usize, bar: &BarValues) -> bool {
        let market = &self.markets[i];
        !market.queue.is_empty()
            || bar.high >= market.next_up
            || bar.low <= market.next_down
            || !market.trailing.is_empty()
            || self.liquidation_in(i, bar)
    }

    /// Volume of a bar, and the share of it that fills may take.
    fn begin_volume(&mut self, i: usize, volume: f64) {
        if self.config.reads_volume() {
            let market = &mut self.markets[i];
            market.volume = volume;
            if self.config.participation.is_finite() {
                market.volume_left = market.spec.snap_quantity(volume * self.config.participation);
            }
        }
    }

    fn match_bar(&mut self, i: usize, bar: &BarValues) {
        self.meet(i, Touch::at(bar.open));
        self.match_rest(i, bar);
    }

    /// What follows the first price of a bar.
    fn match_rest(&mut self, i: usize, bar: &BarValues) {
        if self.stirs(i, bar) {
            self.resolve(i, bar);
        }
        if self.config.participation.is_finite() {
            self.rest_capped(i);
        }
    }

    /// The step's last price becomes the mark, and what time has brought is settled.
    #[inline]
    pub(super) fn close_step(&mut self, i: usize, price: f64, close_ts: i64) {
        self.mark(i, price);
        let market = &mut self.markets[i];
        market.step += 1;
        market.seen = close_ts;
        self.after_step(i, close_ts);
        self.now = close_ts;
        if self.forced {
            self.forced = false;
            self.liquidate_rest(close_ts);
        }
    }

    /// After a liquidation that left less than the maintenance margin of the other positions, those go too.
    ///
    /// Markets that have already closed this step trade at their last price; the others are met by their own next one.
    fn liquidate_rest(&mut self, close_ts: i64) {
        let falls = |exchange: &mut Exchange, i: usize| {
            let market = &exchange.markets[i];
            market.seen == close_ts && market.is_open && exchange.endangered(i, exchange.markets[i].last)
        };
        while let Some(i) = self.held.clone().into_iter().map(|i| i as usize).find(|&i| falls(self, i)) {
            // The sale belongs to the step that was just closed.
            self.markets[i].step -= 1;
            self.liquidate(i, self.markets[i].last);
            self.markets[i].step += 1;
        }
    }
}
