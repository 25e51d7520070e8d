"""A progress bar on standard error, where a person watches."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager

Advance = Callable[[int, int], None]


@contextmanager
def progress_bar(title: str, steps: int, *, shown: bool) -> Generator[Advance | None]:
    """Give a function to call with the steps done and the steps in all; ``None`` where no bar is drawn.

    ``steps`` is what is expected before the first call. The bar disappears when the block ends. It is drawn on a
    terminal only: a log or a pipe gets nothing of it.
    """
    if not (shown and sys.stderr.isatty()):
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("[progress.description]{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(compact=True),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=steps)
        yield lambda done, total: bar.update(task, completed=done, total=total)
