//! Matching: walks the price through a bar and fires the orders it meets.

use super::Exchange;
use crate::bar::BarValues;
use crate::models::PathModel;
use crate::order::{Intent, NONE, OrderState, OrderType, Place, Reason, Side, TimeInForce};

/// The prices at which takers sell and buy; one and the same inside a bar.
#[derive(Clone, Copy)]
struct Touch {
    bid: f64,
    ask: f64,
}

impl Exchange {
    /// One closed bar of market `i`: open orders meet its prices, then it becomes the mark.
    #[inline]
    pub fn on_bar(&mut self, i: usize, bar: &BarValues, close_ts: i64) {
        self.now = bar.ts;
        self.before_step(i, bar.ts, close_ts, bar.open);
        let market = &self.markets[i];
        let orders = !market.queue.is_empty()
            || bar.high >= market.next_up
            || bar.low <= market.next_down
            || !market.trailing.is_empty();
        if (orders || self.liquidation_in(i, bar)) && self.markets[i].is_open {
            self.markets[i].volume = bar.volume;
            self.match_bar(i, bar);
        }
        self.mark(i, bar.close);
        self.markets[i].step += 1;
        self.after_step(i, close_ts);
        self.now = close_ts;
    }

    fn match_bar(&mut self, i: usize, bar: &BarValues) {
        let market = &mut self.markets[i];
        market.volume_left = if self.config.participation.is_finite() {
            market.spec.snap_quantity(bar.volume * self.config.participation)
        } else {
            f64::INFINITY
        };
        self.meet(i, Touch { bid: bar.open, ask: bar.open });
        if self.stirs(i, bar) {
            self.resolve(i, bar);
        }
        if self.config.participation.is_finite() {
            self.rest_capped(i);
        }
    }

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

