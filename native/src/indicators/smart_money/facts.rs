//! Facts: structures with the bar from which each was knowable, and what became of them.

use super::bars::Side;

/// What a fact is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Swing,
    BreakOfStructure,
    ChangeOfCharacter,
    OrderBlock,
    FairValueGap,
    Liquidity,
}

/// What became known at a bar.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event {
    /// The fact itself.
    Known,
    /// The price came back to it (a gap, a block), or swept it (liquidity).
    Mitigated,
    /// A mitigated block was passed the other way.
    Ended,
    /// Later bars put another in its place.
    Superseded,
}

/// One structure. Bars are given by number.
#[derive(Clone, Copy)]
pub struct Fact {
    pub kind: Kind,
    pub side: Side,
    /// The bar a chart draws it from, and that bar's open time.
    pub start: usize,
    pub time: f64,
    /// The bar that completed it: of a break, a block, a gap or the last swing of a liquidity level.
    pub end: usize,
    pub top: f64,
    pub bottom: f64,
    /// Of an order block; nan elsewhere.
    pub volume: f64,
    pub strength: f64,
    pub known_at: usize,
    pub mitigated_at: Option<usize>,
    pub ended_at: Option<usize>,
    pub superseded_at: Option<usize>,
}

impl Fact {
    /// A fact about one price.
    pub fn level(kind: Kind, side: Side, (start, time): (usize, f64), end: usize, level: f64, known_at: usize) -> Self {
        Self {
            kind,
            side,
            start,
            time,
            end,
            top: level,
            bottom: level,
            volume: f64::NAN,
            strength: f64::NAN,
            known_at,
            mitigated_at: None,
            ended_at: None,
            superseded_at: None,
        }
    }

    /// A fact about the prices between two, given as they look from its side.
    pub fn zone(mut self, top: f64, bottom: f64) -> Self {
        (self.top, self.bottom) = match self.side {
            Side::Up => (top, bottom),
            Side::Down => (-bottom, -top),
        };
        self
    }
}

/// Every fact so far in the order in which they became known, and the news of the present bar.
#[derive(Default)]
pub struct Facts {
    pub rows: Vec<Fact>,
    pub news: Vec<(usize, Event)>,
}

impl Facts {
    /// Takes a fact that has become known; its number.
    pub fn add(&mut self, fact: Fact) -> usize {
        self.rows.push(fact);
        self.news.push((self.rows.len() - 1, Event::Known));
        self.rows.len() - 1
    }

    /// The price came back to it, or swept it, at a bar.
    pub fn mitigate(&mut self, id: usize, at: usize) {
        self.rows[id].mitigated_at = Some(at);
        self.news.push((id, Event::Mitigated));
    }

    /// It was passed the other way at a bar.
    pub fn end(&mut self, id: usize, at: usize) {
        self.rows[id].ended_at = Some(at);
        self.news.push((id, Event::Ended));
    }

    /// It no longer holds from the present bar on.
    pub fn supersede(&mut self, id: usize, now: usize) {
        self.rows[id].superseded_at = Some(now);
        self.news.push((id, Event::Superseded));
    }
}
