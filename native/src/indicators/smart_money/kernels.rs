//! What a strategy reads of the structures at each bar: only what is known there.

use crate::indicators::kernel::{Adapter, Kernel, Runner};

use super::bars::{Bar, History, Side};
use super::blocks::Blocks;
use super::breaks::Breaks;
use super::facts::{Event, Fact, Facts, Kind};
use super::gaps::Gaps;
use super::liquidity::{Liquidity, Reach};
use super::periods::{PreviousRange, Session};
use super::retracement::KnownLeg;
use super::swings::{Change, Swings};
use super::tracker::{Followed, Moment, SwingFacts, Tracker};

/// Inputs of the kernels that follow structures: open time, open, high, low, close, volume.
const BAR: usize = 6;

fn bar([time, open, high, low, close, volume]: [f64; BAR]) -> Bar {
    Bar { time, open, high, low, close, volume }
}

/// What is shown of a tracker at a bar.
trait View<const OUT: usize>: Tracker {
    /// Values at bar `now`; structures that began before `since` are no longer shown.
    fn view(&mut self, facts: &Facts, now: usize, since: usize) -> [f64; OUT];
}

/// A tracker as an indicator.
struct Shown<T> {
    make: Box<dyn Fn() -> T + Send + Sync>,
    length: usize,
    lookback: usize,
    age: usize,
    followed: Followed<T>,
}

impl<T: Tracker> Shown<T> {
    /// On swings of `length` bars; structures are shown for `age` bars.
    fn new(length: usize, lookback: usize, age: usize, make: impl Fn() -> T + Send + Sync + 'static) -> Self {
        let followed = Followed::new(Swings::new(length, false), make());
        Self { make: Box::new(make), length, lookback, age, followed }
    }
}

impl<T: View<OUT> + Send + Sync + 'static, const OUT: usize> Kernel<BAR, OUT> for Shown<T> {
    fn lookback(&self) -> usize {
        self.lookback
    }

    fn reset(&mut self) {
        self.followed = Followed::new(Swings::new(self.length, false), (self.make)());
    }

    fn step(&mut self, inputs: [f64; BAR]) -> [f64; OUT] {
        self.followed.step(bar(inputs));
        let now = self.followed.now.unwrap_or_default();
        self.followed.tracker.view(&self.followed.facts, now, now.saturating_sub(self.age))
    }
}

fn level(fact: Option<&Fact>) -> [f64; 2] {
    fact.map_or([f64::NAN; 2], |fact| [fact.top, fact.time])
}

fn zone(fact: Option<&Fact>) -> [f64; 4] {
    fact.map_or([f64::NAN; 4], |fact| [fact.top, fact.bottom, fact.time, fact.strength])
}

/// Last swing high and its time, last swing low and its time.
impl View<4> for SwingFacts {
    fn view(&mut self, facts: &Facts, _: usize, _: usize) -> [f64; 4] {
        let ([high, high_time], [low, low_time]) =
            (level(self.latest(facts, Side::Up)), level(self.latest(facts, Side::Down)));
        [high, high_time, low, low_time]
    }
}

/// Trend, break and change of this bar, and the level and time of the latest line passed.
impl View<5> for Breaks {
    fn view(&mut self, facts: &Facts, now: usize, _: usize) -> [f64; 5] {
        let Some(fact) = self.latest(facts) else { return [f64::NAN, 0.0, 0.0, f64::NAN, f64::NAN] };
        let sign = fact.side.sign();
        let event = |kind| if fact.known_at == now && fact.kind == kind { sign } else { 0.0 };
        [sign, event(Kind::BreakOfStructure), event(Kind::ChangeOfCharacter), fact.top, fact.time]
    }
}

/// Top, bottom, time and strength of the nearest bullish block, and of the nearest bearish one.
impl View<8> for (Blocks, Blocks) {
    fn view(&mut self, facts: &Facts, _: usize, since: usize) -> [f64; 8] {
        let ([a, b, c, d], [e, f, g, h]) = (zone(self.0.nearest(facts, since)), zone(self.1.nearest(facts, since)));
        [a, b, c, d, e, f, g, h]
    }
}

/// Top, bottom and time of the nearest bullish gap, and of the nearest bearish one.
impl View<6> for Gaps {
    fn view(&mut self, facts: &Facts, _: usize, since: usize) -> [f64; 6] {
        let ([a, b, c, _], [d, e, f, _]) =
            (zone(self.nearest(facts, Side::Up, since)), zone(self.nearest(facts, Side::Down, since)));
        [a, b, c, d, e, f]
    }
}

