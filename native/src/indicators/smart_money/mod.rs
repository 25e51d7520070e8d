//! Smart money concepts: swings, breaks of structure, order blocks, fair value gaps, liquidity, retracements.
//!
//! Definitions are those of the Python package smartmoneyconcepts 0.0.27 (Joshua Attridge, MIT licence), which marks a
//! structure at its own bar, though later bars had to be seen. Here a bar is taken at a time and every structure is a fact with
//! the bar from which it was knowable; the facts known at a bar, less those superseded by then, are what the package shows
//! of the bars up to it.

mod bars;
mod blocks;
mod breaks;
mod facts;
mod gaps;
mod kernels;
mod ladder;
mod liquidity;
mod periods;
mod retracement;
mod structures;
mod swings;
mod tracker;

pub use kernels::build;
pub use structures::register;
