//! The account as a broker's reports tell it: the orders live at the broker, and nothing is matched here.
//!
//! What is submitted or cancelled waits in an outbox until it is sent; what the broker reports is booked by the code that
//! books simulated fills (`reports`). An order that was sent and not answered keeps its margin and counts in every limit.
//! `local` keeps the orders that the broker cannot hold, `bare` puts back stops and targets that are gone,
//! `commission` takes the coins of fees.

mod bare;
mod commission;
mod local;
mod reports;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};

use super::{Exchange, tag};
use crate::order::{Intent, NONE, OrderState, Place, Reason};

pub use reports::CashFlow;

/// Something to tell the broker about an order.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Outgoing {
    /// Send it.
    Submit(u32),
    /// Take it back.
    Cancel(u32),
    /// Its quantity is another than the broker's.
    Resize(u32),
}

/// What an account kept from reports has beside the exchange.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Mirror {
    /// Exits of an entry live at the broker from its fill on, without orders of their own being sent.
    attaches_exits: bool,
    /// The broker knows which orders wait for another's fill, and which cancel one another.
    links_orders: bool,
    /// What to tell the broker, in order.
    pub outbox: Vec<Outgoing>,
    /// Orders that are named otherwise than by run and number: exits, and orders we never sent.
    names: BTreeMap<String, u32>,
    labels: BTreeMap<u32, String>,
    /// Exits that the broker makes of their entry by itself.
    attached: BTreeSet<u32>,
    /// Orders that were given to such a broker with their parent or partners.
    linked: BTreeSet<u32>,
    /// Orders that the broker cannot hold: they wait for their price here and go out as market orders.
    pub(super) local: BTreeSet<u32>,
    /// Orders whose cancellation was asked for and is not answered.
    canceling: BTreeSet<u32>,
    /// Replaced order -> the one that goes out once it has ended unfilled.
    successors: BTreeMap<u32, u32>,
    /// Trades booked, by instrument and the venue's id: the order (none for one that was skipped), and the number of the fill.
    trades: BTreeMap<(u32, String), (u32, usize)>,
    /// The latest cash flows booked, by the venue's id.
    flows: VecDeque<String>,
}

/// Trades and cash flows that are known to have been booked, at least: those a broker may tell again are among the latest,
/// or belong to an order that still works.
const TOLD_AGAIN: usize = 4_096;

impl Mirror {
    /// Nothing sent, nothing reported.
    pub fn new(attaches_exits: bool, links_orders: bool) -> Self {
        Self { attaches_exits, links_orders, ..Self::default() }
    }

    fn name(&mut self, id: u32, name: String) {
        self.names.insert(name.clone(), id);
        self.labels.insert(id, name);
    }

    /// Forgets what belonged to orders that are no longer known; `fills` were booked so far.
    pub(super) fn forget(&mut self, is_known: impl Fn(u32) -> bool, fills: usize) {
        self.names.retain(|_, &mut id| is_known(id));
        self.labels.retain(|&id, _| is_known(id));
        for ids in [&mut self.attached, &mut self.linked, &mut self.local, &mut self.canceling] {
            ids.retain(|&id| is_known(id));
        }
        self.successors.retain(|&first, &mut next| is_known(first) && is_known(next));
        self.trades.retain(|_, &mut (order, fill)| order == NONE || is_known(order) || fill + TOLD_AGAIN >= fills);
    }

    fn unqueue(&mut self, id: u32) -> bool {
        let before = self.outbox.len();
        self.outbox.retain(|&item| item != Outgoing::Submit(id));
        self.outbox.len() < before
    }
}

impl Exchange {
    /// Whether exits of an entry live at the broker without orders of their own being sent.
    pub fn attaches_exits(&self) -> bool {
        self.mirror.as_ref().is_some_and(|mirror| mirror.attaches_exits)
    }

    /// Whether an order goes to the broker with its parent or partners.
    pub fn is_linked(&self, id: u32) -> bool {
        self.mirror.as_ref().is_some_and(|mirror| mirror.linked.contains(&id))
    }

    /// Whether the broker itself does to an order what fills of its parent and partners bring: it must know all of them.
    fn is_followed(&self, id: u32) -> bool {
        let group = self.groups.get(self.orders[id as usize].group as usize);
        self.is_linked(id) && group.is_none_or(|group| group.iter().all(|&other| self.is_linked(other)))
    }

    /// Notes an order whose parent or partners a broker that links orders shall be told of: it must have the parent, under
    /// the name that follows from its number.
    pub(super) fn link(&mut self, id: u32) {
        let Intent { parent, oco, .. } = self.orders[id as usize].intent;
        let sent = |parent: u32| self.orders[parent as usize].state != OrderState::Initialized;
        if let Some(mirror) = &mut self.mirror
            && mirror.links_orders
            && (parent != NONE || oco != NONE)
            && (parent == NONE || (sent(parent) && !mirror.labels.contains_key(&parent)))
        {
            mirror.linked.insert(id);
        }
    }

    /// A child is sent at once to a broker that lets it wait; any other gets it once its parent has filled.
    pub(super) fn dispatch_child(&mut self, id: u32) {
        if self.is_linked(id) {
            self.dispatch(id);
        } else if self.mirror.is_some() {
            self.orders[id as usize].state = OrderState::Initialized;
        }
    }

    /// Client id of an order.
    pub fn client_id(&self, id: u32) -> String {
        let label = self.mirror.as_ref().and_then(|mirror| mirror.labels.get(&id));
        label.cloned().unwrap_or_else(|| format!("{}-{id}", self.config.run_id))
    }

    /// Whether an order has another name than its number, as the exits of entries have.
    fn is_named(&self, id: u32) -> bool {
        self.mirror.as_ref().is_some_and(|mirror| mirror.labels.contains_key(&id))
    }

