mod exits;

use super::Outgoing;
use super::reports::CashFlow;
use crate::exchange::mirror::Mirror;
use crate::exchange::{Config, Exchange, Market, tag};
use crate::instrument::Instrument;
use crate::models::{FillAt, PathModel, SlippageModel};
use crate::order::{Bracket, Intent, OrderState, OrderType, Reason, Side};

fn books(attaches_exits: bool) -> Exchange {
    let config = Config {
        fill: FillAt::NextOpen,
        path: PathModel::Pessimistic,
        touch: true,
        participation: f64::INFINITY,
        slippage: SlippageModel::None,
        leverage: 1.0,
        run_id: "run".to_owned(),
    };
    let mut exchange = Exchange::new(vec![Market::new(Instrument::plain("X", 0.1, 0.001))], 10_000.0, config);
    exchange.mirror = Some(Box::new(Mirror::new(attaches_exits, false)));
    exchange.record_events = false;
    exchange.on_close(0, 100.0, 60);
    exchange
}

fn bought(exchange: &mut Exchange, bracket: Bracket) -> u32 {
    exchange.submit(Intent { bracket, ..Intent::market(0, Side::Buy, 2.0) })
}

fn stopped() -> Bracket {
    Bracket { stop_loss: 90.0, take_profit: 120.0, ..Bracket::EMPTY }
}

fn outbox(exchange: &mut Exchange) -> Vec<Outgoing> {
    exchange.mirror.as_mut().map(|mirror| std::mem::take(&mut mirror.outbox)).unwrap_or_default()
}

#[test]
fn nothing_is_filled_by_prices() {
    let mut exchange = books(false);
    let id = bought(&mut exchange, Bracket::EMPTY);
    exchange.on_close(0, 50.0, 120);
    assert_eq!(exchange.orders[id as usize].state, OrderState::Submitted);
    assert_eq!(outbox(&mut exchange), [Outgoing::Submit(id)]);
}

#[test]
fn an_order_the_account_cannot_bear_is_denied_and_never_goes_out() {
    let mut exchange = books(false);
    let id = exchange.submit(Intent::market(0, Side::Buy, 1_000.0));
    assert_eq!(exchange.orders[id as usize].state, OrderState::Denied);
    assert_eq!(exchange.orders[id as usize].reason, Reason::InsufficientMargin);
    assert!(outbox(&mut exchange).is_empty());
}

#[test]
fn a_trade_counts_once_in_any_state_of_its_order() {
    let mut exchange = books(false);
    let id = bought(&mut exchange, Bracket::EMPTY);
    assert!(exchange.on_report(id, 70, OrderState::Canceled, ""));
    assert!(exchange.on_fill(id, "a", 65, 101.0, 0.5, 0.1, true));
    assert!(!exchange.on_fill(id, "a", 65, 101.0, 0.5, 0.1, true));
    assert_eq!(exchange.markets[0].position.quantity, 0.5);
    assert_eq!(exchange.account.cash, 10_000.0 - 50.5 - 0.1);
    assert_eq!(exchange.orders[id as usize].state, OrderState::Canceled);
    assert_eq!((exchange.fills[0].ts, exchange.now), (65, 70));
}

#[test]
fn states_only_move_on() {
    let mut exchange = books(false);
    let id = bought(&mut exchange, Bracket::EMPTY);
    assert!(exchange.on_report(id, 70, OrderState::Unknown, ""));
    assert!(exchange.on_report(id, 71, OrderState::Accepted, ""));
    assert!(!exchange.on_report(id, 72, OrderState::Submitted, ""));
    exchange.on_fill(id, "a", 73, 100.0, 0.5, 0.0, false);
    assert!(!exchange.on_report(id, 74, OrderState::Accepted, ""));
    assert_eq!(exchange.orders[id as usize].state, OrderState::PartiallyFilled);
    assert!(!exchange.on_report(id, 75, OrderState::Filled, ""), "filled is what fills say");
}

#[test]
fn a_step_the_broker_left_out_is_no_obstacle() {
    let mut exchange = books(false);
    let stop = Intent { kind: OrderType::Stop, trigger: 110.0, ..Intent::market(0, Side::Buy, 1.0) };
    let id = exchange.submit(stop);
    assert!(exchange.on_report(id, 70, OrderState::Triggered, ""));
}

