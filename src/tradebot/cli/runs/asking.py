"""From a record back to the request it came from."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from tradebot.cli.request import BacktestRequest
from tradebot.core.errors import DataError

if TYPE_CHECKING:
    from tradebot.research.runs import RunRecord, RunStore


def request_of(record: RunRecord, **changed: Any) -> BacktestRequest:
    """What the run was asked for; options the command has learned since take their defaults.

    Parameters
    ----------
    changed : options that shall be others than those recorded.

    Raises
    ------
    DataError : the run was not made by the command line, or by an option this version has not.
    """
    from tradebot.cli.backtest import backtest

    place = f"run {record.short_id}"
    if record.request.get("command") != "backtest":
        fact = "it was not made by `tradebot backtest`, so its data cannot be loaded again"
        raise DataError(fact, place=place, mend="`tradebot runs show` tells what was kept of it.")
    recorded = record.request["options"]
    with backtest.make_context("backtest", [recorded["strategy"]], resilient_parsing=True) as context:
        # What a configuration said stands among the options that were recorded.
        known: dict[str, Any] = {name: value for name, value in context.params.items() if name != "config"}
    if unknown := sorted(set(recorded) - set(known)):
        mend = f"Use tradebot {record.code.versions.get('tradebot', '')} for it."
        raise DataError(f"it was made with {', '.join(unknown)}, which this version has not", place=place, mend=mend)
    outputs = {"report": None, "trades": None, "keep": False, "as_json": True}
    options = {name: _frozen(value) for name, value in (known | recorded | outputs | changed).items()}
    return BacktestRequest(**options)


def _frozen(value: Any) -> Any:
    """The value as click gives it: JSON has lists where options that may be given several times have tuples."""
    return tuple(cast("list[Any]", value)) if isinstance(value, list) else value


@contextmanager
def strategy_as_recorded(store: RunStore, record: RunRecord) -> Generator[str]:
    """The strategy's source as it was, in a folder of its own, by the name the registry finds it by.

    Raises
    ------
    DataError : the run has no source of its strategy, or it was made of two mixins.
    """
    code = record.code
    if not code.sources:
        mend = "Leave out --as-recorded; the strategy's present source is then run."
        raise DataError("no source of its strategy was kept", place=f"run {record.short_id}", mend=mend)
    if "+" in code.strategy_class:
        fact = f"{code.strategy_class} is made of two mixins, which are joined by their names and not from kept source"
        mend = f"Leave out --as-recorded; `tradebot runs show {record.short_id}` tells the version it was kept under."
        raise DataError(fact, place=f"run {record.short_id}", mend=mend)
    with tempfile.TemporaryDirectory(prefix="tradebot-") as folder:
        # A record is not to be written to, whatever the strategy does where it lies.
        copy = Path(folder) / "source"
        shutil.copytree(store.sources(record), copy)
        # First on the path, so that it finds its neighbours as they were and not those of the folder we are in.
        sys.path.insert(0, str(copy))
        try:
            first = copy / code.sources[0]
            # A model is a strategy by itself, a Python file may hold several.
            yield f"{first}:{code.strategy_class}" if first.suffix == ".py" else str(first)
        finally:
            sys.path.remove(str(copy))
