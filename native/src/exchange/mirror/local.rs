//! Orders of types that the broker cannot hold: they wait for their price here and go out as market orders.

use crate::exchange::Exchange;
use crate::exchange::matching::Touch;
use crate::order::{OrderState, Place};

impl Exchange {
    /// Keeps an order here that the broker cannot hold; `touched` says when its price has come.
    pub fn keep_here(&mut self, id: u32) {
        if let Some(mirror) = &mut self.mirror {
            mirror.local.insert(id);
            self.orders[id as usize].state = OrderState::Initialized;
        }
    }

    /// Sends, as market orders, those kept here whose price lies in a range that the market has passed; trailing ones follow.
    pub fn touched(&mut self, i: usize, high: f64, low: f64) -> Vec<u32> {
        let Some(mirror) = &self.mirror else { return Vec::new() };
        let here: Vec<u32> = mirror.local.iter().copied().collect();
        let mut fired = Vec::new();
        for id in here {
            let order = &self.orders[id as usize];
            let met = match order.place {
                Place::Up => order.key <= high,
                Place::Down => order.key >= low,
                _ => false,
            };
            if order.intent.instrument as usize != i || !met {
                continue;
            }
            if order.waits_to_trail() {
                let start = order.intent.price;
                self.start_trailing(id, start);
                continue;
            }
            self.orders[id as usize].triggered = true;
            self.place(id, Place::Queue, 0.0);
            self.dispatch(id);
            fired.push(id);
        }
        self.follow(i, Touch { bid: high, ask: low });
        fired
    }

    /// Whether an order waits for its price here, or has left as a market order after it did.
    pub fn is_local(&self, id: u32) -> bool {
        self.mirror.as_ref().is_some_and(|mirror| mirror.local.contains(&id))
    }
}
