"""What holds for every feature: one value in every form, and nothing of the future in it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tradebot import BarArray, Rules, Strategy, features, ta
from tradebot.core.errors import IndicatorError
from tradebot.features import Feature
from tradebot.features.page import page
from tradebot.feeds.mock import mock_bars
from tradebot.research.verify.forms import check_streaming
from tradebot.research.verify.futures import futures
from tradebot.research.verify.look_ahead import check_look_ahead
from tradebot.research.verify.starting import check_start

BARS = mock_bars("AUSDT", "30m", 1_500, seed=9)
EVERY = [formula(10) if "window" in formula.parameters else formula() for formula in features.formulas().values()]

each_feature = pytest.mark.parametrize("feature", EVERY, ids=str)


def by_expression(feature: Feature, bars: BarArray) -> np.ndarray:
    return features.table(bars, [feature])[feature.name].cast(float).to_numpy()


def by_node(feature: Feature, bars: BarArray) -> np.ndarray:
    return feature.on(ta.Frame.batch(bars)).batch()


def deciding_on(feature: Feature) -> Strategy:
    class Decides(Strategy):
        """Long above the feature's median, flat below."""

        def setup(self, bars):
            self.feature = feature.on(bars)
            self.middle = ta.rolling_median(self.feature, 5)

        def rules(self, bars):
            return Rules(enter_long=self.feature > self.middle, exit_long=self.feature < self.middle)

    return Decides()


@each_feature
def test_expression_and_node_agree(feature: Feature):
    np.testing.assert_allclose(by_node(feature, BARS), by_expression(feature, BARS), rtol=1e-9, atol=1e-12)


@each_feature
def test_the_same_values_are_known_where_nothing_is_traded_and_prices_stand_still(feature: Feature):
    still = np.s_[200:240]
    columns = {name: getattr(BARS, name).copy() for name in ("open", "high", "low", "close", "volume")}
    for name, values in columns.items():
        values[still] = 0.0 if name == "volume" else 100.0
    bars = replace(BARS, vwap=None, **columns)
    np.testing.assert_allclose(by_node(feature, bars), by_expression(feature, bars), rtol=1e-8, atol=1e-8)


@each_feature
def test_batch_and_streaming_agree_to_the_bit(feature: Feature):
    check = check_streaming(deciding_on(feature), [BARS])
    assert check.passed, check.fact


@each_feature
def test_no_value_changes_when_the_future_does(feature: Feature):
    for compute in (by_expression, by_node):
        whole = compute(feature, BARS)
        for last in (40, 333, 1_200):
            for kind, other in futures(BARS, last, seed=last):
                now = compute(feature, other)
                np.testing.assert_array_equal(now[: last + 1], whole[: last + 1], err_msg=f"{kind} after {last}")


@pytest.mark.parametrize("feature", EVERY[:12], ids=str)
def test_a_strategy_that_decides_on_it_passes_the_look_ahead_check(feature: Feature):
    check = check_look_ahead(deciding_on(feature), [BARS[:400]], {})
    assert check.passed, check.fact


@each_feature
def test_it_does_not_depend_on_where_the_data_begins(feature: Feature):
    check = check_start(deciding_on(feature), [BARS], {})
    assert check.passed is not False, check.fact


@each_feature
def test_a_name_stands_for_its_feature(feature: Feature):
    again = features.parse(feature.name)
    assert again == feature
    np.testing.assert_array_equal(by_node(again, BARS), by_node(feature, BARS))


@each_feature
def test_the_source_or_the_definition_is_told(feature: Feature):
    docs = features.formulas()[feature.name.partition(":")[0]].__doc__
    assert docs
    assert docs.strip().partition("\n")[0].endswith((".", ":", "close", "]", "1."))


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("parkinsn:20", 'features: no feature is called "parkinsn". Did you mean "parkinson"?'),
        ("parkinson", "feature parkinson: 0 parameters are given, it takes window. Write it as parkinson:WINDOW."),
        ("hour_sin:3", "feature hour_sin: 1 parameters are given, it takes none. Write it as hour_sin."),
        ("parkinson:x", 'parkinson(window): "x" is not a whole number'),
        ("parkinson:1", "parkinson(window): 1 must be at least 2"),
        ("log_return:0", "log_return(horizon): 0 must be at least 1"),
        ("zscore:20:clse", 'zscore(column): bars have no column "clse". Did you mean "close"?'),
        ("session_sin:25:16", 'session_sin(start): "25" is no time of day. Write it as 0930.'),
        ("session_sin:1600:0930", "session_sin(end): 0930 does not come after 1600"),
        ("session_sin:0930:1600:Mars", 'session_sin(zone): no time zone is called "Mars". Give a name such as '),
    ],
)
def test_a_name_that_stands_for_nothing_is_refused(name: str, sentence: str):
    with pytest.raises(IndicatorError) as caught:
        features.table(BARS[:50], [features.parse(name)])
    assert str(caught.value).startswith(sentence)


@pytest.mark.parametrize(("bucket", "window", "side"), [(0.0, 5, 1), (1.0, 0, 1), (1.0, 5, 0)])
def test_vpin_refuses_what_it_cannot_measure(bucket: float, window: int, side: int):
    with pytest.raises(IndicatorError, match="vpin"):
        features.Vpin(bucket, window).update(1.0, side)


def test_the_reference_is_current():
    written = (Path(__file__).parents[3] / "docs" / "features.md").read_text(encoding="utf-8")
    assert written == page(), "run: python -m tradebot.features.page > docs/features.md"
