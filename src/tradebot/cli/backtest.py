"""``tradebot backtest``: a strategy over bars, the result as a table, JSON or a report."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from click.shell_completion import CompletionItem

from tradebot.cli.request import BacktestRequest

if TYPE_CHECKING:
    import polars as pl

    from tradebot.cli.running import Ran
    from tradebot.core.errors import TradebotError
    from tradebot.research.result import BacktestResult
    from tradebot.research.runs import RunRecord, RunStore

_TABLE_SUFFIXES: Final = (".csv", ".parquet")
_PAGE_SUFFIXES: Final = (".html", ".htm")

_EPILOG: Final = """\b
Examples:
  tradebot backtest sma_cross --data mock --report report.html
  tradebot backtest sma_cross -d BTCUSDT-1m.parquet -p fast=20 -p slow=50
  tradebot backtest my.py -d BTCUSDT-5m.parquet --tf-role HTF=1h
  tradebot backtest --config bot.json -d BTCUSDT-1h.parquet
  tradebot backtest my.py -d BTCUSDT-1h.parquet --magnify BTCUSDT-1m.parquet
  tradebot backtest sma_cross -d store:SPY --interval 1d --adjusted
  tradebot backtest my.py -d A-1h.csv -d B-1h.csv --sizer risk:1% --json
