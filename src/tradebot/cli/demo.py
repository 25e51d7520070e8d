"""``tradebot demo``: a tour of one minute, from a market to a report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from tradebot.cli.checks import check_target

if TYPE_CHECKING:
    from tradebot.cli.running import Ran
    from tradebot.research.runs import RunRecord

_STRATEGY: Final = "sma_cross"
_OPTIONS: Final = ("--data", "mock", "--interval", "1h", "--bars", "8760", "-p", "fast=20", "-p", "slow=100")
_REPORT: Final = "tradebot-demo.html"

_EPILOG: Final = """\b
Examples:
  tradebot demo
  tradebot demo --report reports/demo.html --json
"""


@click.command(epilog=_EPILOG)
@click.option("--report", type=click.Path(path_type=Path), default=Path(_REPORT), metavar="FILE.html",
              show_default=True, help="Where the report is written.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def demo(report: Path, as_json: bool) -> None:
    """Backtest an example strategy over a year of the built-in market, and tell what is seen on the way."""
    check_target("--report", report, (".html", ".htm"))
    from tradebot.cli.backtest import backtest
    from tradebot.cli.request import BacktestRequest
    from tradebot.cli.running import run
    from tradebot.research.runs import RunStore, runs_folder

    store = RunStore(runs_folder())
    store.prepare()
    with backtest.make_context("backtest", [_STRATEGY, *_OPTIONS]) as context:
        options = {name: value for name, value in context.params.items() if name != "config"}
        request = BacktestRequest(**options)
    ran = run(request)
    ran.result.report(report)
    record = store.keep(ran.result, request=request.recorded(), inputs=ran.inputs)
    if as_json:
        from tradebot.cli.runs.selecting import print_json

        print_json(ran.result.to_dict() | {"files": {"report": str(report)}, "kept": True})
    else:
        _tell(ran, record, report)


def _tell(ran: Ran, record: RunRecord, report: Path) -> None:
    import inspect
    import textwrap

    from rich.console import Console
    from rich.padding import Padding
    from rich.syntax import Syntax
    from rich.table import Table
    from rich.text import Text

    from tradebot.strategies.library.sma_cross import SmaCross

    console = Console()

    def step(title: str, *paragraphs: str) -> None:
        console.print(Text(f"\n{title}", style="bold cyan"))
        for text in paragraphs:
            console.print(Padding(Text(text), (0, 0, 0, 3)))

    step("1. A market", *_market(ran))
    step("2. An idea", (inspect.getdoc(SmaCross) or "").partition("\n")[0], "It decides on every closed bar:")
    source = textwrap.dedent(inspect.getsource(SmaCross.on_bar)).rstrip()
    console.print(Padding(Syntax(source, "python", theme="ansi_light", background_color="default"), (1, 0, 0, 5)))
    step("3. What it would have done", *_outcome(ran))
    step("4. What is kept", f"Report: {report}", f"Record: tradebot runs show {record.short_id}")
    step("Where to go from here")
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(style="dim")
    for command, what in (
        (f"tradebot runs repeat {record.short_id}", "the same again, to the bit"),
        ("tradebot new project my-research", "a strategy of your own"),
        (f"tradebot backtest {_STRATEGY} -d YOUR-1h.csv", "your own bars"),
        ("tradebot strategies", "what there is to run"),
        ("tradebot doctor", "what stands in the way"),
    ):
        table.add_row(command, what)
    console.print(Padding(table, (0, 0, 0, 3)))


def _market(ran: Ran) -> tuple[str, ...]:
    from tradebot.cli.runs.compare import sparkline

    market = ran.result.outcome.bars[0]
    closes = market.close.tolist()
    told = (
        f"{market.symbol}: {len(market):,} bars of {market.interval} from the built-in market, which needs no network "
        "and is the same on every machine. Its prices are made up, and no idea earns on them for long."
    )
    return told, sparkline(closes, min(closes), max(closes), width=60)


def _outcome(ran: Ran) -> tuple[str, ...]:
    from tradebot.research.formatting import write_number

    stats = ran.result.stats
    cash, equity = (write_number(each, "money") for each in (stats.initial_cash, stats.final_equity))
    gain, held = (
        write_number(each, "percent", signed=True) for each in (stats.total_return, stats.buy_and_hold_return)
    )
    won, deepest = (write_number(each, "percent") for each in (stats.trades.win_rate, stats.max_drawdown))
    fees = write_number(stats.fees, "money")
    return (
        f"{cash} became {equity} ({gain}); bought and held, {held}.",
        f"{stats.trades.count:,} trades, {won} of them won; the deepest fall {deepest}; fees {fees}.",
        "Orders filled at the next bar's open and paid the venue's fees; what a bar leaves open went against you.",
    )
