"""``tradebot runs report``: the report of a kept run, drawn again."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from tradebot.cli.checks import check_target
from tradebot.cli.runs.selecting import RunName, open_store, print_json

if TYPE_CHECKING:
    from tradebot.engine.outcome import RunOutcome
    from tradebot.research.result import Rerun
    from tradebot.research.runs import RunRecord, RunStore

_EPILOG: Final = """\b
Examples:
  tradebot runs report latest
  tradebot runs report latest --output reports/latest.html
"""


@click.command(epilog=_EPILOG)
@click.argument("run", type=RunName())
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE.html",
              help="Where to write it.  [default: run-ID.html]")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def report(run: str, output: Path | None, as_json: bool) -> None:
    """Draw the HTML report of RUN again, from its record and the bars it was made of."""
    check_target("--output", output, (".html", ".htm"))
    from tradebot.cli.running import load_spans
    from tradebot.cli.runs.asking import request_of
    from tradebot.research.runs.revival import revive

    store = open_store()
    record = store.record(run)
    markets, _ = load_spans(request_of(record), record.data)
    result = revive(store, record, markets, rerun=_rerun(store, record))
    with contextlib.redirect_stdout(sys.stderr):
        written = result.report(output or Path(f"run-{record.short_id}.html"))
    if as_json:
        print_json({"id": str(record.id), "files": {"report": str(written)}})
    else:
        click.echo(f"Report: {written}")


def _rerun(store: RunStore, record: RunRecord) -> Rerun | None:
    """The run under another path mode; ``None`` where it could not be the same run, for the code is another."""
    from tradebot.cli.running import run
    from tradebot.cli.runs.asking import request_of, strategy_as_recorded
    from tradebot.research.runs.provenance import provenance_of

    now = provenance_of(None).code
    if not record.code.sources or (now.package_digest, now.engine_digest) != (
        record.code.package_digest,
        record.code.engine_digest,
    ):
        return None

    def under(path: str) -> RunOutcome:
        with strategy_as_recorded(store, record) as strategy:
            return run(request_of(record, strategy=strategy, path=path), recorded=record.data).result.outcome

    return under