    /// The order of a client id.
    pub fn find(&self, name: &str) -> Option<u32> {
        let mirror = self.mirror.as_ref()?;
        if let Some(&id) = mirror.names.get(name) {
            return Some(id);
        }
        let number = name.strip_prefix(&self.config.run_id)?.strip_prefix('-')?;
        let id = number.parse().ok().filter(|&id| self.orders.contains(id as usize))?;
        // Only the number as we write it, and not that of an order with a name of its own.
        (!mirror.labels.contains_key(&id) && self.client_id(id) == name).then_some(id)
    }

    /// An order that works here is sent to the broker.
    pub(super) fn dispatch(&mut self, id: u32) {
        if let Some(mirror) = &mut self.mirror {
            mirror.outbox.push(Outgoing::Submit(id));
            self.orders[id as usize].state = OrderState::Submitted;
        }
    }

    /// Names a new exit after its entry, as no other order is or was named that is still known.
    fn name_leg(&mut self, id: u32) {
        let intent = &self.orders[id as usize].intent;
        let suffix = match intent.tag {
            tag::STOP_LOSS => "sl",
            tag::TAKE_PROFIT => "tp",
            _ => "ts",
        };
        let entry = self.client_id(intent.parent);
        let Some(mirror) = &mut self.mirror else { return };
        let names = std::iter::once(format!("{entry}-{suffix}")).chain((2..).map(|n| format!("{entry}-{suffix}{n}")));
        let free = names.into_iter().find(|name| !mirror.names.contains_key(name));
        mirror.name(id, free.unwrap_or_default());
    }

    /// Names a new exit, and sends it unless the broker makes it by itself.
    pub(super) fn dispatch_leg(&mut self, id: u32) {
        if self.mirror.is_none() {
            return;
        }
        self.name_leg(id);
        match &mut self.mirror {
            Some(mirror) if mirror.attaches_exits => drop(mirror.attached.insert(id)),
            _ => self.dispatch(id),
        }
    }

    /// Tells the broker that an order's quantity has changed.
    pub(super) fn resize(&mut self, id: u32) {
        let followed = self.is_followed(id);
        if let Some(mirror) = &mut self.mirror {
            let queued = mirror.outbox.iter().any(|&item| item == Outgoing::Submit(id) || item == Outgoing::Resize(id));
            let attached = mirror.attached.contains(&id);
            if queued || attached || followed || mirror.canceling.contains(&id) {
                return;
            }
            mirror.outbox.push(Outgoing::Resize(id));
        }
    }

    /// Whether an order's cancellation is under way.
    #[inline]
    pub(super) fn is_leaving(&self, id: u32) -> bool {
        self.mirror.as_ref().is_some_and(|mirror| mirror.canceling.contains(&id))
    }

    /// Takes a live order off the market: at once in the simulation, by asking the broker in an account kept from reports.
    pub(super) fn withdraw(&mut self, id: u32, reason: Reason) {
        let initialized = self.orders[id as usize].state == OrderState::Initialized;
        let followed = self.is_followed(id) && reason == Reason::OneCancelsOther;
        let Some(mirror) = &mut self.mirror else { return self.finish(id, OrderState::Canceled, reason) };
        // The broker does by itself what its own exits do to one another, and when the position is closed.
        let attached =
            mirror.attached.contains(&id) && matches!(reason, Reason::OneCancelsOther | Reason::PositionClosed);
        if initialized || followed || attached || mirror.unqueue(id) {
            return self.finish(id, OrderState::Canceled, reason);
        }
        if !mirror.canceling.insert(id) {
            return;
        }
        mirror.outbox.push(Outgoing::Cancel(id));
        let order = &mut self.orders[id as usize];
        order.reason = reason;
        if order.state.next().contains(&OrderState::PendingCancel) {
            order.state = OrderState::PendingCancel;
        }
        self.emit(id, None);
        if reason == Reason::Replaced {
            // What takes its place has the margin.
            self.release(id, 0.0);
        }
    }

    /// Holds an order back until the one it replaces has ended; if that one fills after all, it never goes out.
    pub fn hold_back(&mut self, id: u32, replaced: u32) {
        if self.orders[id as usize].place == Place::Gone {
            return;
        }
        let gone = self.orders.get(replaced as usize).is_none_or(|order| order.place == Place::Gone);
        let Some(mirror) = &mut self.mirror else { return };
        let earlier = mirror.successors.iter().find(|&(_, &next)| next == replaced).map(|(&first, _)| first);
        let Some(first) = earlier.or((!gone).then_some(replaced)) else { return };
        mirror.unqueue(id);
        mirror.successors.insert(first, id);
        self.orders[id as usize].state = OrderState::Initialized;
    }

    /// After an order has ended: what was to take its place goes out, unless it has filled.
    fn succeed(&mut self, id: u32) {
        let order = &self.orders[id as usize];
        let (ended, filled) = (order.state.is_final(), order.filled > 0.0);
        let Some(mirror) = &mut self.mirror else { return };
        if !ended {
            return;
        }
        mirror.canceling.remove(&id);
        let Some(next) = mirror.successors.remove(&id) else { return };
        if self.orders[next as usize].place == Place::Gone {
            return;
        }
        if filled {
            self.finish(next, OrderState::Canceled, Reason::ParentDone);
        } else {
            self.dispatch(next);
        }
    }

    /// Refuses an order before it was sent.
    pub fn refuse(&mut self, id: u32, reason: Reason) {
        if let Some(mirror) = &mut self.mirror {
            mirror.unqueue(id);
        }
        self.finish(id, OrderState::Denied, reason);
    }
}
