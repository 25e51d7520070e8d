"""The backtest as a strategy, a policy, a sizer and a person see it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tradebot_native as native

from tradebot import (
    Bar,
    BarArray,
    FixedQuantity,
    FractionOfEquity,
    Instrument,
    RiskLimits,
    RiskPerTrade,
    Rules,
    SignalPolicy,
    Strategy,
    ta,
)
from tradebot.core.errors import ConfigError, DataError, StrategyError
from tradebot.engine.backtest import Backtest
from tradebot.engine.outcome import RunOutcome

MINUTE = 60_000_000_000


def bars_of(closes: list[float], symbol: str = "X", *, skip: tuple[int, ...] = (), step: int = MINUTE) -> BarArray:
    """Bars that open at the close before and span just the two; ``skip`` leaves bars out."""
    instrument = Instrument(
        symbol=symbol,
        venue="test",
        asset_class="perpetual",  # type: ignore[arg-type]
        base=symbol,
        quote="USD",
        tick_size="0.01",
        lot_size="1",
        max_leverage=10,  # type: ignore[arg-type]
    )
    close = np.array(closes)
    opens = np.append(close[0], close[:-1])
    kept = [row for row in range(len(close)) if row not in skip]
    ts = step * np.arange(len(close), dtype=np.int64)
    columns = (opens, np.maximum(opens, close), np.minimum(opens, close), close, np.ones(len(close)))
    interval = {MINUTE: "1m", 1440 * MINUTE: "1d"}[step]
    return BarArray(instrument, interval, ts[kept], *(column[kept] for column in columns))


class Script(Strategy):
    """Says what it is told to, bar by bar."""

    lines: dict[int, Any]

    def setup(self, bars: Any) -> None:
        self.row = -1

    def on_bar(self, bar: Bar) -> Any:
        self.row += 1
        said = self.lines.get(self.row)
        return said(self, bar) if callable(said) else said


def run(lines: dict[int, Any], closes: list[float], **options: Any) -> RunOutcome:
    strategy = type("Scripted", (Script,), {"lines": lines})()
    options = {"sizer": FixedQuantity(1), "cash": 1_000.0} | options
    return Backtest(strategy, options.pop("bars", None) or bars_of(closes), **options).run()


LONG, SHORT, EXIT = native.Signal("long"), native.Signal("short"), native.Exit()


def signed(outcome: RunOutcome) -> list[float]:
    return (outcome.fills["side"] * outcome.fills["quantity"]).tolist()


def states(outcome: RunOutcome) -> list[tuple[str, str]]:
    orders = outcome.orders
    return [
        (native.ORDER_STATES[state], native.REASONS[reason])
        for state, reason in zip(orders["state"], orders["reason"], strict=True)
    ]


def test_a_signal_that_repeats_a_held_side_is_ignored() -> None:
    assert signed(run({0: LONG, 1: LONG, 2: LONG}, [10.0] * 5)) == [1.0]


def test_a_signal_to_the_other_side_closes_and_reverses() -> None:
    assert signed(run({0: LONG, 2: SHORT}, [10.0] * 5)) == [1.0, -1.0, -1.0]


def test_an_exit_closes_a_fraction() -> None:
    outcome = run({0: LONG, 2: native.Exit(0.5)}, [10.0] * 5, sizer=FixedQuantity(4))
    assert signed(outcome) == [4.0, -2.0]


def test_a_working_limit_entry_is_replaced_by_the_next_signal() -> None:
    def at(price: float) -> native.Signal:
        return native.Signal("long", type="limit", limit=price)

    outcome = run({0: at(8.0), 1: at(9.0)}, [10.0, 10.0, 9.0, 9.0])
    assert states(outcome) == [("canceled", "replaced_by_new_signal"), ("filled", "")]
    assert outcome.fills["price"].tolist() == [9.0]


def test_a_stop_on_the_wrong_side_is_denied() -> None:
    assert states(run({0: native.Signal("long", stop_loss=11.0)}, [10.0] * 3)) == [("denied", "invalid_signal")]


def test_a_rule_whose_stop_is_not_known_enters_nothing() -> None:
    class NoStop(Strategy):
        def setup(self, bars: Any) -> None:
            self.gone = bars.close / (bars.close - bars.close)

        def rules(self, bars: Any) -> Rules:
            return Rules(enter_long=bars.close > 0, stop_loss=self.gone)

    outcome = Backtest(NoStop(), bars_of([10.0] * 4), sizer=FixedQuantity(1)).run()
    assert set(states(outcome)) <= {("denied", "invalid_signal")}
    assert len(outcome.fills["id"]) == 0


def test_sizing_by_fraction_includes_the_fee_and_by_risk_stops_at_what_the_account_holds() -> None:
    assert signed(run({0: LONG}, [10.0] * 3, sizer=FractionOfEquity(0.5))) == [50.0]
    near = native.Signal("long", stop_loss=9.99)
    assert signed(run({0: near}, [10.0] * 3, sizer=RiskPerTrade(0.1))) == [100.0]
    far = native.Signal("long", stop_loss=8.0)
    assert signed(run({0: far}, [10.0] * 3, sizer=RiskPerTrade(0.1))) == [50.0]


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (RiskLimits(max_order_quantity=0.5), "max_order_quantity"),
        (RiskLimits(max_order_notional=5.0), "max_order_notional"),
        (RiskLimits(max_exposure=0.005), "max_exposure"),
    ],
)
def test_an_order_beyond_a_limit_is_denied_with_its_rule(limits: RiskLimits, reason: str) -> None:
    assert states(run({0: LONG}, [10.0] * 3, risk=limits)) == [("denied", reason)]


def test_the_number_of_positions_is_limited_over_instruments() -> None:
    markets = [bars_of([10.0] * 4, symbol) for symbol in ("A", "B")]
    outcome = run({0: LONG}, [], bars=markets, risk=RiskLimits(max_positions=1))
    assert states(outcome) == [("accepted", ""), ("denied", "max_positions")] or states(outcome) == [
        ("filled", ""),
        ("denied", "max_positions"),
    ]


def test_a_drawdown_ends_entries_for_good_but_never_an_exit() -> None:
    lines = {0: LONG, 3: EXIT, 5: LONG, 7: LONG}
    outcome = run(lines, [10, 10, 5, 5, 5, 10, 10, 10, 10], sizer=FixedQuantity(50), risk=RiskLimits(max_drawdown=0.2))
    assert signed(outcome) == [50.0, -50.0]
    assert outcome.halted == "max_drawdown"
    assert outcome.rejections == {"max_drawdown": 2}


def test_a_daily_loss_ends_entries_until_the_next_utc_day() -> None:
    day = 1440 * MINUTE
    closes = [10.0, 10.0, 8.0, 8.0, 8.0, 8.0]
    lines = {0: LONG, 2: EXIT, 4: LONG}
    bars = bars_of(closes, step=day)
    outcome = run(lines, [], bars=bars, sizer=FixedQuantity(50), risk=RiskLimits(max_daily_loss=0.05))
    assert signed(outcome) == [50.0, -50.0, 50.0]
    minutes = run({0: LONG, 2: EXIT, 4: LONG}, closes, sizer=FixedQuantity(50), risk=RiskLimits(max_daily_loss=0.05))
    assert signed(minutes) == [50.0, -50.0]
    assert minutes.rejections == {"max_daily_loss": 1}


def test_a_sizer_written_in_python_is_asked_for_every_entry() -> None:
    class Half:
        def size(self, signal: Any, portfolio: Any, instrument: Any, price: float) -> float:
            assert (signal.side, instrument.symbol) == ("long", "X")
            return portfolio.equity / price / 2

    assert signed(run({0: LONG}, [10.0] * 3, sizer=Half())) == [50.0]

    class Always(Strategy):
        def setup(self, bars: Any) -> None: ...

        def rules(self, bars: Any) -> Rules:
            return Rules(enter_long=bars.close > 0)

    ruled = Backtest(Always(), bars_of([10.0] * 4), cash=1_000.0, sizer=Half()).run()
    assert signed(ruled) == [50.0]


def test_a_strategy_hears_of_its_fills() -> None:
    heard: list[tuple[float | None, str]] = []

    class Listener(Script):
        lines = {0: LONG, 2: EXIT}

        def on_fill(self, fill: Any) -> None:
            heard.append((fill.fill_price, fill.side))

    Backtest(Listener(), bars_of([10.0, 11.0, 12.0, 13.0, 14.0]), sizer=FixedQuantity(1)).run()
    assert heard == [(10.0, "buy"), (12.0, "sell")]


def test_a_bar_that_is_kept_never_changes() -> None:
    kept: list[Bar] = []

    class Keeper(Script):
        lines = {}

        def on_bar(self, bar: Bar) -> None:
            kept.append(bar)

    Backtest(Keeper(), bars_of([10.0, 11.0, 12.0])).run()
    assert [bar.close for bar in kept] == [10.0, 11.0, 12.0]


def test_a_policy_decides_for_the_whole_portfolio() -> None:
    class OneOfEach:
        name = "one_of_each"

        def decide(self, portfolio: Any, snapshot: Any, context: Any) -> list[native.OrderIntent]:
            wanted = [symbol for symbol in context.instruments if portfolio.quantity(symbol) == 0]
            return [native.OrderIntent(symbol, "buy", 1.0) for symbol in wanted if snapshot.bar(symbol)]

    markets = [bars_of([10.0] * 5, "A"), bars_of([20.0] * 5, "B", skip=(0, 1))]
    outcome = Backtest(OneOfEach(), markets, cash=1_000.0).run()
    assert outcome.strategy == "one_of_each"
    assert outcome.end_positions == {"A": 1.0, "B": 1.0}
    assert outcome.fills["ts"].tolist() == [1 * MINUTE, 3 * MINUTE]


def test_instruments_with_different_gaps_share_one_timeline() -> None:
    markets = [bars_of([10.0] * 6, "A", skip=(2,)), bars_of([20.0] * 6, "B", skip=(0, 4))]
    outcome = run({0: LONG}, [], bars=markets)
    assert outcome.ts.tolist() == [MINUTE * (row + 1) for row in range(6)]
    assert outcome.equity.tolist() == [1_000.0] * 6


def test_a_higher_timeframe_shows_closed_bars_only() -> None:
    seen: list[tuple[float, float]] = []

    class Higher(Strategy):
        def setup(self, bars: Any) -> None:
            self.slow = self.bars("3m").close

        def on_bar(self, bar: Bar) -> None:
            seen.append((bar.close, self.slow[-1]))

    Backtest(Higher(), bars_of([float(n) for n in range(1, 10)])).run()
    assert seen == [(3, 3), (4, 3), (5, 3), (6, 6), (7, 6), (8, 6), (9, 9)]


def test_both_forms_agree_on_a_higher_timeframe() -> None:
    class Trend(Strategy):
        def setup(self, bars: Any) -> None:
            self.slow = ta.sma(self.bars("5m").close, 3)
            self.close = bars.close

        def on_bar(self, bar: Bar) -> Any:
            if ta.crossed_above(self.close, self.slow):
                return self.long()
            return self.exit() if ta.crossed_below(self.close, self.slow) else None

        def rules(self, bars: Any) -> Rules:
            return Rules(
                enter_long=ta.cross_above(self.close, self.slow), exit_long=ta.cross_below(self.close, self.slow)
            )

    closes = (100 + np.cumsum(np.random.default_rng(3).normal(0, 1, 2_000)).round(2)).tolist()
    python, rules = (Backtest(Trend(), bars_of(closes), form=form).run() for form in ("python", "rules"))
    assert len(python.fills["id"]) > 50
    assert python.equity.tobytes() == rules.equity.tobytes()


def test_rules_may_be_made_of_a_higher_timeframe_alone() -> None:
    class Trend(Strategy):
        def setup(self, bars: Any) -> None:
            self.slow = self.bars("5m").close

        def on_bar(self, bar: Bar) -> Any:
            return self.long() if self.slow[-1] > 100 else self.exit() if self.position else None

        def rules(self, bars: Any) -> Rules:
            rising = self.slow > 100
            return Rules(enter_long=rising, exit_long=~rising, stop_loss=self.slow * 0.5)

    closes = (100 + np.cumsum(np.random.default_rng(3).normal(0, 1, 500)).round(2)).tolist()
    python, rules = (Backtest(Trend(), bars_of(closes), form=form).run() for form in ("python", "rules"))
    assert len(python.fills["id"]) > 5
    assert python.equity.tobytes() == rules.equity.tobytes()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"fill": "yesterday"}, "fill"),
        ({"path": "lucky"}, "path"),
        ({"cash": -1.0}, "cash: -1"),
        ({"participation": 2.0}, "participation: 2"),
        ({"leverage": 0.0}, "leverage: 0"),
        ({"leverage": 11.0}, r"leverage: 11 is not in 1\.\.10, what X gives\. Give 10 or less"),
        ({"leverage": float("nan")}, "leverage: nan is not in"),
    ],
)
def test_an_impossible_option_is_named(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        run({}, [10.0] * 3, **options)


def test_what_cannot_run_says_so_before_it_starts() -> None:
    class NeedsMany(Strategy):
        def setup(self, bars: Any) -> None:
            self.mean = ta.sma(bars.close, 50)

        def on_bar(self, bar: Bar) -> None: ...

    with pytest.raises(StrategyError, match="need 50 bars of X and there are 3"):
        Backtest(NeedsMany(), bars_of([10.0] * 3))
    with pytest.raises(StrategyError, match="has no rules form"):
        Backtest(NeedsMany(), bars_of([10.0] * 60), form="rules")
    with pytest.raises(DataError, match="the symbol comes twice"):
        Backtest(SignalPolicy(NeedsMany()), [bars_of([10.0] * 60), bars_of([10.0] * 60)])
    with pytest.raises(DataError, match="Y is not traded"):
        rates = type("Rates", (), {"ts": np.array([1]), "rate": np.array([0.1]), "mark": np.array([1.0])})()
        Backtest(NeedsMany(), bars_of([10.0] * 60), funding={"Y": rates})
    with pytest.raises(StrategyError, match="decides nothing"):
        Backtest(object(), bars_of([10.0] * 3))  # type: ignore[arg-type]


def test_a_strategy_that_raises_names_its_line_and_the_bar() -> None:
    def fail(strategy: Any, bar: Bar) -> None:
        raise ZeroDivisionError("no luck")

    with pytest.raises(
        StrategyError, match=r"test_backtest.py:\d+\) at 1970-01-01T00:03:00Z: ZeroDivisionError: no luck"
    ):
        run({2: fail}, [10.0] * 5)


def test_a_decision_of_another_kind_is_refused() -> None:
    with pytest.raises(StrategyError, match="returned str; a decision is"):
        run({1: "buy!"}, [10.0] * 4)


def test_ctrl_c_stops_a_run() -> None:
    def interrupt(strategy: Any, bar: Bar) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run({1: interrupt}, [10.0] * 4)


def test_progress_ends_with_all_steps_done() -> None:
    seen: list[tuple[int, int]] = []
    strategy = type("Scripted", (Script,), {"lines": {}})()
    Backtest(strategy, bars_of([10.0] * 5_000)).run(progress=lambda done, total: seen.append((done, total)))
    assert len(seen) > 1
    assert seen[-1] == (5_000, 5_000)
