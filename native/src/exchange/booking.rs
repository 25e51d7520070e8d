//! Booking: what a fill does to the order, the position, the money, the trades and the orders tied to it.

use super::market::Lot;
use super::{Exchange, Fill, Trade};
use crate::order::{Intent, NONE, OrderState, Place, Reason, Side};

impl Exchange {
    /// Books an execution of `quantity` at `price`.
    pub(super) fn book(&mut self, id: u32, price: f64, quantity: f64, fee: f64, slippage: f64, maker: bool) {
        self.touch(id);
        let intent = self.orders[id as usize].intent;
        let i = intent.instrument as usize;
        let market = &mut self.markets[i];
        self.slack = f64::NAN;
        let (multiplier, index) = (market.spec.multiplier, market.step as i64);
        let signed = intent.side.sign() * quantity;
        self.account.cash -= signed * price * multiplier + fee;
        self.account.fees += fee;
        self.account.slippage += slippage * quantity * multiplier;
        self.fills.push(Fill {
            order: id,
            instrument: intent.instrument,
            ts: self.now,
            index,
            side: intent.side.sign() as i8,
            price,
            quantity,
            fee,
            slippage,
            maker,
        });
        let held = market.position.quantity;
        let closes = if held * signed < 0.0 { market.spec.round_quantity(held.abs().min(quantity)) } else { 0.0 };
        let opens = market.spec.round_quantity(quantity - closes);
        market.hold(market.spec.round_quantity(held + signed));
        self.account.shorts += u32::from(market.position.quantity < 0.0);
        self.account.shorts -= u32::from(held < 0.0);
        if closes > 0.0 && self.is_commission(id) {
            self.take_coins(i, closes, price, fee / quantity);
        } else if closes > 0.0 {
            self.close_lots(i, id, closes, price, fee / quantity);
        }
        let opener = if intent.reduce_only && opens > 0.0 { self.entry_told_first(i, intent.side) } else { None };
        if opens > 0.0 {
            self.open_lot(i, opener.unwrap_or(id), opens, price, fee / quantity);
        }
        self.sync_held(i);
        self.advance_order(id, price, quantity);
        self.after_fill(id, price, quantity, slippage);
        let left = self.markets[i].position.quantity;
        let ends = self.orders[id as usize].place == Place::Gone && !self.is_commission(id);
        if closes > 0.0 && (left == 0.0 || (ends && self.markets[i].spec.is_dust(left, price))) {
            self.cancel_reducing(i, id, None);
        } else if closes > 0.0 && opens > 0.0 && self.mirror.is_some() {
            self.cancel_reducing(i, id, Some(intent.side));
        }
        if let Some(entry) = opener {
            let order = &self.orders[entry as usize];
            if !order.intent.bracket.is_empty() {
                self.grow_legs(entry, order.filled_value / order.filled, opens, 0.0);
            }
        }
    }

    /// The entry that has opened what an order, which can only close, seems to open: its fill was told before that of the
    /// order that made room for it.
    fn entry_told_first(&self, i: usize, side: Side) -> Option<u32> {
        let is_it = |intent: &Intent| intent.instrument as usize == i && intent.side == side && !intent.reduce_only;
        self.orders.iter().rev().find(|(_, order)| is_it(&order.intent) && order.filled > 0.0).map(|(id, _)| id as u32)
    }

    /// First in, first out: one trade for each pair of entry order and exit order.
    fn close_lots(&mut self, i: usize, id: u32, closes: f64, price: f64, unit_fee: f64) {
        let now = self.now;
        let exit_tag = self.orders[id as usize].intent.tag;
        let market = &mut self.markets[i];
        let (multiplier, dust, index) = (market.spec.multiplier, market.spec.lot * 0.5, market.step as i64);
        let direction = -self.orders[id as usize].intent.side.sign();
        let mut left = closes;
        while left > dust {
            let Some(lot) = market.position.lots.front_mut() else { break };
            let take = left.min(lot.quantity);
            let fees = take * (lot.unit_fee + unit_fee);
            let pnl = direction * (price - lot.price) * take * multiplier - fees;
            self.account.realized += pnl;
            let trade = Trade {
                instrument: i as u32,
                side: direction as i8,
                quantity: take,
                entry_ts: lot.ts,
                exit_ts: now,
                entry_index: lot.index,
                exit_index: index,
                entry_price: lot.price,
                exit_price: price,
                pnl,
                fees,
                entry_order: lot.order,
                exit_order: id,
                tag: exit_tag,
            };
            match self.trades.last_mut() {
                Some(last) if (last.entry_order, last.exit_order) == (trade.entry_order, id) => merge(last, &trade),
                _ => self.trades.push(trade),
            }
            lot.quantity = market.spec.round_quantity(lot.quantity - take);
            left = market.spec.round_quantity(left - take);
            if lot.quantity <= dust {
                market.position.lots.pop_front();
            }
        }
        if market.position.quantity == 0.0 {
            market.position.lots.clear();
        }
    }

