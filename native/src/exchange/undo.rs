//! A bar is tried on both of its paths from the same state: this takes one try back.

use super::{Account, Exchange, Trade};
use crate::exchange::market::Position;
use crate::order::{Order, Place};

/// What must be put back. Orders are copied when first touched, so the cost follows what a bar does, not what rests.
#[derive(Clone, Debug)]
pub struct Undo {
    market: usize,
    account: Account,
    position: Position,
    volume_left: f64,
    orders: usize,
    groups: usize,
    fills: usize,
    trades: usize,
    events: usize,
    last_trade: Option<Trade>,
    touched: Vec<(u32, Order)>,
    /// Set when a fill was cut for want of money or holdings: then the path matters.
    pub constrained: bool,
}

impl Exchange {
    /// Starts a try on market `i`.
    pub(super) fn begin(&mut self, i: usize) {
        self.undo = Some(Box::new(Undo {
            market: i,
            account: self.account,
            position: self.markets[i].position.clone(),
            volume_left: self.markets[i].volume_left,
            orders: self.orders.len(),
            groups: self.groups.len(),
            fills: self.fills.len(),
            trades: self.trades.len(),
            events: self.events.len(),
            last_trade: self.trades.last().copied(),
            touched: Vec::new(),
            constrained: false,
        }));
    }

    /// Keeps the try.
    pub(super) fn keep(&mut self) {
        self.undo = None;
    }

    /// Whether money or holdings cut a fill short in the try.
    pub(super) fn was_constrained(&self) -> bool {
        self.undo.as_ref().is_some_and(|undo| undo.constrained)
    }

    /// Marks that money or holdings cut a fill.
    pub(super) fn mark_constrained(&mut self) {
        if let Some(undo) = &mut self.undo {
            undo.constrained = true;
        }
    }

    /// Must be called before an order changes.
    #[inline]
    pub(super) fn touch(&mut self, id: u32) {
        if let Some(undo) = &mut self.undo
            && (id as usize) < undo.orders
            && !undo.touched.iter().any(|(known, _)| *known == id)
        {
            undo.touched.push((id, self.orders[id as usize].clone()));
        }
    }

    /// Takes the try back.
    pub(super) fn rollback(&mut self) {
        let Some(undo) = self.undo.take() else { return };
        for id in undo.orders..self.orders.len() {
            self.place(id as u32, Place::Gone, 0.0);
        }
        self.orders.truncate(undo.orders);
        for (id, order) in undo.touched.into_iter().rev() {
            self.place(id, Place::Gone, 0.0);
            let (place, key) = (order.place, order.key);
            self.orders[id as usize] = Order { place: Place::Gone, ..order };
            self.place(id, place, key);
        }
        self.groups.truncate(undo.groups);
        self.fills.truncate(undo.fills);
        self.trades.truncate(undo.trades);
        if let (Some(slot), Some(trade)) = (self.trades.last_mut(), undo.last_trade) {
            *slot = trade;
        }
        self.events.truncate(undo.events);
        self.account = undo.account;
        let market = &mut self.markets[undo.market];
        market.position = undo.position;
        market.hold(market.position.quantity);
        market.volume_left = undo.volume_left;
        self.slack = f64::NAN;
        self.sync_held(undo.market);
    }
}
