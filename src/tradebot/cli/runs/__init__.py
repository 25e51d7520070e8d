"""``tradebot runs``: the backtests that were kept."""

from __future__ import annotations

from typing import Final

import click

from tradebot.cli.lazy import LazyGroup, Target

_TARGETS: Final = {
    "list": Target("tradebot.cli.runs.listing", "list_runs", "List the kept runs, newest first."),
    "show": Target("tradebot.cli.runs.show", "show", "Show what was kept of one run."),
    "compare": Target("tradebot.cli.runs.compare", "compare", "Put two or more runs side by side."),
    "report": Target("tradebot.cli.runs.report", "report", "Draw the report of a run again."),
    "repeat": Target(
        "tradebot.cli.runs.repeat", "repeat", "Run again from the record, and tell whether it is the same."
    ),
    "delete": Target("tradebot.cli.runs.delete", "delete", "Delete runs."),
}

_EPILOG: Final = """\b
A run is named by its id, the first letters of it, `latest`, or `latest~1` for the one before.

\b
Examples:
  tradebot runs list
  tradebot runs show latest
"""


@click.group(cls=LazyGroup, targets=_TARGETS, epilog=_EPILOG)
def runs() -> None:
    """Look at the backtests that were kept, compare them, run them again."""
