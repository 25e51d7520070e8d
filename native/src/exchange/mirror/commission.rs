//! Coins that a fee has taken: no trade of their own, but a cost of what they were bought with.

use crate::exchange::Exchange;

/// Tag of an order that stands for such coins.
const TAG: &str = "commission";
/// What its name begins with; the name of the order that has paid the fee follows.
const PREFIX: &str = "commission-";

impl Exchange {
    /// Whether an order stands for coins that a fee has taken.
    pub(in crate::exchange) fn is_commission(&self, id: u32) -> bool {
        self.mirror.is_some() && self.tags[self.orders[id as usize].intent.tag as usize] == TAG
    }

    /// The order whose fee an order stands for, by the latter's name.
    pub(super) fn payer(&self, name: &str) -> Option<u32> {
        name.strip_prefix(PREFIX).and_then(|entry| self.find(entry))
    }

    /// Takes coins from the lots that were bought last. What they have cost becomes a fee of the coins that are left of
    /// these, and so part of the trade that sells them, as it is where a fee takes money.
    pub(in crate::exchange) fn take_coins(&mut self, i: usize, quantity: f64, price: f64, unit_fee: f64) {
        let market = &mut self.markets[i];
        let (multiplier, dust) = (market.spec.multiplier, market.spec.lot * 0.5);
        let (mut left, mut cost) = (quantity, 0.0);
        while left > dust {
            let Some(lot) = market.position.lots.back_mut() else { break };
            let take = left.min(lot.quantity);
            cost += take * ((lot.price - price) * multiplier + lot.unit_fee + unit_fee);
            lot.quantity = market.spec.round_quantity(lot.quantity - take);
            left = market.spec.round_quantity(left - take);
            if lot.quantity <= dust {
                market.position.lots.pop_back();
            }
        }
        match market.position.lots.back_mut() {
            Some(lot) => lot.unit_fee += cost / lot.quantity,
            None => self.account.realized -= cost,
        }
    }
}