"""


def _complete_strategy(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from tradebot.strategies.registry import names

    found = [CompletionItem(name) for name in names() if name.startswith(incomplete)]
    return [*found, CompletionItem(incomplete, type="file")]


@click.command(epilog=_EPILOG, context_settings={"show_default": True})
@click.argument("strategy", required=False, shell_complete=_complete_strategy)
@click.option("-c", "--config", type=click.Path(path_type=Path), metavar="FILE.json",
              help="Configuration; options given beside it go before it.")  # fmt: skip
@click.option("-p", "--param", "params", multiple=True, metavar="NAME=VALUE", help="Parameter of the strategy.")
@click.option("--tf-role", "tf_roles", multiple=True, metavar="ROLE=INTERVAL",
              help="Interval of a timeframe the strategy reads by its role, such as HTF=4h.")  # fmt: skip
@click.option(
    "--form", type=click.Choice(["auto", "python", "rules"]), default="auto", help="Form of the strategy to run."
)
@click.option("-d", "--data", multiple=True, metavar="FILE|store:MARKET|mock",
              help="File of bars or stored market; once per market.")  # fmt: skip
@click.option(
    "--symbol", "symbols", multiple=True, help="Market of each file, or of the mock data.  [default: file name]"
)
@click.option("--interval", help="Length of a bar, such as 1m or 4h.  [default: told by the data]")
@click.option("--venue", help="Venue whose steps and fees hold.  [default: told by folder and symbol]")
@click.option("--start", metavar="TIME", help="First bar, as 2025-05-04 or 2025-05-04T12:00.")
@click.option("--end", metavar="TIME", help="Bars before this time.")
@click.option("--violations", type=click.Choice(["refuse", "widen", "drop"]), default="refuse",
              help="Rows whose open or close lies outside low..high.")  # fmt: skip
@click.option("--adjusted/--raw", default=False,
              help="Stored equity prices adjusted for splits and dividends, or raw.")  # fmt: skip
@click.option("--funding", multiple=True, metavar="[SYMBOL=]FILE|store",
              help="Funding payments of a perpetual.")  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), help="Seed of the mock market.  [default: 1]")
@click.option("--bars", type=click.IntRange(min=1, max=100_000_000), help="Bars of the mock market.  [default: 50000]")
@click.option("--cash", type=click.FloatRange(min=0, min_open=True), default=10_000.0, help="Equity at the start.")
@click.option("--sizer", metavar="KIND:NUMBER",
              help="fixed:QUANTITY, fraction:SHARE of equity, or risk:SHARE of equity lost at the stop.  "
                   "[default: fraction:0.95, shared by the markets]")  # fmt: skip
@click.option("--limit", "limits", multiple=True, metavar="NAME=VALUE", help="Risk limit, such as max_drawdown=20%.")
@click.option("--protect", "protections", multiple=True, metavar="NAME=VALUE",
              help="Exit of entries that bring none, such as stop_loss_pct=5%.")  # fmt: skip
@click.option("--leverage", type=click.FloatRange(min=1), default=1.0, help="Notional a unit of margin carries.")
@click.option("--fees", metavar="MAKER,TAKER", help="Fees in place of the venue's, such as 0.02%,0.05%.")
@click.option("--slippage", default="none", metavar="MODEL",
              help="none, bps:X, ticks:N, half_spread:BPS or volume_share:IMPACT.")  # fmt: skip
@click.option("--fill", type=click.Choice(["next_open", "this_close"]), default="next_open", help="When orders fill.")
@click.option("--path", type=click.Choice(["pessimistic", "optimistic", "adaptive"]), default="pessimistic",
              help="Order of the extremes inside a bar.")  # fmt: skip
@click.option("--magnify", multiple=True, metavar="[SYMBOL=]FILE",
              help="Finer bars that tell the path inside a bar; once per market.")  # fmt: skip
@click.option("--touch/--no-touch", default=True, help="Whether a limit fills when the price only touches it.")
@click.option("--participation", metavar="SHARE", help="Most of a bar's volume one fill may take, such as 5%.")
@click.option("--report", type=click.Path(path_type=Path), metavar="FILE.html", help="Write the HTML report.")
@click.option("--trades", type=click.Path(path_type=Path), metavar="FILE.csv|.parquet", help="Write the trades.")
@click.option("--keep/--no-keep", default=True, help="Whether the run is kept, for `tradebot runs`.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def backtest(config: Path | None, **options: Any) -> None:
    """Run STRATEGY (a name, FILE.py, FILE.py:NAME or a trained FILE.model) over past or simulated bars."""
    if config is not None:
        options |= _configured(config)
    if options["strategy"] is None:
        raise click.UsageError("Missing argument 'STRATEGY'; a configuration given by --config names one.")
    from tradebot.cli.checks import check_target
    from tradebot.cli.running import run

    request = BacktestRequest(**options)
    check_target("--report", request.report, _PAGE_SUFFIXES)
    check_target("--trades", request.trades, _TABLE_SUFFIXES)
    store = _store(request)
    # What a strategy prints must not end up inside the JSON document.
    with contextlib.redirect_stdout(sys.stderr) if request.as_json else contextlib.nullcontext():
        ran = run(request)
        kept, failure = _keep(store, request, ran)
        written = _write_files(request, ran.result)
    _show(request, ran.result, written, kept)
    if failure is not None:
        raise failure


def _configured(config: Path) -> dict[str, Any]:
    """Options as the configuration has them, without those that were given on the command line."""
    from click.core import ParameterSource

    from tradebot.cli.configured import options_of
    from tradebot.config import load

    context = click.get_current_context()
    loaded = load(config, os.environ)
    found = options_of(loaded)
    for note in loaded.aside:
        click.echo(f"{click.style('Note:', fg='yellow')} {note}", err=True)
    given = {name for name in found if context.get_parameter_source(name) is ParameterSource.COMMANDLINE}
    if "data" in given:
        # The configuration's way to its data goes with the data.
        given |= {"symbols", "bars"}
    return {name: value for name, value in found.items() if name not in given}


def _store(request: BacktestRequest) -> RunStore | None:
    """The store that will take the run, found to be writable before the run costs any time."""
    if not request.keep:
        return None
    from tradebot.research.runs import RunStore, runs_folder

    store = RunStore(runs_folder())
    store.prepare()
    return store


def _keep(store: RunStore | None, request: BacktestRequest, ran: Ran) -> tuple[RunRecord | None, TradebotError | None]:
    """Keep the run; a failure is told after the result, which nobody shall lose to a full disk."""
    if store is None:
        return None, None
    from tradebot.core.errors import DataError

    try:
        record = store.keep(ran.result, request=request.recorded(), inputs=ran.inputs)
    except DataError as error:
        return None, error
    return record, None


def _write_files(request: BacktestRequest, result: BacktestResult) -> dict[str, str]:
    """Write what was asked for; returns what each file is to its path."""
    written: dict[str, str] = {}
    if request.trades is not None:
        _write_table(result.trades, request.trades)
        written["trades"] = str(request.trades)
    if request.report is not None:
        written["report"] = str(result.report(request.report))
    return written


def _write_table(frame: pl.DataFrame, file: Path) -> None:
    from polars import selectors

    file.parent.mkdir(parents=True, exist_ok=True)
    if file.suffix.lower() == ".csv":
        # CSV has no spans of time.
        spans = selectors.duration().dt.total_seconds().name.suffix("_seconds")
        frame.with_columns(spans).drop(selectors.duration()).write_csv(file)
    else:
        frame.write_parquet(file)


def _show(request: BacktestRequest, result: BacktestResult, written: dict[str, str], record: RunRecord | None) -> None:
    if request.as_json:
        import msgspec

        document = msgspec.json.encode(result.to_dict() | {"files": written, "kept": record is not None})
        click.echo(msgspec.json.format(document, indent=2))
        return
    from rich.console import Console

    console = Console()
    console.print(result)
    if written or record is not None:
        console.print()
    for what, path in written.items():
        # Paths are printed whole, for people copy them: no wrapping, no markup.
        console.print(f"{what.capitalize()}: {path}", markup=False, soft_wrap=True, highlight=False)
    if record is not None:
        console.print(f"Kept: tradebot runs show {record.short_id}", markup=False, soft_wrap=True, highlight=False)
