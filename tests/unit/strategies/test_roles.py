"""Roles of timeframes: declared by the strategy, bound to intervals by the run."""

import numpy as np
import pytest

import tradebot
from tradebot import ta
from tradebot.core.errors import ConfigError, StrategyError
from tradebot.engine.backtest import Backtest
from tradebot.feeds.mock import mock_bars
from tradebot.strategies import Rules, Strategy


class TwoFrames(Strategy):
    """Long while the price is above an average of the higher timeframe."""

    roles = {"HTF": "4h", "LTF": "15m"}

    def setup(self, bars):
        self.trend = ta.sma(self.bars("HTF").close, 3)
        self.low = self.bars("LTF")

    def on_bar(self, bar):
        return self.long() if bar.close > self.trend[-1] else self.exit()


class FixedFrames(Strategy):
    """The same at one interval that nobody can change."""

    hours = "4h"

    def setup(self, bars):
        self.trend = ta.sma(self.bars(self.hours).close, 3)

    def on_bar(self, bar):
        return self.long() if bar.close > self.trend[-1] else self.exit()


class FixedDays(FixedFrames):
    """The same at another."""

    hours = "1d"


def bars(interval: str = "15m", count: int = 2_000):
    return mock_bars("MOCKUSDT", interval, count, seed=7)


def trades_of(strategy, **arguments):
    return tradebot.backtest(strategy, bars(), **arguments).trades


def test_a_role_reads_the_interval_the_strategy_declares():
    assert trades_of(TwoFrames()).equals(trades_of(FixedFrames()))


def test_a_run_binds_a_role_to_another_interval():
    rebound = trades_of(TwoFrames(), tf_roles={"1d": "HTF", "15m": "LTF"})
    assert rebound.equals(trades_of(FixedDays()))
    assert not rebound.equals(trades_of(TwoFrames()))


def test_binding_a_role_leaves_the_strategy_alone():
    strategy = TwoFrames()
    other = strategy.with_roles({"1d": "HTF"})
    assert other.role_intervals == {"HTF": "1d", "LTF": "15m"}
    assert strategy.role_intervals == {"HTF": "4h", "LTF": "15m"}


def test_roles_may_be_bound_one_after_another():
    strategy = TwoFrames().with_roles({"1d": "HTF"}).with_roles({"1h": "LTF"})
    assert strategy.role_intervals == {"HTF": "1d", "LTF": "1h"}


def test_the_lower_role_is_the_bars_the_run_trades_on_whatever_was_declared():
    seen = []

    class Lower(TwoFrames):
        def setup(self, bars):
            super().setup(bars)
            seen.append((str(self.low.interval), str(self.bars().interval)))

    tradebot.backtest(Lower(), bars("5m", 3_000))
    assert seen == [("5m", "5m")]


@pytest.mark.parametrize(
    ("interval", "tf_roles", "told"),
    [
        ("4h", {}, r"two_frames\.roles\.HTF: 4h is not above the 4h bars the run trades on\. Give HTF a longer"),
        ("1d", {}, r"two_frames\.roles\.HTF: 4h is not above the 1d bars"),
        ("15m", {"5m": "HTF"}, r"roles\.HTF: 5m is not above the 15m bars"),
        ("15m", {"20m": "HTF"}, r"roles\.HTF: 15m bars do not fill 20m bars\. Give HTF a whole multiple of 15m"),
        ("15m", {"1h": "LTF"}, r"roles\.LTF: it is 1h, and the run trades on 15m bars\. Give 1h bars, or 15m the role"),
        ("15m", {"1h": "HFT"}, r'two_frames\.roles: there is no role "HFT"\. Did you mean "HTF"\?'),
        ("15m", {"1h": "HTF", "2h": "HTF"}, r"tf_roles: HTF is given to 1h and to 2h\. Give each role one interval"),
        ("15m", {"four": "HTF"}, r'"four" is not an interval'),
    ],
)
def test_roles_that_do_not_fit_are_told_before_the_run(interval: str, tf_roles: dict[str, str], told: str):
    with pytest.raises((StrategyError, ConfigError), match=told):
        Backtest(TwoFrames(), bars(interval), tf_roles=tf_roles)


def test_a_strategy_without_roles_says_so():
    with pytest.raises(StrategyError, match=r'there is no role "HTF"\. It declares none: leave it out'):
        Backtest(FixedFrames(), bars(), tf_roles={"1d": "HTF"})


def test_a_policy_has_no_roles():
    class Nothing:
        def decide(self, portfolio, snapshot, context):
            return []

    with pytest.raises(StrategyError, match=r"tf_roles: a policy has no roles"):
        Backtest(Nothing(), bars(), tf_roles={"1d": "HTF"})


def test_reading_a_role_that_is_not_declared_is_told():
    class Undeclared(Strategy):
        roles = {"HTF": "4h"}

        def setup(self, bars):
            self.bars("HTM")

        def on_bar(self, bar):
            return None

    with pytest.raises(StrategyError, match=r'undeclared\.bars: there is no role "HTM"\. Did you mean "HTF"'):
        Backtest(Undeclared(), bars())


def test_a_declared_role_that_is_no_interval_is_told_when_the_class_is_made():
    with pytest.raises(StrategyError, match=r'odd\.roles\.HTF: "four hours" is not an interval'):
        type("Odd", (Strategy,), {"roles": {"HTF": "four hours"}})


@pytest.mark.parametrize("interval", ["1m", "1h", "1d"])
def test_months_fill_a_higher_role_over_minutes_hours_and_days(interval: str):
    count = {"1m": 200_000, "1h": 24 * 200, "1d": 400}[interval]
    data = mock_bars("MOCKUSDT", interval, count, seed=3, start="2023-12-20")
    strategy = TwoFrames().with_roles({"1M": "HTF"})
    engine = Backtest(strategy, data)
    months = data.ts.view("datetime64[ns]").astype("datetime64[M]")
    frame = engine._bound[0].trend.frame
    # A month is seen once its last bar has closed: at the close of bar t, the month of the next bar's open has begun.
    closes = data.close_ts.view("datetime64[ns]").astype("datetime64[M]")
    whole = np.searchsorted(np.unique(months), closes) - 1
    assert str(frame.interval) == "1M"
    assert np.array_equal(frame.visible, whole)


def test_a_saved_run_is_not_taken_up_with_other_roles():
    saved = Backtest(TwoFrames(), bars())
    saved.advance(100)
    with pytest.raises(ConfigError, match="other bars, strategy, parameters or settings"):
        Backtest(TwoFrames(), bars(), tf_roles={"1d": "HTF"}).restore(saved.save())


def test_rules_read_roles_as_python_does():
    class InRules(TwoFrames):
        def rules(self, bars):
            above = bars.close > self.trend
            return Rules(enter_long=above, exit_long=~above)

    kept = ("entry_ts", "exit_ts", "quantity")
    results = [tradebot.backtest(InRules(), bars(), form=form, tf_roles={"1d": "HTF"}) for form in ("python", "rules")]
    first, second = (result.outcome.trades for result in results)
    assert all(np.array_equal(first[name], second[name]) for name in kept)
