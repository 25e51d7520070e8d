//! Matching: the orders that a price fires, and how much of each it fills.

use super::Exchange;
use crate::instrument::Kind;
use crate::order::{Intent, OrderState, OrderType, Place, Reason, Side, TimeInForce};

/// The prices at which takers sell and buy; one and the same inside a bar.
#[derive(Clone, Copy)]
pub(super) struct Touch {
    /// Where takers sell.
    pub bid: f64,
    /// Where takers buy.
    pub ask: f64,
}

impl Touch {
    /// One price for both sides.
    pub fn at(price: f64) -> Self {
        Self { bid: price, ask: price }
    }
}

impl Exchange {
    /// Limit orders that the volume cap left unfilled wait for their price again.
    pub(super) fn rest_capped(&mut self, i: usize) {
        for id in self.markets[i].queue.clone() {
            let intent = &self.orders[id as usize].intent;
            let limit = matches!(intent.kind, OrderType::Limit | OrderType::StopLimit);
            if limit && !matches!(intent.tif, TimeInForce::Ioc | TimeInForce::Fok) {
                self.rest(id);
            }
        }
    }

    /// The first price of a moment: forced sales, waiting market orders, then everything the price already satisfies.
    pub(super) fn meet(&mut self, i: usize, at: Touch) {
        self.markets[i].instant += 1;
        let quantity = self.markets[i].position.quantity;
        let close_at = if quantity > 0.0 { at.bid } else { at.ask };
        if close_at.is_finite() && self.endangered(i, close_at) {
            self.liquidate(i, close_at);
        }
        if !self.markets[i].trailing.is_empty() {
            self.follow(i, at);
        }
        if !self.markets[i].queue.is_empty() {
            let mut waiting = std::mem::take(&mut self.markets[i].queue);
            for &id in &waiting {
                if self.orders[id as usize].place == Place::Queue {
                    self.execute_queued(id, at);
                }
            }
            // What the volume leaves of an order stays ahead of those its fill brought to life.
            waiting.retain(|&id| self.orders[id as usize].place == Place::Queue);
            waiting.append(&mut self.markets[i].queue);
            self.markets[i].queue = waiting;
        }
        self.settle(i, at, true);
    }

    /// Fires, in order of id, all that the present price satisfies.
    pub(super) fn settle(&mut self, i: usize, at: Touch, first: bool) {
        loop {
            // Orders that a fill brings to life may come before others: then all are looked through again.
            let arrivals = self.arrivals;
            let market = &self.markets[i];
            if market.next_up > at.ask && market.next_down < at.bid {
                return;
            }
            let rising = market.up.iter().take_while(|level| level.key <= at.ask);
            let falling = market.down.iter().take_while(|level| -level.key >= at.bid);
            let mut ready: Vec<u32> =
                rising.chain(falling).map(|level| level.id).filter(|&id| self.is_ready(id, at)).collect();
            if ready.is_empty() {
                return;
            }
            ready.sort_unstable();
            for id in ready {
                if self.is_ready(id, at) {
                    let price = if self.orders[id as usize].intent.side == Side::Buy { at.ask } else { at.bid };
                    self.fire(id, price, first);
                }
                if self.arrivals != arrivals {
                    break;
                }
            }
        }
    }

    /// Whether the present price satisfies an order that waits for one.
    fn is_ready(&self, id: u32, at: Touch) -> bool {
        let order = &self.orders[id as usize];
        let price = if order.intent.side == Side::Buy { at.ask } else { at.bid };
        match order.place {
            // A side that is not looked at has an infinite price.
            Place::Up => order.key <= price && price.is_finite(),
            Place::Down => order.key >= price && price.is_finite(),
            _ => false,
        }
    }

