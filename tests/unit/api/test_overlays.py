"""What is drawn over a market's bars."""

from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from served_api import API
from tradebot.api.overlays import Lines, lines_of, structures_of
from tradebot.api.schemas.overlays import Line
from tradebot.feeds.mock import mock_bars
from tradebot.strategies import registry

BARS = mock_bars("MOCKUSDT", "1m", 2_000)


def lines(name: str, **params: object) -> dict[str, tuple[int, list]]:
    found = lines_of(registry.find(name)(**params), [BARS], 0, 100)
    return {line.name: (line.pane, line.values) for line in found}


def test_an_average_lies_on_the_prices_and_has_a_value_for_each_bar():
    pane, values = lines("sma_cross", fast=10, slow=30)["slow_ma"]
    assert pane == 0
    expected = np.convolve(BARS.close, np.ones(30) / 30, "valid")[-100:]
    assert values == pytest.approx(expected)


def test_an_oscillator_has_a_pane_of_its_own_though_its_values_are_near_the_prices():
    pane, values = lines("rsi_reversion")["rsi"]
    assert pane == 1
    assert 0 <= min(values) <= max(values) <= 100


def test_outputs_of_one_indicator_share_a_pane():
    assert {pane for pane, _ in lines("macd_cross").values()} == {1}


def test_indicators_are_computed_once_a_bar_for_whoever_asks(monkeypatch: pytest.MonkeyPatch):
    computed: list[int] = []

    def counted(*asked: Any) -> list[Line]:
        computed.append(len(asked[1][0]))
        return lines_of(*asked)

    monkeypatch.setattr("tradebot.api.overlays.lines_of", counted)
    lines, strategy = Lines(), registry.find("sma_cross")(fast=10, slow=30)
    for count in (20, 500, 20):
        assert lines.latest(strategy, [BARS[:-1]], 0, count) == lines_of(strategy, [BARS[:-1]], 0, count)
    assert lines.latest(strategy, [BARS], 0, 20) == lines_of(strategy, [BARS], 0, 20)
    assert computed == [1_999, 2_000]


def test_structures_are_those_of_the_bars_shown():
    found = structures_of(BARS, 10, 300)
    first = BARS.ts[-300]
    assert found.swings
    assert all(each.time.timestamp() * 1e9 >= first for each in found.swings)
    assert all(each.known_at > each.time for each in found.swings)
    assert all(each.bottom < each.top for each in (*found.gaps, *found.order_blocks))


def test_a_market_in_the_store_shows_its_structures(client: TestClient):
    answer = client.get(f"{API}/structures/BTCUSDT", params={"swing_length": 5, "interval": "4h"})
    assert answer.status_code == 200
    assert answer.json()["interval"] == "4h"
    assert answer.json()["swings"]


def test_indicators_need_a_bot(client: TestClient):
    assert client.get(f"{API}/indicators/BTCUSDT").status_code == 404
