use super::{Fill, Ids, OrderBook, Remainder, Side, Verdict};

fn book() -> OrderBook {
    OrderBook::new(0.1, 0.001).unwrap()
}

fn quoted() -> OrderBook {
    let mut book = book();
    book.apply_snapshot(&[(99.9, 1.0), (99.8, 2.0)], &[(100.1, 3.0), (100.2, 4.0)], 7).unwrap();
    book
}

fn queued() -> OrderBook {
    let mut book = book();
    for (id, side, tick, lots) in [(1, Side::Ask, 1001, 5), (2, Side::Ask, 1001, 3), (3, Side::Ask, 1002, 4)] {
        book.add(id, side, tick, lots).unwrap();
    }
    book
}

#[test]
fn quotes_follow_level_updates() {
    let mut book = quoted();
    assert_eq!((book.mid_tick(), book.spread_ticks()), (Some(1000.0), Some(2)));
    assert_eq!(book.microprice_tick(), Some((999.0 * 3.0 + 1001.0) / 4.0));
    book.apply(Side::Bid, 100.0, 0.5).unwrap();
    assert_eq!(book.best(Side::Bid).map(|level| (level.tick, level.lots)), Some((1000, 500)));
    book.apply(Side::Bid, 100.0, 0.0).unwrap();
    assert_eq!(book.best(Side::Bid).map(|level| level.tick), Some(999));
}

#[test]
fn an_empty_side_has_no_quote() {
    let mut book = book();
    book.apply(Side::Bid, 1.0, 1.0).unwrap();
    assert_eq!((book.mid_tick(), book.spread_ticks(), book.microprice_tick()), (None, None, None));
    assert!(book.walk(Side::Bid, 10, None).average_tick.is_nan());
}

#[test]
fn a_walk_averages_over_levels_and_stops_at_its_limit() {
    let book = quoted();
    let walk = book.walk(Side::Bid, 5000, None);
    assert_eq!((walk.lots, walk.levels), (5000, 2));
    assert_eq!(walk.average_tick, (1001.0 * 3.0 + 1002.0 * 2.0) / 5.0);
    let limited = book.walk(Side::Bid, 5000, Some(1001));
    assert_eq!((limited.lots, limited.levels, limited.average_tick), (3000, 1, 1001.0));
    assert_eq!(book.walk(Side::Ask, 9000, None).lots, 3000);
}

#[test]
fn bad_rows_are_named_and_rows_before_them_hold() {
    let mut book = book();
    let error = book.apply_levels(&[1, -1, 1], &[99.9, 100.1, 99.85], &[1.0, 1.0, 1.0], 40).unwrap_err();
    assert_eq!(error, "row 42: price: 99.85 is not a multiple of the tick size 0.1");
    assert_eq!(book.spread_ticks(), Some(2));
    let error = book.apply_levels(&[0], &[99.9], &[1.0], 0).unwrap_err();
    assert_eq!(error, "row 0: side: 0 is neither 1 (bid) nor -1 (ask)");
    assert_eq!(book.apply(Side::Bid, 99.9, -1.0).unwrap_err(), "size: -1 is negative");
}

#[test]
fn takers_fill_the_best_price_first_and_the_oldest_order_first() {
    let mut book = queued();
    let fills = book.match_limit(9, Side::Bid, 1002, 10, Remainder::Rests).unwrap();
    let expected = [(1, 1001, 5), (2, 1001, 3), (3, 1002, 2)];
    assert_eq!(fills, expected.map(|(maker, tick, lots)| Fill { maker, tick, lots }));
    assert_eq!(book.order(3).map(|order| order.lots), Some(2));
    assert_eq!((book.order_count(), book.best(Side::Bid)), (1, None));
}

#[test]
fn what_a_limit_order_leaves_over_rests_and_a_market_order_takes_what_there_is() {
    let mut book = queued();
    book.match_limit(9, Side::Bid, 1001, 10, Remainder::Rests).unwrap();
    assert_eq!(book.best(Side::Bid).map(|level| (level.tick, level.lots)), Some((1001, 2)));
    let fills = book.match_market(Side::Bid, 100).unwrap();
    assert_eq!(fills.iter().map(|fill| fill.lots).sum::<i64>(), 4);
    assert_eq!(book.best(Side::Ask), None);
}

#[test]
fn what_finds_no_match_is_dropped_or_stops_the_whole_order() {
    let mut book = queued();
    assert_eq!(book.match_limit(9, Side::Bid, 1001, 9, Remainder::Forbidden), Ok(Vec::new()));
    assert_eq!(book.lots_at(Side::Ask, 1001), 8);
    let fills = book.match_limit(9, Side::Bid, 1001, 9, Remainder::Dropped).unwrap();
    assert_eq!(fills.len(), 2);
    assert_eq!(book.best(Side::Bid), None);
}

#[test]
fn a_smaller_order_keeps_its_place_and_a_larger_or_moved_one_loses_it() {
    let mut book = queued();
    book.modify(1, 1001, 2).unwrap();
    assert_eq!(book.queue_position(2), Some((1, 2)));
    book.modify(1, 1001, 6).unwrap();
    assert_eq!((book.queue_position(2), book.queue_position(1)), (Some((0, 0)), Some((1, 3))));
    book.modify(2, 1002, 3).unwrap();
    assert_eq!(book.queue_position(2), Some((1, 4)));
    assert_eq!((book.lots_at(Side::Ask, 1001), book.lots_at(Side::Ask, 1002)), (6, 7));
}

#[test]
fn orders_that_cannot_be_are_refused() {
    let mut book = queued();
    assert!(book.add(1, Side::Ask, 1003, 1).unwrap_err().contains("already in the book"));
    assert!(book.add(8, Side::Bid, 1001, 1).unwrap_err().contains("would trade"));
    assert!(book.add(8, Side::Bid, 1000, 0).unwrap_err().contains("positive size"));
    assert!(book.cancel(77).unwrap_err().contains("no such order"));
    assert!(book.execute(1, 6).unwrap_err().contains("cannot execute"));
    assert_eq!(book.execute(1, 5), Ok(0));
    assert_eq!(book.queue_position(2), Some((0, 0)));
}

#[test]
fn levels_and_orders_do_not_mix_until_a_snapshot_starts_over() {
    let mut book = queued();
    assert!(book.apply(Side::Bid, 99.9, 1.0).unwrap_err().contains("single orders"));
    book.apply_snapshot(&[], &[], 1).unwrap();
    assert_eq!(book.order_count(), 0);
    book.apply(Side::Bid, 99.9, 1.0).unwrap();
    assert!(book.add(1, Side::Bid, 1, 1).unwrap_err().contains("level sizes"));
}

#[test]
fn a_restored_book_goes_on_as_the_saved_one() {
    let mut book = quoted();
    let ids = Ids { first: 6, last: 9, previous: Some(5) };
    assert_eq!(book.sequence.check(ids), Ok(Verdict::Apply));
    book.sequence.advance(ids);
    let bytes = postcard::to_stdvec(&book).unwrap();
    let restored: OrderBook = postcard::from_bytes(&bytes).unwrap();
    assert_eq!(restored.sequence, book.sequence);
    assert_eq!(postcard::to_stdvec(&restored).unwrap(), bytes);
    let queued: OrderBook = postcard::from_bytes(&postcard::to_stdvec(&queued()).unwrap()).unwrap();
    assert_eq!(queued.queue_position(2), Some((1, 5)));
}
