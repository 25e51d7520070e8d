//! Single orders in the book (L3): resting, changing, canceling, and matching what comes in by price, then time.

use super::{OrderBook, Resting, Side, Source, marketable};

/// One match of an incoming order with a resting one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fill {
    /// Id of the resting order.
    pub maker: u64,
    /// Its price, in ticks.
    pub tick: i64,
    /// Lots traded.
    pub lots: i64,
}

/// What becomes of the part of an incoming limit order that finds no match at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remainder {
    /// It rests in the book (good till canceled).
    Rests,
    /// It is dropped (immediate or cancel).
    Dropped,
    /// There must be none, or nothing is matched at all (fill or kill).
    Forbidden,
}

impl OrderBook {
    /// The resting order of an id.
    pub fn order(&self, id: u64) -> Option<&Resting> {
        self.queues.get(id)
    }

    /// Number of resting orders.
    pub fn order_count(&self) -> usize {
        self.queues.len()
    }

    /// Rests an order behind the others at its price. It must not trade on arrival: `match_limit` is for those that may.
    pub fn add(&mut self, id: u64, side: Side, tick: i64, lots: i64) -> Result<(), String> {
        if self.would_trade(side, tick) {
            return Err(format!("order {id}: it would trade on arrival. Send it to match_limit"));
        }
        self.check_new(id, lots)?;
        self.rest(Resting { id, side, tick, lots });
        Ok(())
    }

    /// Changes an order's size and price. A smaller size at the same price keeps the place in the queue; any other change
    /// puts it last.
    pub fn modify(&mut self, id: u64, tick: i64, lots: i64) -> Result<(), String> {
        let order = *self.order(id).ok_or_else(|| unknown(id))?;
        if lots <= 0 {
            return Err(format!("order {id}: the new size must be positive. Use cancel to remove it"));
        }
        if tick == order.tick && lots <= order.lots {
            self.take(order, order.lots - lots);
        } else if tick != order.tick && self.would_trade(order.side, tick) {
            return Err(format!("order {id}: it would trade at its new price. Cancel it and send it to match_limit"));
        } else {
            self.take(order, order.lots);
            self.rest(Resting { tick, lots, ..order });
        }
        Ok(())
    }

    /// Removes an order.
    pub fn cancel(&mut self, id: u64) -> Result<Resting, String> {
        let order = *self.order(id).ok_or_else(|| unknown(id))?;
        self.take(order, order.lots);
        Ok(order)
    }

    /// Takes lots that traded off an order, as a venue's feed reports them; returns what is left of it.
    pub fn execute(&mut self, id: u64, lots: i64) -> Result<i64, String> {
        let order = *self.order(id).ok_or_else(|| unknown(id))?;
        if lots <= 0 || lots > order.lots {
            return Err(format!("order {id}: cannot execute {lots} lots of the {} that rest", order.lots));
        }
        self.take(order, lots);
        Ok(order.lots - lots)
    }

    /// Matches an incoming limit order by price, then time.
    pub fn match_limit(
        &mut self,
        id: u64,
        side: Side,
        tick: i64,
        lots: i64,
        remainder: Remainder,
    ) -> Result<Vec<Fill>, String> {
        self.check_new(id, lots)?;
        if remainder == Remainder::Forbidden && self.walk(side, lots, Some(tick)).lots < lots {
            return Ok(Vec::new());
        }
        let fills = self.fill(side, lots, Some(tick));
        let left = lots - fills.iter().map(|fill| fill.lots).sum::<i64>();
        if remainder == Remainder::Rests && left > 0 {
            self.rest(Resting { id, side, tick, lots: left });
        }
        Ok(fills)
    }

    /// Matches an incoming market order by price, then time, as far as the book goes.
    pub fn match_market(&mut self, side: Side, lots: i64) -> Result<Vec<Fill>, String> {
        self.claim(Source::Orders)?;
        if lots <= 0 {
            return Err("size: an order needs a positive size".to_owned());
        }
        Ok(self.fill(side, lots, None))
    }

    /// Orders and lots ahead of an order at its price.
    pub fn queue_position(&self, id: u64) -> Option<(usize, i64)> {
        let order = self.order(id)?;
        let ahead = self.queues.level(order.side, order.tick).take_while(|other| other.id != id);
        Some(ahead.fold((0, 0), |(orders, lots), other| (orders + 1, lots + other.lots)))
    }

    /// Whether an order of this side and price would trade on arrival.
    pub fn would_trade(&self, side: Side, tick: i64) -> bool {
        self.best(side.opposite()).is_some_and(|best| marketable(side, tick, best.tick))
    }

    fn fill(&mut self, taker: Side, lots: i64, limit: Option<i64>) -> Vec<Fill> {
        let maker_side = taker.opposite();
        let (mut left, mut fills) = (lots, Vec::new());
        while left > 0 {
            let Some(best) = self.best(maker_side) else { break };
            if limit.is_some_and(|limit| !marketable(taker, limit, best.tick)) {
                break;
            }
            let Some(maker) = self.queues.front(maker_side, best.tick) else { break };
            let filled = left.min(maker.lots);
            self.take(maker, filled);
            fills.push(Fill { maker: maker.id, tick: best.tick, lots: filled });
            left -= filled;
        }
        fills
    }

    fn check_new(&mut self, id: u64, lots: i64) -> Result<(), String> {
        self.claim(Source::Orders)?;
        if lots <= 0 {
            return Err(format!("order {id}: an order needs a positive size"));
        }
        if self.order(id).is_some() {
            return Err(format!("order {id}: the id is already in the book"));
        }
        Ok(())
    }

    fn rest(&mut self, order: Resting) {
        let level = self.lots_at(order.side, order.tick) + order.lots;
        self.ladder_mut(order.side).set(order.side.key(order.tick), level);
        self.queues.push(order);
    }

    fn take(&mut self, order: Resting, lots: i64) {
        let level = self.lots_at(order.side, order.tick) - lots;
        self.ladder_mut(order.side).set(order.side.key(order.tick), level);
        self.queues.reduce(order.id, lots);
    }
}

fn unknown(id: u64) -> String {
    format!("order {id}: no such order in the book")
}
