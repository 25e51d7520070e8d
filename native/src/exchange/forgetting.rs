//! Forgetting what has ended, so that an account that is kept for months takes no more memory than what is under way.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Exchange, tag};
use crate::order::Place;

/// Trades that are no longer kept, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PastTrades {
    /// How many there were.
    pub count: usize,
    /// How many of them made money.
    pub wins: usize,
}

impl Exchange {
    /// Forgets orders that ended before a time, with their fills and trades, once there are twice as many as the newest
    /// `keep`, which stay; false where it is too early. Fills from number `told` on, of which nobody has heard, stay too.
    ///
    /// An order is needed as long as it works, a position rests on it, or its parent is needed: no exit of a position gets
    /// the name of an earlier one.
    pub fn forget(&mut self, keep: usize, ended_before: i64, told: usize) -> bool {
        let is_large = self.orders.kept().1 >= 2 * keep || self.fills.kept().1 >= 2 * keep;
        if !is_large || !self.events.is_empty() || !self.opened.is_empty() {
            return false;
        }
        let mut needed: BTreeSet<u32> = self.fills.since(told).map(|(_, fill)| fill.order).collect();
        needed.extend(self.markets.iter().flat_map(|market| market.position.lots.iter().map(|lot| lot.order)));
        self.orders.forget(self.orders.len().saturating_sub(keep), |id, order| {
            let works = order.place != Place::Gone || !order.state.is_final();
            let is_needed = works || order.final_ts >= ended_before || needed.contains(&order.intent.parent);
            if is_needed {
                needed.insert(id as u32);
            }
            is_needed || needed.contains(&(id as u32))
        });
        self.fills.forget(self.fills.len().saturating_sub(keep).min(told), |_, _| false);
        let past = &mut self.past_trades;
        self.trades.forget(self.trades.len().saturating_sub(keep), |_, trade| {
            past.count += 1;
            past.wins += usize::from(trade.pnl > 0.0);
            false
        });
        self.forget_links();
        true
    }

    /// Forgets what hung on orders that are no longer there.
    fn forget_links(&mut self) {
        let orders = &self.orders;
        let is_known = |id: u32| orders.contains(id as usize);
        let used: BTreeSet<usize> =
            orders.iter().flat_map(|(_, order)| [order.group as usize, order.legs as usize]).collect();
        self.groups.forget(self.groups.len(), |group, _| used.contains(&group));
        self.groups.iter_mut().for_each(|group| group.retain(|&id| is_known(id)));
        self.named_groups.retain(|_, group| used.contains(&(*group as usize)));
        self.children.retain(|&parent, _| is_known(parent));
        let mut tags: BTreeSet<usize> = orders.iter().map(|(_, order)| order.intent.tag as usize).collect();
        tags.extend(self.trades.iter().map(|(_, trade)| trade.tag as usize));
        self.tags.forget(self.tags.len(), |index, _| index < tag::OWN.len() || tags.contains(&index));
        self.tag_index.clear();
        for market in &mut self.markets {
            market.expiring.retain(|&id| is_known(id));
        }
        if let Some(mirror) = &mut self.mirror {
            mirror.forget(is_known, self.fills.len());
        }
    }

    /// Trades closed so far, and those of them that made money.
    pub fn closed_trades(&self) -> PastTrades {
        let wins = self.trades.iter().filter(|(_, trade)| trade.pnl > 0.0).count();
        PastTrades { count: self.trades.len(), wins: self.past_trades.wins + wins }
    }
}
