//! The order book: price-time priority, from level updates (L2) or from single orders (L3).
//!
//! Prices are whole ticks and sizes whole lots inside, so sums and comparisons are exact. `OrderBook` is the plain core
//! (levels, quotes, `walk`); `orders` adds resting orders and matching to it, `python` the Python face.

use serde::{Deserialize, Serialize};

mod batch;
mod grid;
mod ladder;
mod orders;
pub mod python;
mod queue;
mod sequence;

pub use grid::Grid;
pub use ladder::Ladder;
pub use orders::{Fill, Remainder};
pub use python::register;
pub use queue::{Queues, Resting};
pub use sequence::{Gap, Ids, Sequence, Verdict};

/// A side of the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Side {
    /// Resting buyers.
    Bid,
    /// Resting sellers.
    Ask,
}

impl Side {
    /// The side a taker of this side trades with.
    pub const fn opposite(self) -> Side {
        match self {
            Side::Bid => Side::Ask,
            Side::Ask => Side::Bid,
        }
    }

    /// Key of a tick in this side's ladder, and the tick of a key: the better the price, the higher the key.
    #[inline]
    const fn key(self, tick: i64) -> i64 {
        match self {
            Side::Bid => tick,
            Side::Ask => -tick,
        }
    }
}

/// One price level, in ticks and lots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level {
    /// Price in ticks.
    pub tick: i64,
    /// Size in lots.
    pub lots: i64,
}

/// What a taker would get.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Walk {
    /// Lots filled.
    pub lots: i64,
    /// Average price in ticks; NaN when nothing fills.
    pub average_tick: f64,
    /// Levels touched.
    pub levels: usize,
}

/// Where a book's levels come from: the two do not mix, for a level update cannot say whose order changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
enum Source {
    #[default]
    Open,
    Levels,
    Orders,
}

/// A price-time priority order book.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OrderBook {
    prices: Grid,
    sizes: Grid,
    bids: Ladder,
    asks: Ladder,
    queues: Queues,
    source: Source,
    /// Update ids of the diff stream it follows.
    pub sequence: Sequence,
}

impl OrderBook {
    /// An empty book; the error names a step that is not positive.
    pub fn new(tick_size: f64, lot_size: f64) -> Result<OrderBook, String> {
        let grid = |name: &str, step: f64| Grid::new(step).ok_or(format!("{name}: {step} is not a positive number"));
        Ok(OrderBook {
            prices: grid("tick_size", tick_size)?,
            sizes: grid("lot_size", lot_size)?,
            bids: Ladder::default(),
            asks: Ladder::default(),
            queues: Queues::default(),
            source: Source::Open,
            sequence: Sequence::default(),
        })
    }

    /// Grid of the prices.
    pub const fn prices(&self) -> &Grid {
        &self.prices
    }

    /// Grid of the sizes.
    pub const fn sizes(&self) -> &Grid {
        &self.sizes
    }

    /// Ticks of a price.
    #[inline]
    pub fn tick(&self, price: f64) -> Result<i64, String> {
        self.prices
            .steps(price)
            .ok_or_else(|| format!("price: {price} is not a multiple of the tick size {}", self.prices.step()))
    }

    /// Lots of a size, which may be 0.
    #[inline]
    pub fn lots(&self, size: f64) -> Result<i64, String> {
        match self.sizes.steps(size) {
            Some(lots) if lots >= 0 => Ok(lots),
            Some(_) => Err(format!("size: {size} is negative")),
            None => Err(format!("size: {size} is not a multiple of the lot size {}", self.sizes.step())),
        }
    }

    /// Replaces the whole book by a snapshot as of update id `sequence`.
    pub fn apply_snapshot(&mut self, bids: &[(f64, f64)], asks: &[(f64, f64)], sequence: i64) -> Result<(), String> {
        let bids = self.keyed(Side::Bid, bids)?;
        let asks = self.keyed(Side::Ask, asks)?;
        self.bids.fill(&bids);
        self.asks.fill(&asks);
        self.queues = Queues::default();
        self.source = Source::Levels;
        self.sequence = Sequence::at_snapshot(sequence);
        Ok(())
    }

    /// Sets the size of one level; 0 removes it.
    pub fn apply(&mut self, side: Side, price: f64, size: f64) -> Result<(), String> {
        self.claim(Source::Levels)?;
        self.set_level(side, price, size)
    }