    fn open_lot(&mut self, i: usize, id: u32, opens: f64, price: f64, unit_fee: f64) {
        let (now, market) = (self.now, &mut self.markets[i]);
        let index = market.step as i64;
        match market.position.lots.back_mut() {
            Some(lot) if lot.order == id => {
                let total = market.spec.round_quantity(lot.quantity + opens);
                lot.price = (lot.price * lot.quantity + price * opens) / total;
                lot.unit_fee = (lot.unit_fee * lot.quantity + unit_fee * opens) / total;
                lot.quantity = total;
            }
            _ => market.position.lots.push_back(Lot { order: id, quantity: opens, price, unit_fee, ts: now, index }),
        }
    }

    /// Moves the order on; a filled one is final.
    fn advance_order(&mut self, id: u32, price: f64, quantity: f64) {
        let spec = &self.markets[self.orders[id as usize].intent.instrument as usize].spec;
        let order = &mut self.orders[id as usize];
        order.filled = spec.round_quantity(order.filled + quantity);
        order.filled_value += price * quantity;
        let remaining = spec.round_quantity(order.intent.quantity - order.filled);
        let share = remaining / order.intent.quantity;
        let fill = Some(self.fills.len() as u32 - 1);
        if remaining <= spec.lot * 0.5 {
            order.state = OrderState::Filled;
            order.final_ts = self.now;
            self.place(id, Place::Gone, 0.0);
            self.release(id, 0.0);
        } else {
            order.state = OrderState::PartiallyFilled;
            self.release(id, share);
        }
        self.emit(id, fill);
    }

    /// One-cancels-other shrinks the siblings; one-triggers-other brings the children to life.
    fn after_fill(&mut self, id: u32, price: f64, quantity: f64, slippage: f64) {
        let order = &self.orders[id as usize];
        let (group, filled, intent) = (order.group, order.filled, order.intent);
        if group != NONE {
            self.shrink_siblings(id, group, quantity);
        }
        if !self.children.is_empty()
            && let Some(children) = self.children.get(&id).cloned()
        {
            for child in children {
                self.activate(child, filled, quantity);
            }
        }
        if !intent.bracket.is_empty() {
            self.grow_legs(id, price, quantity, slippage);
        }
    }

    /// A complete fill cancels the siblings, a partial one shrinks them.
    fn shrink_siblings(&mut self, id: u32, group: u32, quantity: f64) {
        let done = self.orders[id as usize].state == OrderState::Filled;
        for n in 0..self.groups[group as usize].len() {
            let other = self.groups[group as usize][n];
            if other == id || self.orders[other as usize].place == Place::Gone {
                continue;
            }
            self.touch(other);
            let spec = &self.markets[self.orders[other as usize].intent.instrument as usize].spec;
            let order = &mut self.orders[other as usize];
            let left = spec.round_quantity(order.remaining() - quantity);
            order.asked = spec.round_quantity(order.asked - quantity);
            if done || left <= spec.lot * 0.5 {
                self.withdraw(other, Reason::OneCancelsOther);
            } else {
                order.intent.quantity = spec.round_quantity(order.filled + left);
                self.resize(other);
            }
        }
    }

    /// Brings a waiting child to life at what its parent has filled, or lets a live one grow by a further fill of it.
    pub(super) fn activate(&mut self, child: u32, parent_filled: f64, grown: f64) {
        let order = &self.orders[child as usize];
        if order.place == Place::Gone {
            return;
        }
        self.touch(child);
        let order = &mut self.orders[child as usize];
        let spec = &self.markets[order.intent.instrument as usize].spec;
        if order.place != Place::Held {
            order.intent.quantity = spec.round_quantity(order.intent.quantity + grown).min(order.asked);
            self.resize(child);
            return;
        }
        order.intent.quantity = order.intent.quantity.min(parent_filled);
        order.arrived = self.markets[order.intent.instrument as usize].instant;
        order.first_moment = self.markets[order.intent.instrument as usize].moment();
        self.rest(child);
        if self.orders[child as usize].state == OrderState::Initialized {
            self.dispatch(child);
        }
    }

    /// A position that an order has closed, or left as dust, needs no other that could only shrink it; `side` is theirs where the same fill
    /// has opened an opposite one.
    fn cancel_reducing(&mut self, i: usize, closer: u32, side: Option<Side>) {
        if self.markets[i].reducing.is_empty() {
            return;
        }
        let mut ids = self.markets[i].reducing.clone();
        ids.sort_unstable();
        for id in ids {
            let order = &self.orders[id as usize];
            let crossed = side.is_none_or(|side| order.intent.side == side && id != closer);
            if order.place != Place::Gone && crossed {
                self.withdraw(id, Reason::PositionClosed);
            }
        }
    }

    /// Side that would shrink the position of market `i`, if there is one that can be closed.
    pub fn closing_side(&self, i: usize) -> Option<Side> {
        let quantity = self.markets[i].open_quantity();
        if quantity > 0.0 {
            Some(Side::Sell)
        } else if quantity < 0.0 {
            Some(Side::Buy)
        } else {
            None
        }
    }
}

fn merge(last: &mut Trade, more: &Trade) {
    let total = last.quantity + more.quantity;
    last.exit_price = (last.exit_price * last.quantity + more.exit_price * more.quantity) / total;
    last.entry_price = (last.entry_price * last.quantity + more.entry_price * more.quantity) / total;
    last.quantity = total;
    last.pnl += more.pnl;
    last.fees += more.fees;
    last.exit_ts = more.exit_ts;
    last.exit_index = more.exit_index;
}
