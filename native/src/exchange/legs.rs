//! Legs: the exits that an entry asks for, and whether a venue would take them.

use super::resting::trail_level;
use super::{Exchange, tag};
use crate::instrument::Kind;
use crate::order::{Intent, NONE, OrderState, OrderType, Place};

impl Exchange {
    /// Exits of an entry: made at its first fill, sized to what is filled, growing with further fills.
    pub(super) fn grow_legs(&mut self, id: u32, price: f64, quantity: f64, slippage: f64) {
        let intent = self.orders[id as usize].intent;
        let i = intent.instrument as usize;
        let opened = self.markets[i].position.quantity * intent.side.sign();
        // A fill that only closed an opposite position opens nothing that needs an exit.
        let quantity = quantity.min(opened.max(0.0));
        if quantity <= self.markets[i].spec.lot * 0.5 {
            return;
        }
        let legs = self.orders[id as usize].legs;
        if legs != NONE {
            let live: Vec<u32> = self.groups[legs as usize]
                .iter()
                .copied()
                .filter(|&leg| self.orders[leg as usize].place != Place::Gone && !self.is_leaving(leg))
                .collect();
            for &leg in &live {
                self.touch(leg);
                let order = &mut self.orders[leg as usize];
                order.intent.quantity = self.markets[i].spec.round_quantity(order.intent.quantity + quantity);
                self.resize(leg);
            }
            if !live.is_empty() {
                return;
            }
        }
        let group = self.groups.len() as u32;
        self.groups.push(Vec::with_capacity(3));
        self.orders[id as usize].legs = group;
        for leg in self.legs_of(&intent, price, quantity).into_iter().flatten() {
            let child = self.record(Intent { parent: id, ..leg }, OrderState::Accepted);
            self.orders[child as usize].group = group;
            self.orders[child as usize].arrived = self.markets[i].instant;
            // A trailing stop follows the market, not what the entry paid above it.
            self.orders[child as usize].extreme = price - intent.side.sign() * slippage;
            self.groups[group as usize].push(child);
            self.dispatch_leg(child);
            self.emit(child, None);
            self.rest(child);
        }
    }

    /// The stop, target and trailing orders a bracket asks for; relative distances count from the fill price.
    pub(super) fn legs_of(&self, entry: &Intent, price: f64, quantity: f64) -> [Option<Intent>; 3] {
        let bracket = &entry.bracket;
        let spec = &self.markets[entry.instrument as usize].spec;
        let (side, sign) = (entry.side.opposite(), entry.side.sign());
        let base = Intent { reduce_only: true, ..Intent::market(entry.instrument, side, quantity) };
        // Exits off the grid move to the tick farther from the entry: the stop loses more, the target is harder to reach.
        let level = |absolute: f64, fraction: f64, up: bool| {
            let exact = if absolute.is_nan() { price * (1.0 + fraction) } else { absolute };
            if up { spec.snap_price_up(exact) } else { spec.snap_price_down(exact) }
        };
        let long = sign > 0.0;
        let has = |a: f64, b: f64| !(a.is_nan() && b.is_nan());
        let stop = has(bracket.stop_loss, bracket.stop_loss_pct).then(|| Intent {
            kind: OrderType::Stop,
            trigger: level(bracket.stop_loss, -sign * bracket.stop_loss_pct, !long),
            tag: tag::STOP_LOSS,
            ..base
        });
        let target = has(bracket.take_profit, bracket.take_profit_pct).then(|| Intent {
            kind: OrderType::Limit,
            price: level(bracket.take_profit, sign * bracket.take_profit_pct, long),
            tag: tag::TAKE_PROFIT,
            ..base
        });
        let trailing = has(bracket.trailing_stop, bracket.trailing_stop_pct).then_some(Intent {
            kind: OrderType::TrailingStop,
            price: if bracket.trailing_activation_pct.is_nan() {
                f64::NAN
            } else {
                level(f64::NAN, sign * bracket.trailing_activation_pct, long)
            },
            trail: bracket.trailing_stop,
            trail_pct: bracket.trailing_stop_pct,
            tag: tag::TRAILING_STOP,
            ..base
        });
        [stop, target, trailing]
    }

    /// Whether a stop of an entry would be worth less than a spot venue takes: what the entry buys could not be protected.
    /// A relative distance counts from `price`.
    pub fn is_stop_too_small(&self, entry: &Intent, price: f64) -> bool {
        let spec = &self.markets[entry.instrument as usize].spec;
        if spec.kind != Kind::Spot || entry.bracket.is_empty() {
            return false;
        }
        // Where the fee is taken from the coins, whole lots of what is left can be sold.
        let left = spec.snap_quantity(entry.quantity * (1.0 - spec.taker_fee.max(0.0)));
        let [stop, _, trailing] = self.legs_of(entry, price, left);
        let first = |leg: Intent| trail_level(&leg, if leg.price.is_nan() { price } else { leg.price }, spec);
        let levels = [stop.map(|leg| leg.trigger), trailing.map(first)];
        levels.into_iter().flatten().any(|level| spec.is_below_least(left, level))
    }
}
