//! Positions without the stop or the target that their entry asked for, and exits that must be made anew.

use crate::exchange::Exchange;
use crate::order::{Intent, NONE, OrderState, OrderType, Place, Reason};

/// Whether an order ends a position that loses: a stop, or an exit that takes whatever price there is.
fn closes_on_loss(intent: &Intent) -> bool {
    matches!(intent.kind, OrderType::Market | OrderType::Stop | OrderType::StopLimit | OrderType::TrailingStop)
}

/// A part of a position that no resting stop and no exit under way covers, though its entry asked for a stop.
struct Bare {
    entry: u32,
    /// What the entry has paid.
    price: f64,
    quantity: f64,
    /// Whether a venue takes no stop that is as small.
    is_dust: bool,
}

impl Exchange {
    /// The stop that an open position should have at the broker and has not: as its entry asked for it, for the part that
    /// is bare.
    pub fn missing_stop(&self, i: usize) -> Option<(u32, Intent)> {
        let bare = self.bare(i).filter(|bare| !bare.is_dust)?;
        let [stop, _, trailing] = self.legs_of(&self.orders[bare.entry as usize].intent, bare.price, bare.quantity);
        stop.or(trailing).map(|intent| (bare.entry, intent))
    }

    /// Units of an open position that are bare and too few for a stop of their own.
    pub fn bare_dust(&self, i: usize) -> f64 {
        self.bare(i).filter(|bare| bare.is_dust).map_or(0.0, |bare| bare.quantity)
    }

    fn bare(&self, i: usize) -> Option<Bare> {
        let market = &self.markets[i];
        let lots = &market.position.lots;
        let asked = lots.iter().map(|lot| (lot.order, lot.price)).filter(|&(order, _)| {
            let bracket = &self.orders[order as usize].intent.bracket;
            let levels = [bracket.stop_loss, bracket.stop_loss_pct, bracket.trailing_stop, bracket.trailing_stop_pct];
            levels.into_iter().any(|level| !level.is_nan())
        });
        let asked: Vec<(u32, f64)> = asked.collect();
        let first = asked.first()?;
        let covering = self.covering(i);
        let covers = |&id: &u32| self.orders[id as usize].remaining();
        let quantity =
            market.spec.round_quantity(market.position.quantity.abs() - covering.iter().map(covers).sum::<f64>());
        if quantity <= market.spec.lot * 0.5 {
            return None;
        }
        let lacks = |entry: u32| {
            let held: f64 = lots.iter().filter(|lot| lot.order == entry).map(|lot| lot.quantity).sum();
            let own = covering.iter().filter(|&&id| self.orders[id as usize].intent.parent == entry);
            held - own.map(covers).sum::<f64>() > market.spec.lot * 0.5
        };
        let (entry, price) = *asked.iter().find(|&&(entry, _)| lacks(entry)).unwrap_or(first);
        // A stop of its own would be refused; one that is there can grow by it.
        let grows = covering.iter().any(|&id| self.orders[id as usize].intent.parent == entry);
        Some(Bare { entry, price, quantity, is_dust: !grows && market.spec.is_dust(quantity, market.last) })
    }

    /// Orders that close the position of market `i` where it loses, and surely do.
    fn covering(&self, i: usize) -> Vec<u32> {
        let side = self.closing_side(i);
        let covers = |&id: &u32| {
            let order = &self.orders[id as usize];
            let unsure = matches!(order.state, OrderState::Unknown | OrderState::PendingCancel) || self.is_leaving(id);
            Some(order.intent.side) == side && order.intent.reduce_only && !unsure && closes_on_loss(&order.intent)
        };
        self.live_orders(i).into_iter().filter(covers).collect()
    }

    /// Puts back a stop that `missing_stop` has found: it is an exit of its entry, and named so. Where the entry has one
    /// that is too small, its place is taken by one for the whole, and its partners grow as far: no entry has two stops.
    pub fn put_back(&mut self, entry: u32, intent: Intent) -> u32 {
        let covering = self.covering(intent.instrument as usize);
        if let Some(small) = covering.into_iter().find(|&id| self.orders[id as usize].intent.parent == entry) {
            let spec = &self.markets[intent.instrument as usize].spec;
            let order = &mut self.orders[small as usize];
            order.intent.quantity = spec.round_quantity(order.intent.quantity + intent.quantity);
            let whole = self.renew(small);
            self.grow_partners(whole);
            return whole;
        }
        self.send_leg(Intent { parent: entry, ..intent }, self.orders[entry as usize].legs)
    }

    /// What a target that has ended unfilled would still close: no more of the position than other exits that gain, or take
    /// whatever price there is, leave to it. None where that is nothing, or too little to be sold.
    fn lost_target(&self, id: u32) -> Option<Intent> {
        let lost = &self.orders[id as usize];
        let i = lost.intent.instrument as usize;
        let side = self.closing_side(i)?;
        if lost.place != Place::Gone || lost.intent.side != side {
            return None;
        }
        let spec = &self.markets[i].spec;
        let closes = |&id: &u32| {
            let intent = &self.orders[id as usize].intent;
            let stops = matches!(intent.kind, OrderType::Stop | OrderType::StopLimit | OrderType::TrailingStop);
            intent.reduce_only && intent.side == side && !stops
        };
        let leaving = self.live_orders(i).into_iter().filter(closes).map(|id| self.orders[id as usize].remaining());
        let free = spec.round_quantity(self.markets[i].position.quantity.abs() - leaving.sum::<f64>());
        let quantity = lost.remaining().min(free);
        let rests = quantity > spec.lot * 0.5 && !spec.is_dust(quantity, lost.intent.price);
        rests.then_some(Intent { quantity, ..lost.intent })
    }

    /// Puts back a target that has ended unfilled, for what it would still close: an exit of its entry, beside the others.
    pub fn put_back_target(&mut self, id: u32) -> Option<u32> {
        let intent = self.lost_target(id)?;
        Some(self.send_leg(intent, self.orders[id as usize].group))
    }

    /// Sends a further exit of an entry, one of a group of which one cancels the others.
    fn send_leg(&mut self, intent: Intent, group: u32) -> u32 {
        let id = self.record(intent, OrderState::Initialized);
        if group != NONE {
            self.groups[group as usize].push(id);
            self.orders[id as usize].group = group;
        }
        self.rest(id);
        self.name_leg(id);
        self.dispatch(id);
        id
    }

    /// Exits of an entry are of one size, and a venue may hold them to it: the others follow one that has grown.
    fn grow_partners(&mut self, id: u32) {
        let order = &self.orders[id as usize];
        let (group, rest) = (order.group, order.remaining());
        for other in self.groups.get(group as usize).cloned().unwrap_or_default() {
            let partner = &self.orders[other as usize];
            if partner.place != Place::Gone && partner.remaining() < rest && !self.is_leaving(other) {
                let spec = &self.markets[partner.intent.instrument as usize].spec;
                let partner = &mut self.orders[other as usize];
                partner.intent.quantity = spec.round_quantity(partner.filled + rest);
                self.resize(other);
            }
        }
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
