"""The sentence a run ends with when a strategy's own code raised."""

import pytest

from tradebot.core.errors import ParameterError, StrategyError
from tradebot.engine.backtest import Backtest
from tradebot.feeds.mock import mock_bars
from tradebot.strategies import Strategy, registry
from tradebot.strategies.failure import failure


class Raising(Strategy):
    """Raises what it is given."""

    def on_bar(self, bar):
        raise bar


def caught(error: Exception) -> Exception:
    with pytest.raises(type(error)) as info:
        Raising().on_bar(error)
    return info.value


def test_strategy_line_time_and_message_are_named():
    line = Raising.on_bar.__code__.co_firstlineno + 1
    wrapped = failure(Raising(), caught(ZeroDivisionError("division by zero")), ts=1_746_316_860_000_000_000)
    assert isinstance(wrapped, StrategyError)
    place, _, fact = str(wrapped).partition(": ")
    assert place.startswith("raising (")
    assert place.endswith(f"test_failure.py:{line}) at 2025-05-04T00:01:00Z")
    assert fact == "ZeroDivisionError: division by zero"


def test_an_error_of_ours_keeps_its_own_sentence():
    wrapped = failure(
        Raising(), caught(ParameterError("5 is too long", place="sma.period", mend="Give less.")), stage="in setup"
    )
    assert str(wrapped).startswith("raising (")
    assert str(wrapped).endswith(" in setup: sma.period: 5 is too long. Give less.")


def test_an_error_without_text_is_named_by_its_kind():
    assert str(failure(Raising(), caught(NotImplementedError()), ts=0)).endswith(
        "1970-01-01T00:00:00Z: NotImplementedError"
    )


def test_an_error_at_no_bar_in_particular_names_no_time():
    line = Raising.on_bar.__code__.co_firstlineno + 1
    assert f"test_failure.py:{line}): ValueError: x" in str(failure(Raising(), caught(ValueError("x"))))


def test_what_the_library_refuses_in_setup_is_said_without_a_line_of_ours():
    with pytest.raises(StrategyError) as refused:
        Backtest(registry.find("pairs")(), mock_bars("AUSDT", "1m", 1_000, seed=1))
    assert str(refused.value).startswith("pairs: a pair is two markets, and the run has 1. Give two")


def test_what_a_person_refuses_in_setup_names_the_line():
    class Refusing(Strategy):
        def setup(self, bars):
            raise StrategyError("no", place="here")

        def on_bar(self, bar):
            return None

    with pytest.raises(StrategyError, match=r"^refusing \(.*test_failure\.py:\d+\) in setup: here: no"):
        Backtest(Refusing(), mock_bars("AUSDT", "1m", 1_000, seed=1))