#[test]
fn a_cancellation_is_a_request_until_it_is_answered() {
    let mut exchange = books(false);
    let id = bought(&mut exchange, Bracket::EMPTY);
    outbox(&mut exchange);
    exchange.on_report(id, 70, OrderState::Accepted, "");
    assert!(exchange.cancel(id, Reason::Requested));
    exchange.cancel(id, Reason::Requested);
    assert_eq!(outbox(&mut exchange), [Outgoing::Cancel(id)]);
    assert!(exchange.account.reserved > 0.0, "it may still fill");
    exchange.on_fill(id, "a", 71, 100.0, 0.5, 0.0, false);
    assert_eq!(exchange.orders[id as usize].state, OrderState::PendingCancel);
    exchange.on_report(id, 72, OrderState::Canceled, "");
    assert_eq!((exchange.account.reserved, exchange.markets[0].position.quantity), (0.0, 0.5));
}

#[test]
fn an_order_that_has_not_left_yet_is_taken_back_at_once() {
    let mut exchange = books(false);
    let id = bought(&mut exchange, Bracket::EMPTY);
    exchange.cancel(id, Reason::Requested);
    assert_eq!(exchange.orders[id as usize].state, OrderState::Canceled);
    assert!(outbox(&mut exchange).is_empty());
}

#[test]
fn a_cancellation_before_the_acceptance_is_asked_for_again_after_it() {
    let mut exchange = books(false);
    let id = bought(&mut exchange, Bracket::EMPTY);
    outbox(&mut exchange);
    exchange.cancel(id, Reason::Requested);
    assert_eq!(exchange.orders[id as usize].state, OrderState::Submitted);
    exchange.on_report(id, 70, OrderState::Accepted, "");
    assert_eq!(outbox(&mut exchange), [Outgoing::Cancel(id), Outgoing::Cancel(id)]);
    exchange.on_report(id, 71, OrderState::Accepted, "too many requests");
    assert_eq!(exchange.orders[id as usize].state, OrderState::Accepted);
    assert!(outbox(&mut exchange).is_empty(), "the broker has refused");
}

#[test]
fn a_fill_or_an_acceptance_that_crosses_a_cancellation_is_no_answer_to_it() {
    let mut exchange = books(false);
    let id = bought(&mut exchange, Bracket::EMPTY);
    outbox(&mut exchange);
    exchange.on_report(id, 70, OrderState::Accepted, "");
    exchange.cancel(id, Reason::Requested);
    outbox(&mut exchange);
    assert!(!exchange.on_report(id, 71, OrderState::Accepted, ""), "told twice");
    exchange.on_fill(id, "a", 72, 100.0, 0.5, 0.0, false);
    assert!(!exchange.on_report(id, 72, OrderState::PartiallyFilled, ""));
    assert_eq!(exchange.orders[id as usize].state, OrderState::PendingCancel);
    exchange.on_report(id, 73, OrderState::Unknown, "");
    exchange.on_report(id, 74, OrderState::PartiallyFilled, "");
    assert_eq!(outbox(&mut exchange), [Outgoing::Cancel(id)], "the cancellation was lost");
}

#[test]
fn money_is_booked_once_by_its_id() {
    let mut exchange = books(false);
    assert!(exchange.on_cash_flow("f", CashFlow::Funding, -3.0));
    assert!(!exchange.on_cash_flow("f", CashFlow::Funding, -3.0));
    assert_eq!((exchange.account.cash, exchange.account.funding), (9_997.0, 3.0));
}

#[test]
fn a_name_is_found_only_as_it_is_written() {
    let mut exchange = books(false);
    bought(&mut exchange, Bracket::EMPTY);
    assert_eq!(exchange.find("run-0"), Some(0));
    for name in ["run-00", "run-+0", "run-1", "run", "runs-0", ""] {
        assert_eq!(exchange.find(name), None, "{name}");
    }
}

#[test]
fn what_has_ended_is_forgotten_and_what_still_matters_is_not() {
    let mut exchange = books(false);
    let entry = bought(&mut exchange, stopped());
    exchange.on_fill(entry, "a", 70, 100.0, 1.0, 0.0, false);
    let beyond = Intent { kind: OrderType::Limit, price: 50.0, ..Intent::market(0, Side::Buy, 1.0) };
    for _ in 0..50 {
        let tag = exchange.intern(&format!("order {}", exchange.orders.len()));
        let id = exchange.submit(Intent { tag, ..beyond });
        exchange.cancel(id, Reason::Requested);
    }
    let (count, told) = (exchange.orders.len(), exchange.fills.len());
    assert!(!exchange.forget(40, i64::MAX, told), "there are not twice as many yet");
    assert!(exchange.forget(10, i64::MAX, told));
    assert_eq!((exchange.orders.len(), exchange.orders.kept().0), (count, 13), "entry, stop, target and the newest");
    assert_eq!(exchange.tags.kept().0, tag::OWN.len() + 10);
    assert_ne!(exchange.intern("order 3"), exchange.intern("order 4"), "forgotten, and new");
    assert_eq!((exchange.find("run-0"), exchange.find("run-0-sl"), exchange.find("run-5")), (Some(0), Some(1), None));
    assert!(exchange.missing_stop(0).is_none());
    assert!(!exchange.on_fill(entry, "a", 70, 100.0, 1.0, 0.0, false), "booked before");
    assert!(exchange.on_fill(entry, "b", 80, 100.0, 1.0, 0.0, false));
    assert_eq!(exchange.orders[1].intent.quantity, 2.0);
    assert_eq!(exchange.submit(beyond) as usize, count);
}

