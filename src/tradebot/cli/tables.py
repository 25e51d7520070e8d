"""Tables on standard output that nothing is cut from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.table import Table

# In a pipe there is no terminal whose width could cut a cell.
_PIPE_WIDTH: Final = 1_000


def print_whole(table: Table) -> None:
    """Print a table: as wide as the terminal, and in a pipe as wide as it is."""
    from rich.console import Console

    console = Console()
    Console(width=None if console.is_terminal else _PIPE_WIDTH).print(table)
