"""Retries of downloads without their pauses."""

from __future__ import annotations

from typing import Any

import pytest
import stamina

from tradebot.feeds import download as downloads


@pytest.fixture
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries at once, but with the number of attempts there is."""
    real = stamina.retry_context

    def hurried(**wish: Any) -> Any:
        return real(**(wish | {"wait_initial": 0.0, "wait_max": 0.01, "wait_jitter": 0.0}))

    monkeypatch.setattr(downloads.stamina, "retry_context", hurried)
