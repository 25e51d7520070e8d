"""How option values are read, and what they say when they cannot be."""

from decimal import Decimal

import pytest

from tradebot.cli import values
from tradebot.core.errors import ConfigError, ParameterError, RiskError, SizingError, TradebotError
from tradebot.risk import RiskLimits
from tradebot.sizing import FixedQuantity, FractionOfEquity, RiskPerTrade
from tradebot.strategies import Strategy, param


class Example(Strategy):
    """Two parameters."""

    fast: int = param(10, ge=2)
    both: bool = param(False)

    def on_bar(self, bar):
        return None


@pytest.mark.parametrize(
    ("text", "number"), [("0.05", "0.05"), ("5%", "0.05"), ("2bps", "0.0002"), (" 1e-3 ", "0.001"), ("-1 %", "-0.01")]
)
def test_numbers_may_be_written_in_percent_and_basis_points(text: str, number: str):
    assert values.read_number("--x", text) == Decimal(number)


@pytest.mark.parametrize("text", ["", "five", "nan", "inf", "%", "1,5"])
def test_text_that_is_no_number_is_refused(text: str):
    with pytest.raises(ConfigError, match=r"--x: .* is not a number\. Write it as"):
        values.read_number("--x", text)


def test_sizers_are_read_by_kind():
    assert values.read_sizer("fixed:2") == FixedQuantity(2.0)
    assert values.read_sizer("fraction:50%") == FractionOfEquity(0.5)
    assert values.read_sizer("risk:1%") == RiskPerTrade(0.01)


def test_slippage_models_are_read_by_kind():
    assert str(values.read_slippage("none")) == str(values.read_slippage("bps:0")).replace("0 bps", "none")
    assert str(values.read_slippage("bps:2")) == "2 bps"
    for text in ("ticks:1", "half_spread:3", "volume_share:0.1"):
        assert not values.read_slippage(text).is_free


def test_fees_are_maker_and_taker_or_one_for_both():
    assert values.read_fees("0.02%,0.05%") == (Decimal("0.0002"), Decimal("0.0005"))
    assert values.read_fees("0.001") == (Decimal("0.001"), Decimal("0.001"))
    assert values.read_fees("-1bps,5bps") == (Decimal("-0.0001"), Decimal("0.0005"))


def test_limits_are_read_by_name():
    assert values.read_limits([]) is None
    limits = values.read_limits(["max_drawdown=20%", "max_positions=3"])
    assert limits == RiskLimits(max_drawdown=0.2, max_positions=3)
    assert type(limits.max_positions) is int


def test_parameters_are_read_in_their_own_types():
    assert values.read_params(Example, ["fast=12", "both=yes"]) == {"fast": 12, "both": True}


def test_a_share_lies_above_0_and_at_most_at_1():
    assert values.read_share("--x", None) is None
    assert values.read_share("--x", "5%") == 0.05
    assert values.read_share("--x", "1") == 1.0
    for text in ("0", "1.5"):
        with pytest.raises(ConfigError, match=r"--x: .* is not above 0 and at most 1"):
            values.read_share("--x", text)


@pytest.mark.parametrize(
    ("read", "text", "kind", "sentence"),
    [
        (values.read_sizer, "fixd:1", ConfigError, '--sizer: there is no "fixd". Did you mean "fixed"?'),
        (
            values.read_sizer,
            "kelly:1",
            ConfigError,
            '--sizer: there is no "kelly". Choose one of fixed, fraction, risk.',
        ),
        (values.read_sizer, "fixed", ConfigError, "--sizer: fixed needs a number. Write it as fixed:NUMBER."),
        (values.read_sizer, "fixed:0", SizingError, "fixed.quantity: 0 is not above 0. Give a number above 0."),
        (values.read_sizer, "risk:200%", SizingError, "risk.fraction: 2 is the whole of equity or more."),
        (values.read_slippage, "tick:1", ConfigError, '--slippage: there is no "tick". Did you mean "ticks"?'),
        (values.read_slippage, "bps:-1", ConfigError, "--slippage bps: -1 is negative. Give 0 or more."),
        (values.read_fees, "1,2,3", ConfigError, '--fees: "1,2,3" is not two numbers. Write MAKER,TAKER: 0.02%,0.05%.'),
        (values.read_fees, "5", ConfigError, "--fees: 5 is 100 % or more. 0.001 means 0.1 %."),
    ],
)
def test_impossible_values_are_named_with_their_mend(read, text: str, kind: type[TradebotError], sentence: str):
    with pytest.raises(kind) as caught:
        read(text)
    assert str(caught.value).startswith(sentence)


@pytest.mark.parametrize(
    ("pair", "kind", "sentence"),
    [
        ("max_drawdwn=1%", ConfigError, '--limit max_drawdwn: there is no such limit. Did you mean "max_drawdown"?'),
        ("max_drawdown", ConfigError, '--limit: "max_drawdown" is not a name and a value. Write it as name=value.'),
        ("max_drawdown=20", RiskError, "risk.max_drawdown: 20 is 100 % or more. Did you mean 0.2 (20 %)?"),
        ("max_positions=1.5", RiskError, "risk.max_positions: 1.5 is not a whole number"),
    ],
)
def test_impossible_limits_are_named(pair: str, kind: type[TradebotError], sentence: str):
    with pytest.raises(kind) as caught:
        values.read_limits([pair])
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("pair", "sentence"),
    [
        ("fst=1", 'example.fst: there is no such parameter. Did you mean "fast"?'),
        ("fast=x", 'example.fast: "x" is not a whole number. Give a value >= 2 (the default is 10).'),
        ("fast=1", "example.fast: 1 is below the minimum 2. Give a value >= 2 (the default is 10)."),
    ],
)
def test_impossible_parameters_are_named(pair: str, sentence: str):
    with pytest.raises(ParameterError) as caught:
        values.read_params(Example, [pair])
    assert str(caught.value) == sentence
