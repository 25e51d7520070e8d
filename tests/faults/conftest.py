"""Retries of downloads without their pauses; exchanges and homes for bots that trade."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import stamina

from tradebot.exchange import rest_public
from tradebot.feeds import download as downloads


@pytest.fixture
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries at once, but with the number of attempts there is."""
    real = stamina.retry_context

    def hurried(**wish: Any) -> Any:
        return real(**(wish | {"wait_initial": 0.0, "wait_max": 0.01, "wait_jitter": 0.0}))

    monkeypatch.setattr(downloads.stamina, "retry_context", hurried)


@pytest.fixture
def candles_of_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """The exchange has them, which Binance's futures have not: a test of minutes takes minutes."""
    monkeypatch.setattr(rest_public, "INTERVALS", (*rest_public.INTERVALS, "1s"))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of tradebot for this test alone."""
    folder = tmp_path / "home"
    monkeypatch.setenv("TRADEBOT_HOME", str(folder))
    return folder
