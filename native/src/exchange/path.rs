//! The path of the price inside a bar, and which of the two it may have taken.

use super::Exchange;
use super::matching::Touch;
use crate::bar::BarValues;
use crate::models::PathModel;
use crate::order::{NONE, OrderType, Side};

impl Exchange {
    /// Walks the bar by the path model.
    pub(super) fn resolve(&mut self, i: usize, bar: &BarValues) {
        let low_first = bar.open - bar.low <= bar.high - bar.open;
        if self.path_matters(i, bar) {
            self.walk_both(i, bar, low_first);
        } else {
            self.begin(i);
            self.walk(i, bar, low_first);
            if self.was_constrained() {
                self.rollback();
                self.walk_both(i, bar, low_first);
            } else {
                self.keep();
            }
        }
    }

    /// Whether anything can fire inside the bar. Trailing stops that the bar cannot reach just follow it.
    pub(super) fn stirs(&mut self, i: usize, bar: &BarValues) -> bool {
        let forced = self.liquidation_in(i, bar);
        let market = &self.markets[i];
        if forced || bar.high >= market.next_up || bar.low <= market.next_down {
            return true;
        }
        if market.trailing.is_empty() {
            return false;
        }
        let reached = market.trailing.iter().any(|&id| {
            let order = &self.orders[id as usize];
            match order.intent.side {
                Side::Sell => {
                    super::resting::trail_level(&order.intent, order.extreme.max(bar.high), &market.spec) >= bar.low
                }
                Side::Buy => {
                    super::resting::trail_level(&order.intent, order.extreme.min(bar.low), &market.spec) <= bar.high
                }
            }
        });
        if !reached {
            self.follow(i, Touch::at(bar.high));
            self.follow(i, Touch::at(bar.low));
        }
        reached
    }

    #[inline]
    pub(super) fn liquidation_in(&mut self, i: usize, bar: &BarValues) -> bool {
        let adverse = if self.markets[i].position.quantity > 0.0 { bar.low } else { bar.high };
        self.endangered(i, adverse)
    }

    /// False when the two paths of the bar must give the same: one plain order, or plain orders with no ties.
    fn path_matters(&mut self, i: usize, bar: &BarValues) -> bool {
        if self.config.participation.is_finite() || self.liquidation_in(i, bar) {
            return true;
        }
        let market = &self.markets[i];
        if !market.trailing.is_empty() {
            return true;
        }
        let (mut count, mut tied) = (0, false);
        let rising = market.up.iter().take_while(|level| level.key <= bar.high);
        let falling = market.down.iter().take_while(|level| -level.key >= bar.low);
        for level in rising.chain(falling) {
            let order = &self.orders[level.id as usize];
            count += 1;
            if !order.intent.bracket.is_empty()
                || order.intent.kind == OrderType::StopLimit
                || order.waits_to_trail()
                || self.children.contains_key(&level.id)
            {
                return true;
            }
            tied |= order.group != NONE || order.intent.reduce_only;
            if tied && count > 1 {
                return true;
            }
        }
        false
    }

    /// Tries both paths and keeps the one the model asks for. A tie goes to the nearer extreme first.
    fn walk_both(&mut self, i: usize, bar: &BarValues, low_first: bool) {
        let outcome = |exchange: &Exchange| {
            let mut equity = exchange.account.cash;
            for &j in &exchange.held {
                let market = &exchange.markets[j as usize];
                equity += market.value_at(if j as usize == i { bar.close } else { market.last });
            }
            (equity, exchange.markets[i].position.quantity)
        };
        self.begin(i);
        self.walk(i, bar, low_first);
        let near = outcome(self);
        self.rollback();
        self.begin(i);
        self.walk(i, bar, !low_first);
        let far = outcome(self);
        let differs = (near.0 - far.0).abs() > 1e-12 * near.0.abs().max(1.0);
        if differs || near.1 != far.1 {
            self.ambiguous += 1;
        }
        let take_far = differs
            && match self.config.path {
                PathModel::Pessimistic => far.0 < near.0,
                PathModel::Optimistic => far.0 > near.0,
                PathModel::Adaptive => false,
            };
        if take_far {
            self.keep();
        } else {
            self.rollback();
            self.walk(i, bar, low_first);
        }
    }

    fn walk(&mut self, i: usize, bar: &BarValues, low_first: bool) {
        let (first, second) = if low_first { (bar.low, bar.high) } else { (bar.high, bar.low) };
        let mut price = bar.open;
        for target in [first, second, bar.close] {
            self.leg(i, &mut price, target);
        }
    }

    /// Moves the price straight to `target`, firing what it meets on the way.
    fn leg(&mut self, i: usize, price: &mut f64, target: f64) {
        let rises = target > *price;
        loop {
            self.settle(i, Touch::at(*price), false);
            let market = &self.markets[i];
            let next = if rises {
                market.up.first().map(|level| (level.key, level.id)).filter(|&(key, _)| key <= target)
            } else {
                market.down.first().map(|level| (-level.key, level.id)).filter(|&(key, _)| key >= target)
            };
            let forced = self.liquidation_ahead(i, target, rises);
            match (forced, next) {
                (Some(level), next) if next.is_none_or(|(key, _)| if rises { level <= key } else { level >= key }) => {
                    self.come_to(i, price, if rises { price.max(level) } else { price.min(level) });
                    self.liquidate(i, *price);
                }
                (_, Some((key, id))) => {
                    self.come_to(i, price, if rises { price.max(key) } else { price.min(key) });
                    self.fire(id, *price, false);
                }
                _ => break,
            }
        }
        self.come_to(i, price, target);
        self.follow(i, Touch::at(target));
    }

    fn come_to(&mut self, i: usize, price: &mut f64, next: f64) {
        if *price != next {
            *price = next;
            self.markets[i].instant += 1;
        }
    }

    fn liquidation_ahead(&mut self, i: usize, target: f64, rises: bool) -> Option<f64> {
        if rises != (self.markets[i].position.quantity < 0.0) || !self.endangered(i, target) {
            return None;
        }
        Some(self.liquidation_price(i))
    }
}
