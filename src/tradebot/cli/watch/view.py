"""A bot at a glance, drawn for a terminal of any width from 60 columns on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from rich import box
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from tradebot.cli.data.output import NOTHING, moment
from tradebot.cli.status import health_of, warnings

if TYPE_CHECKING:
    from tradebot.app.standing import Standing
    from tradebot.cli.watch.activity import Activity

_KINDS: Final = {"signal": "cyan", "order": "blue", "fill": "magenta"}
_STOPS: Final = frozenset({"stop_loss", "trailing_stop"})
_QUIET: Final = "dim"


def view(standing: Standing, activity: Sequence[Activity]) -> RenderableType:
    """How the bot stands, what it holds with the exits that rest for it, and what it did last."""
    found = standing.status
    if found is None:
        return Panel(Text("the bot is starting", style=_QUIET), title=standing.account, box=box.ROUNDED)
    parts: list[RenderableType] = [Text(f"! {text}", style=f"bold {colour}") for text, colour in warnings(standing)]
    parts += [_figures(standing, found), Text(), _positions(found), Text(), _activities(activity)]
    return Panel(
        Group(*parts),
        title=_title(standing, found),
        title_align="left",
        subtitle=Text(f"{moment(found['now'])} UTC, run {found['run_id']}", style=_QUIET),
        subtitle_align="right",
        box=box.ROUNDED,
        border_style="red" if found["mode"] == "live" else "blue",
        padding=(0, 1),
    )


def _title(standing: Standing, found: dict[str, Any]) -> Text:
    health, colour = health_of(standing)
    mode = "reverse bold red" if found["mode"] == "live" else "bold"
    phase = found["state"] if found["phase"] == "trading" else found["phase"]
    state = f"{phase}  " if standing.is_alive else ""
    return Text.assemble(
        (standing.account, "bold"), "  ", (found["mode"].upper(), mode), "  ", (state, _QUIET), (health, colour)
    )


def _figures(standing: Standing, found: dict[str, Any]) -> Table:
    made, feed = found["performance"], found["feed"]
    age = "played" if standing.data_age_s is None else f"{standing.data_age_s:,.1f} s old"
    stale = ", ".join(feed["stale"])
    data = Text(f"{stale} stale: {feed['fault']}" if stale else age, style="red" if stale else "")
    broker = found["broker"]
    answers = "simulated" if broker["is_simulated"] else "answers"
    reached = Text(broker["fault"] or answers, style="red" if broker["fault"] else "")
    cells = (
        ("Equity", Text(f"{found['equity']:,.2f}", style="bold")),
        ("Today", _signed(standing.day_pnl)),
        ("Return", _signed(made["return"] * 100, unit=" %")),
        ("Cash", Text(f"{found['cash']:,.2f}")),
        ("Fees", Text(f"{found['fees']:,.2f}")),
        ("Trades", Text(f"{made['trades']} ({made['wins']} won)")),
        ("Data", data),
        ("Points", Text(f"{feed['data_points']:,}")),
        ("Broker", reached),
    )
    table = Table.grid(padding=(0, 2), expand=True)
    for _ in range(3):
        table.add_column(style=_QUIET, no_wrap=True)
        table.add_column(ratio=1, overflow="fold")
    for first in range(0, len(cells), 3):
        table.add_row(*(part for name, value in cells[first : first + 3] for part in (name, value)))
    return table


def _positions(found: dict[str, Any]) -> RenderableType:
    if not found["positions"]:
        return Text("No position is open.", style=_QUIET)
    table = Table(box=box.SIMPLE_HEAD, expand=True, padding=(0, 1), show_edge=False, header_style="bold")
    table.add_column("Position", overflow="fold")
    for name in ("Quantity", "Entry", "Mark", "P&L", "Stop", "Target"):
        table.add_column(name, justify="right", no_wrap=True)
    for held in found["positions"]:
        stop, target = _exits(found["orders"], held["symbol"])
        bare = Text("none", style="yellow")
        table.add_row(
            held["symbol"],
            *(f"{held[name]:.8g}" for name in ("quantity", "entry_price", "mark_price")),
            _signed(held["unrealized_pnl"]),
            bare if stop is None else f"{stop:.8g}",
            NOTHING if target is None else f"{target:.8g}",
        )
    return table


def _exits(orders: Sequence[dict[str, Any]], symbol: str) -> tuple[float | None, float | None]:
    """Trigger of the stop and price of the target that rest for a position."""
    mine = [order for order in orders if order["symbol"] == symbol and order["reduce_only"]]
    stops = [order["trigger"] for order in mine if order["tag"] in _STOPS]
    targets = [order["price"] or order["trigger"] for order in mine if order["tag"] == "take_profit"]
    return next(iter(stops), None), next(iter(targets), None)


def _activities(activity: Sequence[Activity]) -> RenderableType:
    if not activity:
        return Text("Nothing was decided yet.", style=_QUIET)
    table = Table(box=box.SIMPLE_HEAD, expand=True, padding=(0, 1), show_edge=False, header_style="bold")
    table.add_column("Time", no_wrap=True, style=_QUIET)
    table.add_column("Last", no_wrap=True)
    table.add_column("Market", no_wrap=True)
    table.add_column("", ratio=1, no_wrap=True, overflow="ellipsis")
    for each in activity:
        time = moment(each.ts).partition(" ")[2] or "00:00"
        table.add_row(time, Text(each.kind, style=_KINDS[each.kind]), each.symbol, Text(each.text, style=each.colour))
    return table


def _signed(number: float | None, unit: str = "") -> Text:
    if number is None:
        return Text(NOTHING)
    return Text(f"{number:+,.2f}{unit}", style="green" if number > 0 else "red" if number < 0 else "")
