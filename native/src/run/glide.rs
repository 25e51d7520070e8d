//! Bars on which nothing can happen, taken in one tight loop.
//!
//! Between its events a run over one instrument only marks the account. `glide` does that until a bar touches an order
//! or a liquidation price, time brings something, or the rules speak; the general path takes over there.

use super::Progress;
use super::data::MarketData;
use crate::exchange::Exchange;

/// Walks quiet bars of a run over one instrument up to `stop`; stops after a bar that is the first of `words`,
/// the bars still to come on which the rules speak.
pub(super) fn glide(
    exchange: &mut Exchange,
    data: &MarketData,
    words: &[u32],
    progress: &mut Progress,
    curve: &mut [f64],
    stop: usize,
) -> bool {
    let Some(quiet) = exchange.quiet_range(0) else { return false };
    let start = progress.step;
    if start >= stop {
        return false;
    }
    let stop = if quiet.until == i64::MAX { stop } else { data.first_after(quiet.until, start, stop) };
    let mut coming = words.iter().map(|&index| index as usize);
    let spoken = coming.next().filter(|&index| index < stop);
    let end = spoken.map_or(stop, |index| index + 1);
    // The bars around the rules' next words lie far apart in memory: ask for them while there is other work.
    if let Some(after) = coming.next() {
        data.prefetch(after + 1);
    }
    let rises = || data.high()[start..end].iter().position(|&high| high >= quiet.up);
    let falls = || data.low()[start..end].iter().position(|&low| low <= quiet.down);
    let stirred = [quiet.up.is_finite().then(rises).flatten(), quiet.down.is_finite().then(falls).flatten()];
    let done = stirred.into_iter().flatten().min().unwrap_or(end - start);
    let spoke = spoken.is_some() && start + done == end;
    let (cash, units) = (exchange.account.cash, quiet.units);
    if units == 0.0 {
        curve[start..start + done].fill(cash);
    } else {
        for (equity, close) in curve[start..start + done].iter_mut().zip(&data.close()[start..]) {
            *equity = cash + units * close;
        }
    }
    if done > 0 {
        let last = start + done - 1;
        exchange.pass_quietly(0, done as u64, data.close()[last], data.close_ts(last));
        progress.step += done;
        progress.next[0] = progress.step;
    }
    spoke
}
