//! Resting orders by id, in one first-in-first-out queue per price level.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::Side;

const NIL: u32 = u32::MAX;

/// A resting order; sizes in lots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resting {
    /// Id given by who placed it.
    pub id: u64,
    /// Side of the book it rests on.
    pub side: Side,
    /// Price in ticks.
    pub tick: i64,
    /// Size left.
    pub lots: i64,
}

#[derive(Clone, Copy, Debug)]
struct Node {
    order: Resting,
    previous: u32,
    next: u32,
}

#[derive(Clone, Copy, Debug)]
struct Queue {
    head: u32,
    tail: u32,
}

/// All resting orders: constant-time add, remove and lookup, and each level's orders in time priority.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(into = "Vec<Resting>", from = "Vec<Resting>")]
pub struct Queues {
    nodes: Vec<Node>,
    free: Vec<u32>,
    by_id: HashMap<u64, u32>,
    levels: HashMap<(Side, i64), Queue>,
}

impl From<Vec<Resting>> for Queues {
    fn from(orders: Vec<Resting>) -> Self {
        let mut queues = Queues::default();
        for order in orders {
            queues.push(order);
        }
        queues
    }
}

impl From<Queues> for Vec<Resting> {
    fn from(queues: Queues) -> Self {
        let mut levels: Vec<_> = queues.levels.keys().copied().collect();
        levels.sort_unstable();
        levels.into_iter().flat_map(|(side, tick)| queues.level(side, tick).copied()).collect()
    }
}

impl Queues {
    /// The order of an id.
    pub fn get(&self, id: u64) -> Option<&Resting> {
        self.by_id.get(&id).map(|&index| &self.nodes[index as usize].order)
    }

    /// Number of orders.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Orders of a level, the first to be filled first.
    pub fn level(&self, side: Side, tick: i64) -> impl Iterator<Item = &Resting> {
        let mut index = self.levels.get(&(side, tick)).map_or(NIL, |queue| queue.head);
        std::iter::from_fn(move || {
            let node = self.nodes.get(index as usize)?;
            index = node.next;
            Some(&node.order)
        })
    }

    /// The order first in line at a level.
    pub fn front(&self, side: Side, tick: i64) -> Option<Resting> {
        self.level(side, tick).next().copied()
    }

    /// Puts an order last in its level's queue. Its id must be new.
    pub fn push(&mut self, order: Resting) {
        let tail = self.levels.get(&(order.side, order.tick)).map_or(NIL, |queue| queue.tail);
        let index = self.store(Node { order, previous: tail, next: NIL });
        if tail == NIL {
            self.levels.insert((order.side, order.tick), Queue { head: index, tail: index });
        } else {
            self.nodes[tail as usize].next = index;
            if let Some(queue) = self.levels.get_mut(&(order.side, order.tick)) {
                queue.tail = index;
            }
        }
        self.by_id.insert(order.id, index);
    }

    /// Takes lots off an order, which keeps its place; removes it when nothing is left. Returns what is left.
    pub fn reduce(&mut self, id: u64, lots: i64) -> Option<i64> {
        let index = *self.by_id.get(&id)?;
        let order = &mut self.nodes[index as usize].order;
        order.lots -= lots;
        let left = order.lots;
        if left <= 0 {
            self.remove(id);
        }
        Some(left)
    }

    /// Removes an order.
    pub fn remove(&mut self, id: u64) -> Option<Resting> {
        let index = self.by_id.remove(&id)?;
        let Node { order, previous, next } = self.nodes[index as usize];
        let level = (order.side, order.tick);
        if previous == NIL && next == NIL {
            self.levels.remove(&level);
        } else {
            self.unlink(level, previous, next);
        }
        self.free.push(index);
        Some(order)
    }

    fn unlink(&mut self, level: (Side, i64), previous: u32, next: u32) {
        let Some(queue) = self.levels.get_mut(&level) else { return };
        match self.nodes.get_mut(previous as usize) {
            Some(node) => node.next = next,
            None => queue.head = next,
        }
        match self.nodes.get_mut(next as usize) {
            Some(node) => node.previous = previous,
            None => queue.tail = previous,
        }
    }

    fn store(&mut self, node: Node) -> u32 {
        if let Some(index) = self.free.pop() {
            self.nodes[index as usize] = node;
            index
        } else {
            self.nodes.push(node);
            (self.nodes.len() - 1) as u32
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Queues, Resting};
    use crate::book::Side;

    fn queues(ids: &[u64]) -> Queues {
        let orders: Vec<_> = ids.iter().map(|&id| Resting { id, side: Side::Bid, tick: 5, lots: 10 }).collect();
        orders.into()
    }

    fn ids(queues: &Queues) -> Vec<u64> {
        queues.level(Side::Bid, 5).map(|order| order.id).collect()
    }

    #[test]
    fn orders_leave_from_the_front_the_middle_and_the_back() {
        for (gone, left) in [(1, [2, 3]), (2, [1, 3]), (3, [1, 2])] {
            let mut queues = queues(&[1, 2, 3]);
            queues.remove(gone);
            assert_eq!(ids(&queues), left);
            queues.push(Resting { id: 9, side: Side::Bid, tick: 5, lots: 1 });
            assert_eq!(ids(&queues), [left[0], left[1], 9]);
        }
    }

    #[test]
    fn reducing_keeps_the_place_and_removes_at_zero() {
        let mut queues = queues(&[1, 2]);
        assert_eq!(queues.reduce(1, 4), Some(6));
        assert_eq!(ids(&queues), [1, 2]);
        assert_eq!(queues.reduce(1, 6), Some(0));
        assert_eq!(ids(&queues), [2]);
        assert_eq!(queues.reduce(1, 1), None);
    }

    #[test]
    fn freed_places_are_used_again() {
        let mut queues = queues(&[1, 2, 3]);
        for id in 4..1_000 {
            queues.remove(id - 3);
            queues.push(Resting { id, side: Side::Ask, tick: id as i64, lots: 1 });
        }
        assert_eq!((queues.nodes.len(), queues.len()), (3, 3));
    }

    #[test]
    fn serde_keeps_orders_and_their_priority() {
        let bytes = postcard::to_stdvec(&queues(&[7, 3, 5])).unwrap();
        assert_eq!(ids(&postcard::from_bytes(&bytes).unwrap()), [7, 3, 5]);
    }
}
