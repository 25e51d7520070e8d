//! Where a live order waits, and how it ends.

use super::Exchange;
use super::market::Level;
use crate::order::{Intent, OrderState, OrderType, Place, Reason, Side, TimeInForce};

impl Exchange {
    /// Puts a live order where it waits for its price.
    pub(super) fn rest(&mut self, id: u32) {
        self.arrivals += 1;
        let intent = self.orders[id as usize].intent;
        self.watch_expiry(id);
        let market = &self.markets[intent.instrument as usize];
        let buys = intent.side == Side::Buy;
        // With `touch` off a limit must be passed: its key is the next double beyond the price.
        let beyond = |price: f64, up: bool| match (self.config.touch, up) {
            (true, _) => price,
            (false, true) => price.next_up(),
            (false, false) => price.next_down(),
        };
        let triggered = self.orders[id as usize].triggered;
        let (place, key) = match intent.kind {
            OrderType::Market => (Place::Queue, 0.0),
            OrderType::Limit if matches!(intent.tif, TimeInForce::Ioc | TimeInForce::Fok) => (Place::Queue, 0.0),
            OrderType::Limit | OrderType::StopLimit if intent.kind == OrderType::Limit || triggered => {
                if buys {
                    (Place::Down, beyond(intent.price, false))
                } else {
                    (Place::Up, beyond(intent.price, true))
                }
            }
            _ if triggered => (Place::Queue, 0.0),
            OrderType::TrailingStop if self.orders[id as usize].waits_to_trail() => {
                (if buys { Place::Down } else { Place::Up }, intent.price)
            }
            OrderType::TakeProfit => (if buys { Place::Down } else { Place::Up }, intent.trigger),
            OrderType::TrailingStop => {
                let start = self.orders[id as usize].extreme;
                let extreme = if start.is_nan() { market.taker_price(intent.side) } else { start };
                let level = trail_level(&intent, extreme, &market.spec);
                self.orders[id as usize].extreme = extreme;
                self.orders[id as usize].intent.trigger = level;
                (if buys { Place::Up } else { Place::Down }, level)
            }
            OrderType::Limit | OrderType::Stop | OrderType::StopLimit => {
                (if buys { Place::Up } else { Place::Down }, intent.trigger)
            }
        };
        self.place(id, place, key);
    }

    /// The time in force runs from the submission on, also while an order waits for its parent.
    pub(super) fn watch_expiry(&mut self, id: u32) {
        let intent = &self.orders[id as usize].intent;
        let market = &mut self.markets[intent.instrument as usize];
        if matches!(intent.tif, TimeInForce::Day | TimeInForce::Gtd) && !market.expiring.contains(&id) {
            market.expiring.push(id);
        }
    }

    /// Moves an order between the places it can wait in.
    pub(super) fn place(&mut self, id: u32, place: Place, key: f64) {
        let order = &mut self.orders[id as usize];
        let market = &mut self.markets[order.intent.instrument as usize];
        let trails = order.intent.kind == OrderType::TrailingStop && !order.waits_to_trail();
        match order.place {
            Place::Gone | Place::Held => {}
            Place::Queue => market.queue.retain(|&other| other != id),
            Place::Up => {
                market.up.remove(&Level { key: order.key, id });
            }
            Place::Down => {
                market.down.remove(&Level { key: -order.key, id });
            }
        }
        let priced = |place: Place| matches!(place, Place::Up | Place::Down);
        if trails && priced(order.place) != priced(place) {
            if priced(place) {
                market.trailing.push(id);
            } else {
                market.trailing.retain(|&other| other != id);
            }
        }
        let live = |place: Place| !matches!(place, Place::Gone | Place::Held);
        if order.intent.reduce_only && live(order.place) != live(place) {
            if live(place) {
                market.reducing.push(id);
            } else {
                market.reducing.retain(|&other| other != id);
            }
        }
        let refresh = priced(order.place) || priced(place);
        order.place = place;
        order.key = key;
        match place {
            Place::Gone | Place::Held => {}
            Place::Queue => market.queue.push(id),
            Place::Up => {
                market.up.insert(Level { key, id });
            }
            Place::Down => {
                market.down.insert(Level { key: -key, id });
            }
        }
        if refresh {
            market.refresh();
        }
        market.attend();
    }

    /// Ends an order.
    pub(super) fn finish(&mut self, id: u32, state: OrderState, reason: Reason) {
        self.touch(id);
        self.place(id, Place::Gone, 0.0);
        self.release(id, 0.0);
        let now = self.now;
        let order = &mut self.orders[id as usize];
        order.state = state;
        order.reason = reason;
        order.final_ts = now;
        let filled = order.filled;
        self.emit(id, None);
        if filled == 0.0 {
            self.cancel_children(id);
        }
    }

    fn cancel_children(&mut self, id: u32) {
        if self.children.is_empty() {
            return;
        }
        for child in self.children.get(&id).cloned().unwrap_or_default() {
            if self.orders[child as usize].place == Place::Held {
                self.finish(child, OrderState::Canceled, Reason::ParentDone);
            }
        }
    }

    /// Gives back reserved margin, down to the share `keep` of the order.
    pub(super) fn release(&mut self, id: u32, keep: f64) {
        let order = &mut self.orders[id as usize];
        if order.reserve == 0.0 {
            return;
        }
        let left = order.reserve * keep;
        self.account.reserved -= order.reserve - left;
        order.reserve = left;
        if left == 0.0 {
            self.account.reserving -= 1;
            if self.account.reserving == 0 {
                self.account.reserved = 0.0;
            }
        }
    }

    /// Cancels a live order; false when there is nothing to cancel. In an account kept from reports it asks the broker to.
    pub fn cancel(&mut self, id: u32, reason: Reason) -> bool {
        match self.orders.get(id as usize) {
            Some(order) if order.place != Place::Gone => {
                self.withdraw(id, reason);
                true
            }
            _ => false,
        }
    }
}

/// Level of a trailing stop below (sell) or above (buy) the best price reached, on the tick away from the trader.
pub(super) fn trail_level(intent: &Intent, extreme: f64, spec: &crate::instrument::Instrument) -> f64 {
    let distance = if intent.trail.is_nan() { extreme * intent.trail_pct } else { intent.trail };
    match intent.side {
        Side::Sell => spec.snap_price_down(extreme - distance),
        Side::Buy => spec.snap_price_up(extreme + distance),
    }
}
