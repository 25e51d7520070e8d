//! Taking orders: the checks a venue makes, where an order waits, cancel and replace.

use super::Exchange;
use super::market::Level;
use crate::instrument::Kind;
use crate::models::FillAt;
use crate::order::{Intent, NONE, Order, OrderState, OrderType, Place, Reason, Side, TimeInForce};

impl Exchange {
    /// Takes an order. It is always recorded; a refused one is `rejected` with its reason.
    pub fn submit(&mut self, intent: Intent) -> u32 {
        let id = self.record(intent, OrderState::Submitted);
        match self.refusal(&intent) {
            Some(reason) => self.finish(id, OrderState::Rejected, reason),
            None => self.accept(id),
        }
        id
    }

    /// Records an order that our own risk review refused: it never reaches the market.
    pub fn deny(&mut self, intent: Intent, reason: Reason) -> u32 {
        let id = self.record(intent, OrderState::Initialized);
        self.finish(id, OrderState::Denied, reason);
        id
    }

    pub(super) fn record(&mut self, intent: Intent, state: OrderState) -> u32 {
        let id = self.orders.len() as u32;
        self.orders.push(Order {
            intent,
            state,
            place: Place::Gone,
            reason: Reason::None,
            triggered: false,
            key: 0.0,
            filled: 0.0,
            filled_value: 0.0,
            extreme: f64::NAN,
            reserve: 0.0,
            created_ts: self.now,
            final_ts: 0,
            first_step: self.markets[intent.instrument as usize].step,
            group: NONE,
            legs: NONE,
        });
        id
    }

    /// Why the venue refuses an order, if it does.
    fn refusal(&self, intent: &Intent) -> Option<Reason> {
        let market = &self.markets[intent.instrument as usize];
        let spec = &market.spec;
        let known = |price: f64| !price.is_nan();
        if !spec.on_lot(intent.quantity) {
            return Some(Reason::Lot);
        }
        if intent.quantity < spec.min_quantity * (1.0 - 1e-9) {
            return Some(Reason::MinQuantity);
        }
        if intent.quantity > spec.max_quantity {
            return Some(Reason::MaxQuantity);
        }
        for price in [intent.price, intent.trigger] {
            if known(price) && !spec.on_tick(price) {
                return Some(Reason::Tick);
            }
            if price <= 0.0 || price.is_infinite() {
                return Some(Reason::Price);
            }
        }
        let reference = self.reference_price(intent);
        // Closing what is held is always allowed, however small.
        let closes = intent.side.sign() * market.position.quantity < 0.0
            && intent.quantity <= market.position.quantity.abs() * (1.0 + 1e-9);
        if !closes && !intent.reduce_only && known(reference) {
            let notional = intent.quantity * reference * spec.multiplier;
            if notional < spec.min_notional * (1.0 - 1e-9) {
                return Some(Reason::MinNotional);
            }
        }
        let waits = intent.parent != NONE;
        if intent.reduce_only && !waits && intent.side.sign() * market.position.quantity >= 0.0 {
            return Some(Reason::ReduceOnly);
        }
        if intent.post_only && !waits && self.would_cross(intent) {
            return Some(Reason::PostOnlyWouldCross);
        }
        if !market.is_open && matches!(intent.tif, TimeInForce::Ioc | TimeInForce::Fok) {
            return Some(Reason::MarketClosed);
        }
        if intent.side == Side::Sell && !intent.reduce_only {
            let short_after = intent.quantity - market.position.quantity.max(0.0);
            if short_after > spec.lot * 0.5 {
                if spec.kind == Kind::Spot && !waits {
                    return Some(Reason::InsufficientPosition);
                }
                if !spec.shortable {
                    return Some(Reason::NotShortable);
                }
            }
        }
        if !waits && !closes && known(reference) && !self.covers(intent, reference) {
            return Some(Reason::InsufficientMargin);
        }
        None
    }

    /// The price an order is valued at before it fills.
    pub(super) fn reference_price(&self, intent: &Intent) -> f64 {
        let own = if intent.price.is_nan() { intent.trigger } else { intent.price };
        if own.is_nan() { self.markets[intent.instrument as usize].last } else { own }
    }

    fn would_cross(&self, intent: &Intent) -> bool {
        let market = &self.markets[intent.instrument as usize];
        let touch = |quoted: f64| if quoted.is_nan() { market.last } else { quoted };
        match intent.side {
            Side::Buy => intent.price >= touch(market.ask),
            Side::Sell => intent.price <= touch(market.bid),
        }
    }

    /// Margin and fee an order would tie up; zero for one that opens nothing.
    fn requirement(&self, intent: &Intent, reference: f64) -> f64 {
        let market = &self.markets[intent.instrument as usize];
        if intent.reduce_only {
            return 0.0;
        }
        let held = market.position.quantity;
        let opposite = if held * intent.side.sign() < 0.0 { held.abs() } else { 0.0 };
        let opens = (intent.quantity - opposite).max(0.0);
        if opens == 0.0 {
            return 0.0;
        }
        let notional = opens * reference * market.spec.multiplier;
        notional * self.margin_rate(market, intent.side, notional) + market.spec.fee(notional, opens, false)
    }

