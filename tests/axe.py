"""What shuts people out of a page, as axe-core finds it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

_SCRIPT = Path(__file__).parents[1] / "web" / "node_modules" / "axe-core" / "axe.min.js"
_SHUTS_OUT = ("serious", "critical")


def violations(page: Page) -> list[str]:
    """Each serious or critical violation: its rule, and where."""
    page.evaluate(_SCRIPT.read_text())
    found: list[dict[str, Any]] = page.evaluate(
        'async () => (await axe.run({resultTypes: ["violations"]})).violations',
    )
    return [
        f"{each['id']}: {node['target']} {node['failureSummary']}"
        for each in found
        if each["impact"] in _SHUTS_OUT
        for node in each["nodes"]
    ]