    /// Trailing stops follow the price to a new extreme.
    pub(super) fn follow(&mut self, i: usize, at: Touch) {
        for n in 0..self.markets[i].trailing.len() {
            let id = self.markets[i].trailing[n];
            let order = &self.orders[id as usize];
            let price = if order.intent.side == Side::Buy { at.ask } else { at.bid };
            let better = match order.intent.side {
                Side::Sell => price > order.extreme,
                Side::Buy => price < order.extreme,
            };
            if better || order.extreme.is_nan() {
                self.touch(id);
                let order = &mut self.orders[id as usize];
                order.extreme = price;
                let level = super::resting::trail_level(&order.intent, price, &self.markets[i].spec);
                order.intent.trigger = level;
                let place = order.place;
                self.rekey(id, place, level);
            }
        }
    }

    fn rekey(&mut self, id: u32, place: Place, key: f64) {
        if self.orders[id as usize].key != key || self.orders[id as usize].place != place {
            self.place(id, place, key);
        }
    }

    /// An order whose level the price has met.
    pub(super) fn fire(&mut self, id: u32, price: f64, first: bool) {
        let order = &self.orders[id as usize];
        let intent = order.intent;
        let order_waits_to_trail = order.waits_to_trail();
        let market = &self.markets[intent.instrument as usize];
        let at_first = first && order.first_moment == market.moment();
        // What comes to life inside a bar and finds its price there takes it as well.
        let fresh = at_first || order.arrived == market.instant;
        let limit = intent.kind == OrderType::Limit || (intent.kind == OrderType::StopLimit && order.triggered);
        if limit {
            // With `touch` off the key lies one double beyond the price. Against quotes a resting order gets its own price.
            let quoted = !fresh && !self.markets[intent.instrument as usize].bid.is_nan();
            let price = if quoted || price == order.key { intent.price } else { price };
            if fresh && intent.post_only {
                self.finish(id, OrderState::Rejected, Reason::PostOnlyWouldCross);
            } else {
                self.fill(id, price, !fresh);
            }
            return;
        }
        self.touch(id);
        if order_waits_to_trail {
            self.start_trailing(id, price);
            return;
        }
        let order = &mut self.orders[id as usize];
        order.triggered = true;
        order.state = OrderState::Triggered;
        self.emit(id, None);
        if matches!(intent.tif, TimeInForce::Ioc | TimeInForce::Fok) {
            self.execute_queued(id, Touch::at(price));
            return;
        }
        if intent.kind != OrderType::StopLimit {
            self.fill(id, price, false);
            return;
        }
        if self.meets_limit(&intent, price) {
            self.fill(id, price, false);
        } else {
            self.rest(id);
        }
    }

    /// A trailing stop follows the price from here on.
    pub(super) fn start_trailing(&mut self, id: u32, price: f64) {
        self.place(id, Place::Gone, 0.0);
        let order = &mut self.orders[id as usize];
        order.intent.price = f64::NAN;
        order.extreme = price;
        self.rest(id);
    }

    /// Whether a price is as good as a limit asks: at it, or beyond it where touching is not enough.
    fn meets_limit(&self, intent: &Intent, price: f64) -> bool {
        let better = (intent.price - price) * intent.side.sign();
        better > 0.0 || (better == 0.0 && self.config.touch)
    }

    /// A waiting market order, or an immediate limit order, meets a moment's first price. What is left of it keeps its place.
    fn execute_queued(&mut self, id: u32, at: Touch) {
        let intent = self.orders[id as usize].intent;
        let price = if intent.side == Side::Buy { at.ask } else { at.bid };
        if price.is_infinite() {
            return;
        }
        self.touch(id);
        let acceptable = intent.price.is_nan() || self.meets_limit(&intent, price);
        let i = intent.instrument as usize;
        let mut whole = self.orders[id as usize].remaining();
        if intent.reduce_only {
            whole = whole.min((-intent.side.sign() * self.markets[i].position.quantity).max(0.0));
        }
        if intent.tif == TimeInForce::Fok
            && whole > 0.0
            && (!acceptable || self.markets[i].volume_left < whole || self.bears(id, price, whole) < whole)
        {
            self.kill(id);
            return;
        }
        if acceptable {
            self.fill(id, price, false);
        }
        let live = self.orders[id as usize].place != Place::Gone;
        if live && matches!(intent.tif, TimeInForce::Ioc | TimeInForce::Fok) {
            self.kill(id);
        }
    }

