//! Update ids of a diff stream: which message to skip, apply or refuse.
//!
//! Binance, "How to manage a local order book correctly". Futures name the id before a message (`pu`); spot messages
//! follow when the first id is one past the last applied.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Ids of one diff message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ids {
    /// First id in the message (`U`).
    pub first: i64,
    /// Last id in the message (`u`).
    pub last: i64,
    /// Last id of the message before (`pu`), where the venue gives it.
    pub previous: Option<i64>,
}

/// How far the book has come in its stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sequence {
    /// Last id in the book; None before a snapshot.
    pub last: Option<i64>,
    /// False until the first message after the snapshot was applied: it may straddle the snapshot.
    joined: bool,
}

/// What to do with a message that is no gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It follows: apply it.
    Apply,
    /// The book already holds it: skip it.
    Stale,
}

/// A message that cannot follow: something between was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    ids: Ids,
    book: Option<i64>,
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ids { first, last, previous } = self.ids;
        match (self.book, previous) {
            (None, _) => write!(f, "sequence: update {first}..{last} came before a snapshot. Apply a snapshot first"),
            (Some(book), Some(previous)) => write!(
                f,
                "sequence: update {first}..{last} follows {previous}, but the book is at {book}. Take a new snapshot"
            ),
            (Some(book), None) => write!(
                f,
                "sequence: update {first}..{last} does not follow {book}, where the book is. Take a new snapshot"
            ),
        }
    }
}

impl Sequence {
    /// The sequence right after a snapshot.
    pub const fn at_snapshot(last: i64) -> Sequence {
        Sequence { last: Some(last), joined: false }
    }

    /// Whether a message follows, is stale, or leaves a gap.
    pub fn check(&self, ids: Ids) -> Result<Verdict, Gap> {
        let gap = Gap { ids, book: self.last };
        let last = self.last.ok_or(gap)?;
        let stale = match ids.previous {
            // Futures: the message that ends exactly at the snapshot is still the one to join with.
            Some(_) if !self.joined => ids.last < last,
            _ => ids.last <= last,
        };
        if stale {
            return Ok(Verdict::Stale);
        }
        let follows = match ids.previous {
            Some(previous) if self.joined => previous == last,
            // The documentation asks for U <= snapshot, but ids skip: nothing is lost as soon as pu <= snapshot.
            Some(previous) => previous <= last,
            None if self.joined => ids.first == last + 1,
            None => ids.first <= last + 1,
        };
        if follows { Ok(Verdict::Apply) } else { Err(gap) }
    }

    /// Notes that a message was applied.
    pub const fn advance(&mut self, ids: Ids) {
        self.last = Some(ids.last);
        self.joined = true;
    }
}

#[cfg(test)]
mod tests {
    use super::{Ids, Sequence, Verdict};

    const fn futures(first: i64, last: i64, previous: i64) -> Ids {
        Ids { first, last, previous: Some(previous) }
    }

    const fn spot(first: i64, last: i64) -> Ids {
        Ids { first, last, previous: None }
    }

    #[test]
    fn futures_skip_the_stale_join_the_straddling_and_follow_the_previous_id() {
        let mut sequence = Sequence::at_snapshot(100);
        assert_eq!(sequence.check(futures(80, 99, 79)), Ok(Verdict::Stale));
        assert_eq!(sequence.check(futures(90, 105, 89)), Ok(Verdict::Apply));
        sequence.advance(futures(90, 105, 89));
        assert_eq!(sequence.check(futures(120, 130, 105)), Ok(Verdict::Apply));
        assert!(sequence.check(futures(120, 130, 110)).is_err());
        assert_eq!(sequence.check(futures(90, 105, 89)), Ok(Verdict::Stale));
    }

    #[test]
    fn the_first_message_after_a_snapshot_must_reach_back_to_it() {
        assert!(Sequence::at_snapshot(100).check(futures(110, 120, 105)).is_err());
        assert!(Sequence::at_snapshot(100).check(spot(102, 120)).is_err());
        assert_eq!(Sequence::at_snapshot(100).check(spot(101, 120)), Ok(Verdict::Apply));
    }

    #[test]
    fn spot_messages_follow_by_one() {
        let mut sequence = Sequence::at_snapshot(100);
        assert_eq!(sequence.check(spot(90, 100)), Ok(Verdict::Stale));
        sequence.advance(spot(95, 103));
        assert_eq!(sequence.check(spot(104, 110)), Ok(Verdict::Apply));
        assert!(sequence.check(spot(105, 110)).is_err());
    }

    #[test]
    fn gaps_say_what_was_lost_and_what_to_do() {
        let mut sequence = Sequence::default();
        let text = sequence.check(spot(1, 2)).unwrap_err().to_string();
        assert_eq!(text, "sequence: update 1..2 came before a snapshot. Apply a snapshot first");
        sequence.advance(spot(1, 2));
        let text = sequence.check(futures(9, 12, 8)).unwrap_err().to_string();
        assert_eq!(text, "sequence: update 9..12 follows 8, but the book is at 2. Take a new snapshot");
    }
}
