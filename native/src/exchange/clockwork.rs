//! What time brings: sessions, expiry, funding, borrow fees.

use super::{DAY, Exchange};
use crate::order::{OrderState, Place, Reason, TimeInForce};

impl Exchange {
    /// Before a step of [ts, end): what has come due since the last one.
    #[inline]
    pub(super) fn before_step(&mut self, i: usize, ts: i64, end: i64, price: f64) {
        let market = &mut self.markets[i];
        if !market.spec.sessions.is_empty() {
            market.is_open = market.in_session(ts, end);
        }
        if market.funding_next < market.funding.len() && market.funding[market.funding_next].ts <= ts {
            self.pay_funding(i, ts, price);
        }
        if self.markets[i].spec.borrow_rate > 0.0 {
            self.pay_borrow(i, ts);
        }
        if !self.markets[i].expiring.is_empty() {
            self.expire(i, ts, end);
        }
    }

    /// After a step: funding that fell inside it.
    #[inline]
    pub(super) fn after_step(&mut self, i: usize, end: i64) {
        let market = &self.markets[i];
        if market.funding_next < market.funding.len() && market.funding[market.funding_next].ts < end {
            let price = market.last;
            self.pay_funding(i, end - 1, price);
        }
        self.markets[i].attend();
    }

    /// Funding due up to `ts`: longs pay rate x value when the rate is positive, shorts receive it.
    fn pay_funding(&mut self, i: usize, ts: i64, price: f64) {
        let market = &mut self.markets[i];
        while let Some(funding) = market.funding.get(market.funding_next).filter(|funding| funding.ts <= ts) {
            let mark = if funding.mark.is_nan() { price } else { funding.mark };
            if market.position.quantity != 0.0 {
                let paid = market.value_at(mark) * funding.rate;
                self.account.cash -= paid;
                self.account.funding += paid;
                self.slack = f64::NAN;
            }
            market.funding_next += 1;
        }
    }

    /// Borrow fee of a short for the nights since the last step: value x annual rate / 365 each.
    fn pay_borrow(&mut self, i: usize, ts: i64) {
        let day = ts.div_euclid(DAY);
        let market = &mut self.markets[i];
        let nights = if market.day == i64::MIN { 0 } else { day - market.day };
        market.day = day;
        if nights > 0 && market.position.quantity < 0.0 {
            let fee = market.value_at(market.last).abs() * market.spec.borrow_rate / 365.0 * nights as f64;
            self.account.cash -= fee;
            self.account.borrow += fee;
            self.slack = f64::NAN;
        }
    }

    /// DAY orders last through the trading day of their first step, GTD orders until their time: they go before the bar that
    /// contains it, since nobody knows what of the bar came earlier.
    fn expire(&mut self, i: usize, ts: i64, end: i64) {
        let is_open = self.markets[i].is_open;
        let day_end = self.markets[i].day_end(ts);
        for id in self.markets[i].expiring.clone() {
            let order = &mut self.orders[id as usize];
            if order.place == Place::Gone {
                continue;
            }
            if order.intent.tif == TimeInForce::Day && order.intent.expire_ts == i64::MAX && is_open {
                order.intent.expire_ts = day_end;
            }
            let dated = order.intent.tif == TimeInForce::Gtd && end > order.intent.expire_ts;
            if dated || ts >= order.intent.expire_ts {
                self.finish(id, OrderState::Expired, Reason::TimeInForce);
            }
        }
        let orders = &self.orders;
        self.markets[i].expiring.retain(|&id| orders[id as usize].place != Place::Gone);
    }
}
