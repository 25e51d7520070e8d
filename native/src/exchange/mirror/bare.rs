//! Positions without the stop that their entry asked for, and exits that must be made anew.

use crate::exchange::Exchange;
use crate::order::{Intent, NONE, OrderState, OrderType, Reason};

/// Whether an order ends a position that loses: a stop, or an exit that takes whatever price there is.
fn closes_on_loss(intent: &Intent) -> bool {
    matches!(intent.kind, OrderType::Market | OrderType::Stop | OrderType::StopLimit | OrderType::TrailingStop)
}

impl Exchange {
    /// The stop that an open position should have at the broker and has not: as its entry asked for it, for the quantity
    /// that no resting stop and no exit under way covers.
    pub fn missing_stop(&self, i: usize) -> Option<(u32, Intent)> {
        let market = &self.markets[i];
        let side = self.closing_side(i)?;
        let entry = market.position.lots.iter().map(|lot| (lot.order, lot.price)).find(|&(order, _)| {
            let bracket = &self.orders[order as usize].intent.bracket;
            let levels = [bracket.stop_loss, bracket.stop_loss_pct, bracket.trailing_stop, bracket.trailing_stop_pct];
            levels.into_iter().any(|level| !level.is_nan())
        })?;
        let covering =
            self.live_orders(i).into_iter().map(|id| (id, &self.orders[id as usize])).filter(|&(id, order)| {
                let unsure =
                    matches!(order.state, OrderState::Unknown | OrderState::PendingCancel) || self.is_leaving(id);
                order.intent.side == side && order.intent.reduce_only && !unsure && closes_on_loss(&order.intent)
            });
        let covered: f64 = covering.map(|(_, order)| order.remaining()).sum();
        let bare = market.spec.round_quantity(market.position.quantity.abs() - covered);
        if bare <= market.spec.lot * 0.5 {
            return None;
        }
        let [stop, _, trailing] = self.legs_of(&self.orders[entry.0 as usize].intent, entry.1, bare);
        stop.or(trailing).map(|intent| (entry.0, intent))
    }

    /// Puts back a stop that `missing_stop` has found: it is an exit of its entry, and named so.
    pub fn put_back(&mut self, entry: u32, intent: Intent) -> u32 {
        let id = self.record(Intent { parent: entry, ..intent }, OrderState::Initialized);
        let group = self.orders[entry as usize].legs;
        if group != NONE {
            self.groups[group as usize].push(id);
            self.orders[id as usize].group = group;
        }
        self.rest(id);
        self.name_leg(id);
        self.dispatch(id);
        id
    }

    /// Puts an exit of its present quantity in the place of one that cannot be changed: the new one goes out first.
    pub fn renew(&mut self, id: u32) -> u32 {
        let order = &self.orders[id as usize];
        let (group, rest) = (order.group, order.remaining());
        let new = self.record(Intent { quantity: rest, ..order.intent }, OrderState::Initialized);
        self.orders[id as usize].group = NONE;
        self.orders[new as usize].group = group;
        if group != NONE {
            self.groups[group as usize].retain(|&other| other != id);
            self.groups[group as usize].push(new);
        }
        self.rest(new);
        if self.is_named(id) {
            self.name_leg(new);
        }
        self.dispatch(new);
        self.withdraw(id, Reason::Replaced);
        new
    }
}
