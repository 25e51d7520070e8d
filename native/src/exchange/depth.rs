//! Matching against an order book: takers walk its levels, resting orders fill when the far side reaches their price.

use super::Exchange;
use crate::book::{self, OrderBook};
use crate::order::{Place, Side, TimeInForce};

impl Exchange {
    /// The state of a book after an update. A book without both sides only lets time pass.
    pub fn on_book(&mut self, i: usize, ts: i64, book: &OrderBook) {
        self.now = ts;
        let price = |level: book::Level| book.prices().value(level.tick);
        let size = |level: book::Level| book.sizes().value(level.lots);
        let (bid, ask) = (book.best(book::Side::Bid), book.best(book::Side::Ask));
        let (Some(bid), Some(ask)) = (bid, ask) else {
            let last = self.markets[i].last;
            self.before_step(i, ts, ts, last);
            return;
        };
        let mid = 0.5 * (price(bid) + price(ask));
        self.before_step(i, ts, ts, mid);
        self.markets[i].bid = price(bid);
        self.markets[i].ask = price(ask);
        if self.markets[i].is_open {
            for side in [Side::Buy, Side::Sell] {
                self.walk_book(i, side, book);
            }
            self.markets[i].volume_left = size(bid).min(size(ask));
            self.settle_quotes(i);
            self.rest_capped(i);
        }
        self.close_step(i, mid, ts);
    }

    /// Waiting takers of one side eat through the other side's levels in order of arrival.
    fn walk_book(&mut self, i: usize, side: Side, book: &OrderBook) {
        let far = if side == Side::Buy { book::Side::Ask } else { book::Side::Bid };
        let mut levels =
            book.levels(far).map(|level| (book.prices().value(level.tick), book.sizes().value(level.lots)));
        let mut level = levels.next();
        for id in self.markets[i].queue.clone() {
            let intent = self.orders[id as usize].intent;
            if intent.side != side || self.orders[id as usize].place != Place::Queue {
                continue;
            }
            if intent.tif == TimeInForce::Fok && !self.could_fill(id, far, book) {
                self.kill(id);
                continue;
            }
            while let Some((price, size)) = level {
                let refuses = !intent.price.is_nan() && (price - intent.price) * side.sign() > 0.0;
                if refuses || self.orders[id as usize].place == Place::Gone {
                    break;
                }
                let before = self.orders[id as usize].filled;
                self.markets[i].volume_left = size;
                self.fill(id, price, false);
                let left = size - (self.orders[id as usize].filled - before);
                level = if left > self.markets[i].spec.lot * 0.5 { Some((price, left)) } else { levels.next() };
            }
            if self.orders[id as usize].place != Place::Gone && intent.tif == TimeInForce::Ioc {
                self.kill(id);
            }
        }
    }

    fn could_fill(&self, id: u32, far: book::Side, book: &OrderBook) -> bool {
        let order = &self.orders[id as usize];
        let within =
            |price: f64| order.intent.price.is_nan() || (price - order.intent.price) * order.intent.side.sign() <= 0.0;
        let levels = book.levels(far).take_while(|level| within(book.prices().value(level.tick)));
        let available: f64 = levels.map(|level| book.sizes().value(level.lots)).sum();
        available >= order.remaining()
    }
}