    /// Fills as much of an order as position, volume and money allow at the market price `raw`.
    pub(super) fn fill(&mut self, id: u32, raw: f64, maker: bool) {
        let order = &self.orders[id as usize];
        let intent = order.intent;
        let i = intent.instrument as usize;
        let market = &self.markets[i];
        let mut quantity = order.remaining();
        if intent.reduce_only {
            let shrinks = intent.side.sign() * market.position.quantity < 0.0;
            if !shrinks {
                self.finish(id, OrderState::Canceled, Reason::ReduceOnly);
                return;
            }
            quantity = quantity.min(market.position.quantity.abs());
        }
        if market.volume_left < quantity {
            quantity = market.spec.snap_quantity(market.volume_left);
        }
        let price = self.paid(&intent, raw, quantity);
        let payable = if intent.reduce_only { quantity } else { self.affordable(id, price, quantity, maker) };
        let market = &self.markets[i];
        let short_of_money = payable < quantity;
        quantity = market.spec.round_quantity(payable);
        if quantity > market.spec.lot * 0.5 {
            let notional = quantity * price * market.spec.multiplier;
            let linear = market.spec.linear_fee(notional, quantity, maker);
            let order = &self.orders[id as usize];
            let before = if order.filled > 0.0 { order.linear_fee.max(market.spec.min_fee) } else { 0.0 };
            let total = order.linear_fee + linear;
            let fee = if market.spec.min_fee > 0.0 { total.max(market.spec.min_fee) - before } else { linear };
            self.touch(id);
            self.orders[id as usize].linear_fee = total;
            // Of what is unlimited, all is left.
            self.markets[i].volume_left -= quantity;
            self.book(id, price, quantity, fee, (price - raw).abs(), maker);
        }
        if self.orders[id as usize].place == Place::Gone {
            return;
        }
        if short_of_money {
            self.mark_constrained();
            let sells_spot = self.markets[i].spec.kind == Kind::Spot && intent.side == Side::Sell;
            let reason = if sells_spot { Reason::InsufficientPosition } else { Reason::InsufficientMargin };
            self.finish(id, OrderState::Canceled, reason);
        } else if self.orders[id as usize].place != Place::Queue {
            // Volume ran out. A taker takes the next step's first price; a limit waits there until the bar is over.
            self.touch(id);
            self.place(id, Place::Queue, 0.0);
        }
    }

    /// How much of `quantity` the account can pay for at what a taker would pay.
    fn bears(&self, id: u32, raw: f64, quantity: f64) -> f64 {
        let intent = &self.orders[id as usize].intent;
        self.affordable(id, self.paid(intent, raw, quantity), quantity, false)
    }

    /// Price of a fill: orders that take liquidity slip.
    fn paid(&self, intent: &Intent, raw: f64, quantity: f64) -> f64 {
        if !Self::takes(intent.kind) {
            return raw;
        }
        let market = &self.markets[intent.instrument as usize];
        let distance = self.config.slippage.distance(raw, market.spec.tick, quantity, market.volume);
        if distance == 0.0 {
            return raw;
        }
        match intent.side {
            Side::Buy => market.spec.snap_price_up(raw + distance),
            Side::Sell => market.spec.snap_price_down(raw - distance).max(market.spec.tick),
        }
    }

    /// Ends what is left of an immediate order.
    pub(super) fn kill(&mut self, id: u32) {
        let reason = match self.orders[id as usize].intent.tif {
            TimeInForce::Fok => Reason::FillOrKill,
            _ => Reason::ImmediateOrCancel,
        };
        self.finish(id, OrderState::Canceled, reason);
    }

    /// `this_close`: a market order takes the close it was decided on.
    pub(super) fn fill_at_close(&mut self, id: u32) {
        let i = self.orders[id as usize].intent.instrument as usize;
        let last = self.markets[i].last;
        if last.is_nan() {
            return;
        }
        // The fill belongs to the step that was just closed.
        self.markets[i].step -= 1;
        self.execute_queued(id, Touch::at(last));
        self.markets[i].step += 1;
    }
}
