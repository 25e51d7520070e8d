"""The view of a bot kept up with it, twice a second."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import click

from tradebot.app.standing import standing_of
from tradebot.cli.watch.activity import recent
from tradebot.cli.watch.view import view
from tradebot.core.errors import JournalError

if TYPE_CHECKING:
    from rich.live import Live

_EVERY_S: Final = 0.5
_LEAST, _MOST = 3, 12
# Lines of the view that are not the last activities.
_OTHERS: Final = 16


def require_terminal(*, as_json: bool) -> None:
    """Make sure that a view can be drawn.

    Raises
    ------
    UsageError : there is no terminal, or the standard output is a document's.
    """
    if as_json or not sys.stdout.isatty():
        raise click.UsageError("--watch draws on a terminal: standard output is none, or --json was given.")


@contextmanager
def screen() -> Generator[Live]:
    """The place on the terminal where the view is drawn; what else is printed meanwhile goes above it."""
    from rich.console import Console
    from rich.live import Live

    with Live(console=Console(), auto_refresh=False, vertical_overflow="crop") as live:
        yield live


async def keep_showing(live: Live, account: str) -> None:
    """Draw for good."""
    while True:
        show(live, account)
        await asyncio.sleep(_EVERY_S)


def show(live: Live, account: str) -> None:
    """Draw once; where the record cannot be read just now, what was drawn stays."""
    count = min(max(live.console.height - _OTHERS, _LEAST), _MOST)
    try:
        drawn = view(standing_of(account), recent(account, count))
    except JournalError:
        return
    live.update(drawn, refresh=True)
