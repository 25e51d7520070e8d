"""The sentences errors print."""

import pickle

import pytest

from tradebot.core import errors
from tradebot.core.errors import ConfigError, DataError, TradebotError, did_you_mean


def test_an_error_names_the_place_the_fact_and_the_mend():
    error = ConfigError("500 is not in 0..100", place="risk_management.stop_loss_pct", mend="Did you mean 5.0?")
    assert str(error) == "risk_management.stop_loss_pct: 500 is not in 0..100. Did you mean 5.0?"


def test_an_error_without_place_or_mend_is_the_bare_fact():
    assert str(DataError("the file is empty")) == "the file is empty"
    assert str(DataError("the file is empty", place="a.csv")) == "a.csv: the file is empty"


def test_a_fact_that_ends_in_a_full_stop_does_not_print_two():
    assert str(DataError("the file is empty.", mend="Give another one.")) == "the file is empty. Give another one."


def test_an_error_crosses_a_process_boundary_whole():
    error = DataError("row 3 is text", place="a.csv", mend="Correct the row.")
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is DataError
    assert str(copy) == str(error)


@pytest.mark.parametrize(
    "name",
    [
        "ConfigError",
        "DataError",
        "StrategyError",
        "SignalError",
        "OrderError",
        "SizingError",
        "RiskError",
        "ParameterError",
        "IndicatorError",
    ],
)
def test_every_error_is_caught_as_the_one_base(name: str):
    assert issubclass(getattr(errors, name), TradebotError)


def test_the_nearest_names_are_offered():
    assert did_you_mean("fsat", ["fast", "slow"]) == 'Did you mean "fast"?'
    assert did_you_mean("btcusdt", ["BTCUSDT", "ETHUSD"]).startswith('Did you mean "BTCUSDT"')


def test_nothing_is_offered_when_nothing_is_near():
    assert did_you_mean("xyz", ["fast", "slow"]) == ""