    /// Margin that an order gives back by closing what is held before it opens the other side.
    fn freed_margin(&self, intent: &Intent) -> f64 {
        let market = &self.markets[intent.instrument as usize];
        let held = market.position.quantity;
        if held * intent.side.sign() < 0.0 { self.margin_at(market, held, market.last) } else { 0.0 }
    }

    fn covers(&self, intent: &Intent, reference: f64) -> bool {
        let required = self.requirement(intent, reference);
        let from_cash = self.account.is_unlevered() && required <= self.account.cash - self.account.reserved;
        required == 0.0
            || from_cash
            || required <= (self.free_margin() + self.freed_margin(intent)) * (1.0 + 1e-12) + 1e-9
    }

    fn accept(&mut self, id: u32) {
        let intent = self.orders[id as usize].intent;
        self.orders[id as usize].state = OrderState::Accepted;
        if intent.oco != NONE {
            self.join(id, intent.oco);
        }
        if intent.parent != NONE && (intent.parent as usize) < self.orders.len() {
            self.children.entry(intent.parent).or_default().push(id);
            self.place(id, Place::Held, 0.0);
            self.emit(id, None);
            let parent = &self.orders[intent.parent as usize];
            let (filled, ended) = (parent.filled, parent.state.is_final());
            if filled > 0.0 {
                self.activate(id, filled);
            } else if ended {
                self.finish(id, OrderState::Canceled, Reason::ParentDone);
            }
            return;
        }
        let reference = self.reference_price(&intent);
        let required = if reference.is_nan() { 0.0 } else { self.requirement(&intent, reference) };
        if required > 0.0 {
            self.orders[id as usize].reserve = required;
            self.account.reserved += required;
            self.account.reserving += 1;
        }
        self.emit(id, None);
        self.rest(id);
        if self.config.fill == FillAt::ThisClose && intent.kind == OrderType::Market {
            self.fill_at_close(id);
        }
    }

    fn join(&mut self, id: u32, name: u32) {
        let group = *self.named_groups.entry(name).or_insert_with(|| {
            self.groups.push(Vec::new());
            (self.groups.len() - 1) as u32
        });
        self.groups[group as usize].push(id);
        self.orders[id as usize].group = group;
    }

    /// Puts a live order where it waits for its price.
    pub(super) fn rest(&mut self, id: u32) {
        let intent = self.orders[id as usize].intent;
        let market = &mut self.markets[intent.instrument as usize];
        if matches!(intent.tif, TimeInForce::Day | TimeInForce::Gtd) && !market.expiring.contains(&id) {
            market.expiring.push(id);
        }
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
            OrderType::TakeProfit => (if buys { Place::Down } else { Place::Up }, intent.trigger),
            OrderType::TrailingStop => {
                let start = self.orders[id as usize].extreme;
                let extreme = if start.is_nan() { market.last } else { start };
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

    /// Moves an order between the places it can wait in.
    pub(super) fn place(&mut self, id: u32, place: Place, key: f64) {
        let order = &mut self.orders[id as usize];
        let market = &mut self.markets[order.intent.instrument as usize];
        let trails = order.intent.kind == OrderType::TrailingStop;
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

    /// Cancels a live order; false when there is nothing to cancel.
    pub fn cancel(&mut self, id: u32, reason: Reason) -> bool {
        match self.orders.get(id as usize) {
            Some(order) if order.place != Place::Gone => {
                self.finish(id, OrderState::Canceled, reason);
                true
            }
            _ => false,
        }
    }

    /// Changes a live order's quantity or prices in place; the order keeps its id and loses its arrival.
    pub fn replace(
        &mut self,
        id: u32,
        quantity: Option<f64>,
        price: Option<f64>,
        trigger: Option<f64>,
    ) -> Result<(), Reason> {
        let order = match self.orders.get(id as usize) {
            Some(order) if order.place != Place::Gone => order,
            _ => return Err(Reason::UnknownOrder),
        };
        let mut intent = order.intent;
        intent.quantity = quantity.unwrap_or(intent.quantity);
        intent.price = price.unwrap_or(intent.price);
        intent.trigger = trigger.unwrap_or(intent.trigger);
        if intent.quantity <= order.filled {
            return Err(Reason::MinQuantity);
        }
        let held = order.place == Place::Held;
        let reserve = order.reserve;
        // The order's own reserve counts as free while the new terms are checked.
        self.account.reserved -= reserve;
        let refusal = if held { None } else { self.refusal(&intent) };
        self.account.reserved += reserve;
        if let Some(reason) = refusal {
            return Err(reason);
        }
        self.release(id, 0.0);
        let step = self.markets[intent.instrument as usize].step;
        let order = &mut self.orders[id as usize];
        order.intent = intent;
        order.first_step = step;
        if !held {
            let reference = self.reference_price(&intent);
            let required = if reference.is_nan() { 0.0 } else { self.requirement(&intent, reference) };
            if required > 0.0 {
                self.orders[id as usize].reserve = required;
                self.account.reserved += required;
                self.account.reserving += 1;
            }
            self.rest(id);
        }
        self.emit(id, None);
        Ok(())
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
