use super::{books, bought, outbox, stopped};
use crate::exchange::mirror::Outgoing;
use crate::order::{Intent, OrderState, OrderType, Side};

#[test]
fn an_order_that_was_smaller_than_its_last_change_is_filled_by_what_it_has_traded() {
    let mut exchange = books(false);
    let id = bought(&mut exchange, stopped());
    exchange.on_fill(id, "a", 70, 100.0, 2.0, 0.0, false);
    exchange.on_report(1, 71, OrderState::Accepted, "");
    exchange.on_fill(1, "b", 72, 90.0, 1.5, 0.0, false);
    exchange.on_terms(1, Some(1.0), None, None);
    assert_eq!(exchange.orders[1].remaining(), 0.0);
    assert!(exchange.on_report(1, 73, OrderState::Filled, ""));
    assert_eq!(exchange.orders[1].state, OrderState::Filled);
    let (entry, stop) = exchange.missing_stop(0).expect("the rest of the position is bare");
    assert_eq!((entry, stop.quantity), (id, 0.5));
}

#[test]
fn exits_are_named_after_their_entry_and_sent_unless_the_broker_attaches_them() {
    for attaches in [false, true] {
        let mut exchange = books(attaches);
        let id = bought(&mut exchange, stopped());
        outbox(&mut exchange);
        exchange.on_fill(id, "a", 70, 100.0, 2.0, 0.0, false);
        let (stop, target) = (exchange.find("run-0-sl"), exchange.find("run-0-tp"));
        assert_eq!((stop, target), (Some(1), Some(2)));
        let sent = if attaches { vec![] } else { vec![Outgoing::Submit(1), Outgoing::Submit(2)] };
        assert_eq!(outbox(&mut exchange), sent);
    }
}

#[test]
fn a_bare_position_is_found_and_covered() {
    let mut exchange = books(false);
    let id = bought(&mut exchange, stopped());
    exchange.on_fill(id, "a", 70, 100.0, 2.0, 0.0, false);
    assert!(exchange.missing_stop(0).is_none());
    exchange.on_report(1, 71, OrderState::Rejected, "");
    let (entry, stop) = exchange.missing_stop(0).expect("its stop was refused");
    assert_eq!((entry, stop.trigger, stop.quantity), (id, 90.0, 2.0));
    let again = exchange.put_back(entry, stop);
    assert_eq!(exchange.client_id(again), "run-0-sl2");
    assert!(exchange.missing_stop(0).is_none());
    exchange.on_fill(2, "b", 72, 120.0, 2.0, 0.0, true);
    assert!(exchange.is_leaving(again) || exchange.orders[again as usize].state == OrderState::Canceled);
}

#[test]
fn a_stop_that_is_too_small_makes_way_for_one_of_the_whole() {
    let mut exchange = books(false);
    let id = bought(&mut exchange, stopped());
    exchange.on_fill(id, "a", 70, 100.0, 2.0, 0.0, false);
    exchange.on_report(1, 71, OrderState::Accepted, "");
    exchange.on_report(2, 71, OrderState::Accepted, "");
    // Of a pair a venue tells one quantity.
    exchange.on_terms(1, Some(0.5), None, None);
    exchange.on_terms(2, Some(0.5), None, None);
    outbox(&mut exchange);
    let (entry, stop) = exchange.missing_stop(0).expect("a part of it is bare");
    assert_eq!((entry, stop.quantity), (id, 1.5));
    let whole = exchange.put_back(entry, stop);
    assert_eq!(outbox(&mut exchange), [Outgoing::Submit(whole), Outgoing::Cancel(1), Outgoing::Resize(2)]);
    assert_eq!((exchange.client_id(whole).as_str(), exchange.orders[whole as usize].remaining()), ("run-0-sl2", 2.0));
    assert_eq!(exchange.orders[2].remaining(), 2.0);
    assert!(exchange.missing_stop(0).is_none());
}

#[test]
fn a_stop_is_put_back_for_the_entry_that_lacks_its_own() {
    let mut exchange = books(false);
    for (entry, trade) in [(0, "a"), (3, "b")] {
        assert_eq!(bought(&mut exchange, stopped()), entry);
        exchange.on_fill(entry, trade, 70, 100.0, 2.0, 0.0, false);
        exchange.on_report(entry + 1, 71, OrderState::Accepted, "");
    }
    exchange.on_report(4, 72, OrderState::Canceled, "");
    let (entry, stop) = exchange.missing_stop(0).expect("the stop of the second entry is gone");
    assert_eq!((entry, stop.quantity), (3, 2.0));
    let again = exchange.put_back(entry, stop);
    assert_eq!(exchange.client_id(again), "run-3-sl2");
}

#[test]
fn an_exit_made_anew_goes_out_before_the_old_one_is_taken_back() {
    let mut exchange = books(false);
    let id = bought(&mut exchange, stopped());
    exchange.on_fill(id, "a", 70, 100.0, 1.0, 0.0, false);
    exchange.on_report(1, 71, OrderState::Accepted, "");
    exchange.on_fill(id, "b", 72, 100.0, 1.0, 0.0, false);
    outbox(&mut exchange);
    let new = exchange.renew(1);
    assert_eq!(outbox(&mut exchange), [Outgoing::Submit(new), Outgoing::Cancel(1)]);
    assert_eq!(exchange.orders[new as usize].intent.quantity, 2.0);
    assert_eq!((exchange.client_id(new), exchange.find("run-0-sl")), ("run-0-sl2".to_owned(), Some(1)));
    let last = exchange.renew(new);
    assert_eq!(exchange.client_id(last), "run-0-sl3");
}

#[test]
fn an_order_that_is_no_exit_of_an_entry_keeps_to_numbers_when_it_is_made_anew() {
    let mut exchange = books(false);
    let id = exchange.submit(Intent { kind: OrderType::Limit, price: 90.0, ..Intent::market(0, Side::Buy, 1.0) });
    let new = exchange.renew(id);
    assert_eq!(exchange.client_id(new), "run-1");
}

#[test]
fn a_stop_put_back_at_a_broker_that_attaches_exits_is_an_order_of_its_own() {
    let mut exchange = books(true);
    let id = bought(&mut exchange, stopped());
    exchange.on_fill(id, "a", 70, 100.0, 2.0, 0.0, false);
    exchange.on_report(1, 71, OrderState::Canceled, "");
    outbox(&mut exchange);
    let (entry, stop) = exchange.missing_stop(0).expect("its stop is gone");
    let again = exchange.put_back(entry, stop);
    assert_eq!(outbox(&mut exchange), [Outgoing::Submit(again)]);
    exchange.on_report(again, 72, OrderState::Accepted, "");
    exchange.on_fill(2, "b", 73, 120.0, 2.0, 0.0, true);
    assert_eq!(outbox(&mut exchange), [Outgoing::Cancel(again)], "the broker knows nothing of its partner");
}