/// The levels of both sides, and the latest of each that was swept: the bar, its time and the level.
struct Pools {
    levels: (Liquidity, Liquidity),
    swept: [Option<(usize, [f64; 2])>; 2],
}

impl Tracker for Pools {
    fn change(&mut self, moment: Moment<'_>, change: &Change, facts: &mut Facts) {
        self.levels.change(moment, change, facts);
    }

    fn bar(&mut self, moment: Moment<'_>, facts: &mut Facts) {
        self.levels.bar(moment, facts);
        for &(id, event) in &facts.news {
            let fact = &facts.rows[id];
            if event == Event::Mitigated && fact.mitigated_at == Some(moment.now) {
                self.swept[fact.side as usize] = Some((moment.now, [fact.top, moment.bar.time]));
            }
        }
    }

    fn oldest(&self, now: usize) -> usize {
        self.levels.oldest(now)
    }
}

/// Nearest level above and its time, the same below; the last level swept above and when, the same below.
impl View<8> for Pools {
    fn view(&mut self, facts: &Facts, _: usize, since: usize) -> [f64; 8] {
        let (above, below) = (&self.levels.0, &self.levels.1);
        let ([a, b], [c, d]) = (level(above.nearest(facts, since)), level(below.nearest(facts, since)));
        let swept = self.swept.map(|swept| swept.filter(|&(at, _)| at >= since));
        let [[e, f], [g, h]] = swept.map(|swept| swept.map_or([f64::NAN; 2], |(_, values)| values));
        [a, b, c, d, e, f, g, h]
    }
}

/// Direction, present and deepest retracement of the leg between the latest swings.
struct Retracement {
    swings: Swings,
    history: History,
    leg: KnownLeg,
}

impl Retracement {
    fn new(length: usize) -> Self {
        Self { swings: Swings::new(length, false), history: History::default(), leg: KnownLeg::default() }
    }
}

impl Kernel<BAR, 3> for Retracement {
    fn lookback(&self) -> usize {
        Swings::lookback(self.swings.length())
    }

    fn reset(&mut self) {
        *self = Self::new(self.swings.length());
    }

    fn step(&mut self, inputs: [f64; BAR]) -> [f64; 3] {
        let bar = bar(inputs);
        let now = self.history.push(bar);
        let [_, change] = self.swings.step(now, &bar);
        self.leg.step(now, &bar, change.as_ref(), &self.history);
        self.history.forget_before(now.saturating_sub(self.swings.length()));
        self.leg.values()
    }
}

/// The kernel of that name, or none if the name or its parameters are unknown.
pub fn build(name: &str, params: &[f64]) -> Option<Box<dyn Runner>> {
    let count = |value: f64| (value >= 1.0 && value.fract() == 0.0).then_some(value as usize);
    Some(match (name, params) {
        ("swings", &[length]) => {
            let length = count(length)?;
            Adapter::boxed(Shown::new(length, Swings::lookback(length), 0, SwingFacts::default))
        }
        ("structure", &[length, by_close]) => {
            let length = count(length)?;
            Adapter::boxed(Shown::new(length, Swings::lookback(length), 0, move || Breaks::new(by_close != 0.0)))
        }
        ("order_blocks", &[length, by_close, age]) => {
            let (length, by_close) = (count(length)?, by_close != 0.0);
            let make = move || (Blocks::new(Side::Up, by_close), Blocks::new(Side::Down, by_close));
            Adapter::boxed(Shown::new(length, Swings::lookback(length), count(age)?, make))
        }
        ("gaps", &[joins, age]) => Adapter::boxed(Shown::new(1, 2, count(age)?, move || Gaps::new(joins != 0.0))),
        ("liquidity", &[length, share, age]) => {
            let (length, bars) = (count(length)?, count(age)?);
            let make = move || {
                let levels =
                    [Side::Up, Side::Down].map(|side| Liquidity::new(side, Reach::Recent { share, bars }, length));
                let [above, below] = levels;
                Pools { levels: (above, below), swept: [None; 2] }
            };
            Adapter::boxed(Shown::new(length, Swings::lookback(length), bars, make))
        }
        ("retracement", &[length]) => Adapter::boxed(Retracement::new(count(length)?)),
        ("session_range", &[start, end]) => Adapter::boxed(Session::new(start, end)),
        ("previous_range", &[]) => Adapter::boxed(PreviousRange::new()),
        _ => return None,
    })
}
