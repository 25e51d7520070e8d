//! Matching against an order book: takers walk its levels, resting orders fill when the far side reaches their price.

use serde::{Deserialize, Serialize};

use super::Exchange;
use super::matching::Touch;
use crate::book::{self, OrderBook};
use crate::order::{OrderState, Place, Reason, Side, TimeInForce};

/// What our fills took of a displayed level; forgotten when its size changes, for then it is another offer.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Taken {
    far: Side,
    price: f64,
    shown: f64,
    quantity: f64,
}

/// Levels remembered as taken; an older one has long moved.
const REMEMBERED: usize = 64;

impl Exchange {
    /// The state of a book after an update. A book without both sides only lets time pass.
    pub fn on_book(&mut self, i: usize, ts: i64, book: &OrderBook) {
        self.now = ts;
        let (bid, ask) = (best(book, Side::Sell), best(book, Side::Buy));
        let (Some(bid), Some(ask)) = (bid, ask) else {
            let last = self.markets[i].last;
            self.before_step(i, ts, ts, last);
            return;
        };
        let mid = 0.5 * (bid.0 + ask.0);
        self.before_step(i, ts, ts, mid);
        (self.markets[i].bid, self.markets[i].ask) = (bid.0, ask.0);
        if self.markets[i].is_open {
            self.markets[i].instant += 1;
            for side in [Side::Buy, Side::Sell] {
                self.walk_book(i, side, book);
            }
            self.follow(i, Touch { bid: bid.0, ask: ask.0 });
            for (side, level) in [(Side::Buy, ask), (Side::Sell, bid)] {
                self.reach(i, side, level);
            }
            self.rest_capped(i);
        }
        self.close_step(i, mid, ts);
    }

    /// Takers of one side, and limit orders that arrive beyond the far side, eat through its levels in order of arrival.
    fn walk_book(&mut self, i: usize, side: Side, book: &OrderBook) {
        let mut levels = levels(book, side);
        let mut level = levels.next();
        for id in self.arrivals_of(i, side, level) {
            let intent = self.orders[id as usize].intent;
            if intent.post_only {
                self.finish(id, OrderState::Rejected, Reason::PostOnlyWouldCross);
                continue;
            }
            if intent.tif == TimeInForce::Fok && !self.could_fill(id, book) {
                self.kill(id);
                continue;
            }
            while let Some((price, size)) = level {
                let refuses = !intent.price.is_nan() && (price - intent.price) * side.sign() > 0.0;
                if refuses || self.orders[id as usize].place == Place::Gone {
                    break;
                }
                self.fill_from(id, side, (price, size), price);
                if self.displayed(i, side, (price, size)) <= self.markets[i].spec.lot * 0.5 {
                    level = levels.next();
                }
            }
            if self.orders[id as usize].place != Place::Gone && intent.tif == TimeInForce::Ioc {
                self.kill(id);
            }
        }
    }

    /// Orders of a side that take: those that wait for any price, and new limit orders that the far side meets.
    fn arrivals_of(&self, i: usize, side: Side, far: Option<(f64, f64)>) -> Vec<u32> {
        let market = &self.markets[i];
        let moment = market.moment();
        let mut ids: Vec<u32> = market.queue.clone();
        let crosses = |id: u32| {
            let order = &self.orders[id as usize];
            let meets = far.is_some_and(|(price, _)| (order.intent.price - price) * side.sign() >= 0.0);
            order.first_moment == moment && order.intent.kind == crate::order::OrderType::Limit && meets
        };
        let resting = market.up.iter().chain(market.down.iter()).map(|level| level.id);
        ids.extend(resting.filter(|&id| crosses(id)));
        ids.retain(|&id| self.orders[id as usize].intent.side == side);
        ids.sort_unstable();
        ids
    }

    /// Resting orders of one side whose price the far side's best level has reached.
    fn reach(&mut self, i: usize, side: Side, level: (f64, f64)) {
        let at = match side {
            Side::Buy => Touch { bid: f64::NEG_INFINITY, ask: level.0 },
            Side::Sell => Touch { bid: level.0, ask: f64::INFINITY },
        };
        let shown = self.displayed(i, side, level);
        let cap = shown * self.config.participation.min(1.0);
        (self.markets[i].volume, self.markets[i].volume_left) = (level.1, cap);
        self.settle(i, at, false);
        let taken = cap - self.markets[i].volume_left;
        self.remember(i, side, level, taken);
    }

    /// Fills an order from a level as far as that goes.
    fn fill_from(&mut self, id: u32, side: Side, level: (f64, f64), price: f64) {
        let i = self.orders[id as usize].intent.instrument as usize;
        let before = self.orders[id as usize].filled;
        (self.markets[i].volume, self.markets[i].volume_left) = (level.1, self.displayed(i, side, level));
        self.fill(id, price, false);
        let taken = self.orders[id as usize].filled - before;
        self.remember(i, side, level, taken);
    }

    /// What is left of a displayed level for orders of `side`.
    fn displayed(&self, i: usize, side: Side, (price, shown): (f64, f64)) -> f64 {
        let same = |taken: &&Taken| taken.far == side && taken.price == price && taken.shown == shown;
        let taken = self.markets[i].taken.iter().find(same).map_or(0.0, |taken| taken.quantity);
        (shown - taken).max(0.0)
    }

    fn remember(&mut self, i: usize, side: Side, (price, shown): (f64, f64), quantity: f64) {
        if quantity <= 0.0 {
            return;
        }
        let taken = &mut self.markets[i].taken;
        let at = taken.iter().position(|known| known.far == side && known.price == price);
        let before =
            at.map(|at| taken.remove(at)).filter(|known| known.shown == shown).map_or(0.0, |known| known.quantity);
        if taken.len() == REMEMBERED {
            taken.remove(0);
        }
        taken.push(Taken { far: side, price, shown, quantity: before + quantity });
    }

    fn could_fill(&self, id: u32, book: &OrderBook) -> bool {
        let order = &self.orders[id as usize];
        let (i, side) = (order.intent.instrument as usize, order.intent.side);
        let within = |price: f64| order.intent.price.is_nan() || (price - order.intent.price) * side.sign() <= 0.0;
        let levels = levels(book, side).take_while(|&(price, _)| within(price));
        levels.map(|level| self.displayed(i, side, level)).sum::<f64>() >= order.remaining()
    }
}

/// Levels that orders of a side trade against, best first: price and size.
fn levels(book: &OrderBook, side: Side) -> impl Iterator<Item = (f64, f64)> + '_ {
    let far = if side == Side::Buy { book::Side::Ask } else { book::Side::Bid };
    book.levels(far).map(|level| (book.prices().value(level.tick), book.sizes().value(level.lots)))
}

fn best(book: &OrderBook, side: Side) -> Option<(f64, f64)> {
    let far = if side == Side::Buy { book::Side::Ask } else { book::Side::Bid };
    book.best(far).map(|level| (book.prices().value(level.tick), book.sizes().value(level.lots)))
}
