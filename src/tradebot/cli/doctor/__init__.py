"""``tradebot doctor``: what stands in the way, and the mend for it."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from tradebot.cli.doctor.finding import Finding

_TROUBLE: Final = 1
_MARKS: Final = {"ok": ("✓", "green"), "note": ("·", "yellow"), "problem": ("✗", "red")}

_EPILOG: Final = """\b
Exit code 0: nothing stands in the way; notes may tell of what is optional. Exit code 1: a problem was found.

\b
Examples:
  tradebot doctor
  tradebot doctor --offline --json
"""


@click.command(epilog=_EPILOG)
@click.option("--offline", is_flag=True, help="Do not ask the network: no clock, no venues.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def doctor(offline: bool, as_json: bool) -> int:
    """Examine versions, extras, folders, disk, kept data, clock and network, with a mend for each finding."""
    from tradebot.cli.doctor.folders import folder_findings
    from tradebot.cli.doctor.installation import installation_findings

    # Strategies are loaded to see whether they load, and what they print must not end up inside the JSON document.
    with contextlib.redirect_stdout(sys.stderr):
        found = [*installation_findings(), *folder_findings()]
    if not offline:
        from tradebot.cli.doctor.network import network_findings

        found += network_findings()
    problems = sum(each.state == "problem" for each in found)
    if as_json:
        import msgspec

        document = msgspec.json.encode({"findings": found, "problems": problems})
        click.echo(msgspec.json.format(document, indent=2))
    else:
        _print(found, problems)
    return _TROUBLE if problems else 0


def _print(found: list[Finding], problems: int) -> None:
    width = max(len(each.topic) for each in found)
    for each in found:
        mark, colour = _MARKS[each.state]
        click.echo(f"{click.style(mark, fg=colour)} {each.topic:<{width}}  {each.fact}")
        if each.mend:
            click.echo(f"  {'':<{width}}  {click.style(each.mend, dim=True)}")
    counted = f"{problems} {'problem' if problems == 1 else 'problems'} found."
    click.echo(f"\n{counted if problems else 'Nothing is in the way.'}")