    /// Sets many levels; `sides` is +1 for a bid and -1 for an ask. Stops at the first bad row, which the error names.
    pub fn apply_levels(&mut self, sides: &[i8], prices: &[f64], sizes: &[f64], offset: usize) -> Result<(), String> {
        self.claim(Source::Levels)?;
        for (row, ((&side, &price), &size)) in sides.iter().zip(prices).zip(sizes).enumerate() {
            let side = match side {
                1 => Ok(Side::Bid),
                -1 => Ok(Side::Ask),
                other => Err(format!("side: {other} is neither 1 (bid) nor -1 (ask)")),
            };
            side.and_then(|side| self.set_level(side, price, size))
                .map_err(|fact| format!("row {}: {fact}", offset + row))?;
        }
        Ok(())
    }

    /// Best level of a side.
    #[inline]
    pub fn best(&self, side: Side) -> Option<Level> {
        self.ladder(side).best().map(|(key, lots)| Level { tick: side.key(key), lots })
    }

    /// Levels of a side, best first.
    pub fn levels(&self, side: Side) -> impl Iterator<Item = Level> + '_ {
        self.ladder(side).levels().map(move |(key, lots)| Level { tick: side.key(key), lots })
    }

    /// Number of levels of a side.
    pub fn level_count(&self, side: Side) -> usize {
        self.ladder(side).len()
    }

    /// Lots at a price; 0 where there is no level.
    pub fn lots_at(&self, side: Side, tick: i64) -> i64 {
        self.ladder(side).get(side.key(tick))
    }

    /// Halfway between best bid and best ask, in ticks.
    pub fn mid_tick(&self) -> Option<f64> {
        Some((self.best(Side::Bid)?.tick + self.best(Side::Ask)?.tick) as f64 / 2.0)
    }

    /// Best ask less best bid, in ticks; negative in a crossed book.
    pub fn spread_ticks(&self) -> Option<i64> {
        Some(self.best(Side::Ask)?.tick - self.best(Side::Bid)?.tick)
    }

    /// Mid weighted by the size of the opposite side, in ticks: near the ask when bids are the larger.
    ///
    /// (bid x ask size + ask x bid size) / (bid size + ask size). Gatheral and Oomen (2010), Zero-intelligence realized
    /// variance estimation, Finance and Stochastics 14, section 2.
    pub fn microprice_tick(&self) -> Option<f64> {
        let (bid, ask) = (self.best(Side::Bid)?, self.best(Side::Ask)?);
        let (bid_lots, ask_lots) = (bid.lots as f64, ask.lots as f64);
        Some((bid.tick as f64 * ask_lots + ask.tick as f64 * bid_lots) / (bid_lots + ask_lots))
    }

    /// What a taker of `lots` would get, no worse than `limit`; the book stays as it is.
    pub fn walk(&self, taker: Side, lots: i64, limit: Option<i64>) -> Walk {
        let (mut left, mut value, mut levels) = (lots, 0i128, 0);
        for level in self.levels(taker.opposite()) {
            if left <= 0 || limit.is_some_and(|limit| !marketable(taker, limit, level.tick)) {
                break;
            }
            let filled = left.min(level.lots);
            left -= filled;
            value += i128::from(level.tick) * i128::from(filled);
            levels += 1;
        }
        let filled = lots - left;
        let average_tick = if filled > 0 { value as f64 / filled as f64 } else { f64::NAN };
        Walk { lots: filled, average_tick, levels }
    }

    #[inline]
    fn set_level(&mut self, side: Side, price: f64, size: f64) -> Result<(), String> {
        let (tick, lots) = (self.tick(price)?, self.lots(size)?);
        self.ladder_mut(side).set(side.key(tick), lots);
        Ok(())
    }

    fn keyed(&self, side: Side, levels: &[(f64, f64)]) -> Result<Vec<(i64, i64)>, String> {
        levels.iter().map(|&(price, size)| Ok((side.key(self.tick(price)?), self.lots(size)?))).collect()
    }

    fn claim(&mut self, source: Source) -> Result<(), String> {
        match (self.source, source) {
            (Source::Open, _) => self.source = source,
            (Source::Orders, Source::Levels) => {
                return Err("book: it holds single orders, which level updates would contradict".to_owned());
            }
            (Source::Levels, Source::Orders) => {
                return Err("book: it holds level sizes, among which single orders have no place".to_owned());
            }
            _ => {}
        }
        Ok(())
    }

    const fn ladder(&self, side: Side) -> &Ladder {
        match side {
            Side::Bid => &self.bids,
            Side::Ask => &self.asks,
        }
    }

    const fn ladder_mut(&mut self, side: Side) -> &mut Ladder {
        match side {
            Side::Bid => &mut self.bids,
            Side::Ask => &mut self.asks,
        }
    }
}

/// Whether a taker with this limit trades at this price.
const fn marketable(taker: Side, limit: i64, tick: i64) -> bool {
    match taker {
        Side::Bid => tick <= limit,
        Side::Ask => tick >= limit,
    }
}

#[cfg(test)]
mod tests;