    /// Walks the bar by the path model.
    fn resolve(&mut self, i: usize, bar: &BarValues) {
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
    fn stirs(&mut self, i: usize, bar: &BarValues) -> bool {
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
                    super::submit::trail_level(&order.intent, order.extreme.max(bar.high), &market.spec) >= bar.low
                }
                Side::Buy => {
                    super::submit::trail_level(&order.intent, order.extreme.min(bar.low), &market.spec) <= bar.high
                }
            }
        });
        if !reached {
            self.follow(i, bar.high);
            self.follow(i, bar.low);
        }
        reached
    }

    #[inline]
    fn liquidation_in(&mut self, i: usize, bar: &BarValues) -> bool {
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
            self.settle(i, Touch { bid: *price, ask: *price }, false);
            let market = &self.markets[i];
            let next = if rises {
                market.up.first().map(|level| (level.key, level.id)).filter(|&(key, _)| key <= target)
            } else {
                market.down.first().map(|level| (-level.key, level.id)).filter(|&(key, _)| key >= target)
            };
            let forced = self.liquidation_ahead(i, target, rises);
            match (forced, next) {
                (Some(level), next) if next.is_none_or(|(key, _)| if rises { level <= key } else { level >= key }) => {
                    *price = if rises { price.max(level) } else { price.min(level) };
                    self.liquidate(i, *price);
                }
                (_, Some((key, id))) => {
                    *price = if rises { price.max(key) } else { price.min(key) };
                    self.fire(id, *price, false);
                }
                _ => break,
            }
        }
        *price = target;
        self.follow(i, target);
    }

    fn liquidation_ahead(&mut self, i: usize, target: f64, rises: bool) -> Option<f64> {
        if rises != (self.markets[i].position.quantity < 0.0) || !self.endangered(i, target) {
            return None;
        }
        Some(self.liquidation_price(i))
    }

    /// The first price of a step: forced sales, waiting market orders, then everything the price already satisfies.
    fn meet(&mut self, i: usize, at: Touch) {
        let quantity = self.markets[i].position.quantity;
        let close_at = if quantity > 0.0 { at.bid } else { at.ask };
        if self.endangered(i, close_at) {
            self.liquidate(i, close_at);
        }
        if !self.markets[i].trailing.is_empty() {
            self.follow(i, close_at);
        }
        if !self.markets[i].queue.is_empty() {
            let mut waiting = std::mem::take(&mut self.markets[i].queue);
            for &id in &waiting {
                if self.orders[id as usize].place == Place::Queue {
                    self.execute_queued(id, at);
                }
            }
            if self.markets[i].queue.is_empty() {
                // The same memory serves the next orders.
                waiting.clear();
                self.markets[i].queue = waiting;
            }
        }
        self.settle(i, at, true);
    }

    /// Fires, in order of id, all that the present price satisfies.
    fn settle(&mut self, i: usize, at: Touch, first: bool) {
        loop {
            let market = &self.markets[i];
            if market.next_up > at.ask && market.next_down < at.bid {
                return;
            }
            let rising = market.up.iter().take_while(|level| level.key <= at.ask);
            let falling = market.down.iter().take_while(|level| -level.key >= at.bid);
            let ready = |id: u32| {
                let order = &self.orders[id as usize];
                let price = if order.intent.side == Side::Buy { at.ask } else { at.bid };
                match order.place {
                    Place::Up => order.key <= price,
                    _ => order.key >= price,
                }
            };
            let Some(id) = rising.chain(falling).map(|level| level.id).filter(|&id| ready(id)).min() else { return };
            let price = if self.orders[id as usize].intent.side == Side::Buy { at.ask } else { at.bid };
            self.fire(id, price, first);
        }
    }

    /// Trailing stops follow the price to a new extreme.
    fn follow(&mut self, i: usize, price: f64) {
        for n in 0..self.markets[i].trailing.len() {
            let id = self.markets[i].trailing[n];
            let order = &self.orders[id as usize];
            let better = match order.intent.side {
                Side::Sell => price > order.extreme,
                Side::Buy => price < order.extreme,
            };
            if better || order.extreme.is_nan() {
                self.touch(id);
                let order = &mut self.orders[id as usize];
                order.extreme = price;
                let level = super::submit::trail_level(&order.intent, price, &self.markets[i].spec);
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
    fn fire(&mut self, id: u32, price: f64, first: bool) {
        let order = &self.orders[id as usize];
        let intent = order.intent;
        let fresh = first && order.first_step == self.markets[intent.instrument as usize].step;
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
        let order = &mut self.orders[id as usize];
        order.triggered = true;
        order.state = OrderState::Triggered;
        self.emit(id, None);
        if matches!(intent.tif, TimeInForce::Ioc | TimeInForce::Fok) {
            self.execute_queued(id, Touch { bid: price, ask: price });
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

    /// Whether a price is as good as a limit asks: at it, or beyond it where touching is not enough.
    fn meets_limit(&self, intent: &Intent, price: f64) -> bool {
        let better = (intent.price - price) * intent.side.sign();
        better > 0.0 || (better == 0.0 && self.config.touch)
    }

    /// A waiting market order, or an immediate limit order, meets the first price.
    fn execute_queued(&mut self, id: u32, at: Touch) {
        let intent = self.orders[id as usize].intent;
        let price = if intent.side == Side::Buy { at.ask } else { at.bid };
        // It is out of the queue already; a remainder is put back by `fill`.
        self.touch(id);
        let acceptable = intent.price.is_nan() || self.meets_limit(&intent, price);
        let remaining = self.orders[id as usize].remaining();
        let i = intent.instrument as usize;
        if intent.tif == TimeInForce::Fok
            && (!acceptable
                || self.markets[i].volume_left < remaining
                || self.affordable(id, price, remaining) < remaining)
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
        } else if live && !self.markets[i].queue.contains(&id) {
            self.markets[i].queue.push(id);
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
        quantity = quantity.min(market.volume_left);
        let takes = Self::takes(intent.kind);
        let price = if takes { self.slipped(i, raw, quantity, intent.side) } else { raw };
        let payable = if intent.reduce_only { quantity } else { self.affordable(id, price, quantity) };
        let market = &self.markets[i];
        let short_of_money = payable < quantity;
        quantity = market.spec.round_quantity(payable);
        if quantity > market.spec.lot * 0.5 {
            let notional = quantity * price * market.spec.multiplier;
            let fee = market.spec.fee(notional, quantity, maker);
            if market.volume_left.is_finite() {
                self.markets[i].volume_left -= quantity;
            }
            self.book(id, price, quantity, fee, (price - raw).abs(), maker);
        }
        if self.orders[id as usize].place == Place::Gone {
            return;
        }
        if short_of_money {
            self.mark_constrained();
            self.finish(id, OrderState::Canceled, Reason::InsufficientMargin);
        } else if self.orders[id as usize].place != Place::Queue {
            // Volume ran out. A taker takes the next step's first price; a limit waits there until the bar is over.
            self.touch(id);
            self.place(id, Place::Queue, 0.0);
        }
    }

    fn slipped(&self, i: usize, raw: f64, quantity: f64, side: Side) -> f64 {
        let market = &self.markets[i];
        let distance = self.config.slippage.distance(raw, market.spec.tick, quantity, market.volume);
        if distance == 0.0 {
            return raw;
        }
        match side {
            Side::Buy => market.spec.snap_price_up(raw + distance),
            Side::Sell => market.spec.snap_price_down(raw - distance).max(market.spec.tick),
        }
    }

    /// Fires what the present quotes satisfy.
    pub(super) fn settle_quotes(&mut self, i: usize) {
        let (bid, ask) = (self.markets[i].bid, self.markets[i].ask);
        self.follow(i, if self.markets[i].position.quantity > 0.0 { bid } else { ask });
        self.settle(i, Touch { bid, ask }, true);
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
        self.markets[i].volume_left = f64::INFINITY;
        self.markets[i].queue.retain(|&other| other != id);
        self.execute_queued(id, Touch { bid: last, ask: last });
        self.markets[i].step += 1;
    }

    /// A quote: takers trade at the far side, resting orders when the near side reaches them.
    pub fn on_quote(&mut self, i: usize, ts: i64, bid: f64, ask: f64) {
        self.now = ts;
        self.before_step(i, ts, ts, 0.5 * (bid + ask));
        let market = &mut self.markets[i];
        market.bid = bid;
        market.ask = ask;
        if market.is_open {
            market.volume_left = f64::INFINITY;
            self.meet(i, Touch { bid, ask });
        }
        self.mark(i, 0.5 * (bid + ask));
        self.markets[i].step += 1;
        self.after_step(i, ts);
    }

    /// A trade print: orders meet its price; participation caps fills to a share of its size.
    pub fn on_tick(&mut self, i: usize, ts: i64, price: f64, size: f64) {
        let bar =
            BarValues { ts, open: price, high: price, low: price, close: price, volume: size, trades: 1, vwap: price };
        self.on_bar(i, &bar, ts);
    }
}
