"""Runs that are compared row by row."""

from __future__ import annotations

import pytest

from tradebot.engine import trader


@pytest.fixture(autouse=True)
def long_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is compared, so nothing may be forgotten."""
    monkeypatch.setattr(trader, "KEPT", 1_000_000)