fn take_coins(exchange: &mut Exchange, entry: u32, trade: &str, quantity: f64) -> u32 {
    let (name, tag) = (format!("commission-{}", exchange.client_id(entry)), exchange.intern("commission"));
    let id = exchange.find(&name).unwrap_or_else(|| exchange.adopt(&name, 0, Side::Sell, tag));
    exchange.widen(id, quantity);
    exchange.on_fill(id, trade, 70, 100.0, quantity, 0.0, false);
    id
}

#[test]
fn coins_of_a_fee_are_no_trade_and_their_cost_is_part_of_the_one_that_sells_the_rest() {
    let mut exchange = books(false);
    let entry = bought(&mut exchange, Bracket::EMPTY);
    exchange.on_fill(entry, "a", 70, 100.0, 2.0, 0.2, false);
    take_coins(&mut exchange, entry, "a-fee", 0.002);
    assert_eq!((exchange.trades.len(), exchange.markets[0].position.quantity), (0, 1.998));
    assert_eq!(exchange.account.realized, 0.0);
    let exit = exchange.submit(Intent { reduce_only: true, ..Intent::market(0, Side::Sell, 1.998) });
    exchange.on_fill(exit, "b", 71, 110.0, 1.998, 0.3, false);
    let (_, trade) = exchange.trades.iter().next().expect("it has closed the position");
    assert_eq!(exchange.trades.len(), 1);
    assert!((trade.fees - 0.5).abs() < 1e-9, "{}", trade.fees);
    assert!((exchange.account.cash - 10_000.0 - trade.pnl).abs() < 1e-9, "{}", trade.pnl);
}

#[test]
fn coins_of_a_fee_that_were_all_there_was_are_a_loss_at_once() {
    let mut exchange = books(false);
    let entry = bought(&mut exchange, Bracket::EMPTY);
    exchange.on_fill(entry, "a", 70, 100.0, 0.001, 0.1, false);
    take_coins(&mut exchange, entry, "a-fee", 0.001);
    assert_eq!((exchange.trades.len(), exchange.markets[0].position.quantity), (0, 0.0));
    assert!((exchange.account.realized + 0.1).abs() < 1e-9, "{}", exchange.account.realized);
}

#[test]
fn coins_of_a_fee_are_known_as_long_as_what_they_were_bought_with() {
    let mut exchange = books(false);
    let entry = exchange.submit(Intent::market(0, Side::Buy, 20.0));
    exchange.on_fill(entry, "a", 70, 100.0, 20.0, 2.0, false);
    let taken = take_coins(&mut exchange, entry, "a-fee", 0.002);
    for n in 0..5_000 {
        let side = if n % 2 == 0 { Side::Buy } else { Side::Sell };
        let id = exchange.submit(Intent::market(0, side, 0.001));
        exchange.on_fill(id, &format!("t{n}"), 71, 100.0, 0.001, 0.0, false);
    }
    assert!(exchange.forget(10, i64::MAX, exchange.fills.len()));
    assert!(exchange.orders.contains(entry as usize) && exchange.orders.contains(taken as usize));
    assert!(exchange.knows_trade(0, "a-fee"));
}

#[test]
fn what_ended_after_a_time_and_fills_nobody_has_heard_of_stay() {
    let mut exchange = books(false);
    let id = bought(&mut exchange, Bracket::EMPTY);
    exchange.on_fill(id, "a", 70, 100.0, 2.0, 0.0, false);
    for n in 0..30 {
        exchange.on_mark(0, 100.0, 100 + n);
        let id = exchange.submit(Intent { price: 50.0, kind: OrderType::Limit, ..Intent::market(0, Side::Buy, 1.0) });
        exchange.cancel(id, Reason::Requested);
    }
    assert!(exchange.forget(5, 110, 0));
    assert!(exchange.orders.contains(id as usize), "a position rests on it");
    assert_eq!(exchange.orders.kept().0, 1 + 20);
    assert!(exchange.fills.contains(0));
}
