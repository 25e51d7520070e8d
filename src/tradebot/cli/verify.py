"""``tradebot verify``: whether a strategy's backtests can be believed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from tradebot.cli.values import read_params, read_tf_roles

if TYPE_CHECKING:
    from tradebot.core.bar import BarArray
    from tradebot.research.verify import Check, Verdict

_EPILOG: Final = """\b
Examples:
  tradebot verify sma_cross -d BTCUSDT-1m.parquet
  tradebot verify my.py -d mock --json
  tradebot verify RSIBBEntryMixin+ATRExitMixin -d mock -p e_rsi_period=10
  tradebot verify grid -d mock --symbol AUSDT --symbol BUSDT

Exit code 0: nothing speaks against it. 1: a check failed. 2: it could not be checked.
"""
_MOCK_SYMBOL: Final = "MOCKUSDT"
_MOCK_BARS: Final = 20_000
_WORDS: Final = {
    True: click.style("holds", fg="green"),
    False: click.style("FAILS", fg="red", bold=True),
    None: click.style("  --", dim=True),
}


@click.command(epilog=_EPILOG)
@click.argument("strategy")
@click.option("-p", "--param", "params", multiple=True, metavar="NAME=VALUE", help="Parameter of the strategy.")
@click.option("--tf-role", "tf_roles", multiple=True, metavar="ROLE=INTERVAL",
              help="Interval of a timeframe the strategy reads by its role, such as HTF=4h.")  # fmt: skip
@click.option("-d", "--data", required=True, multiple=True, metavar="FILE|mock", help="Bars; once per market.")
@click.option("--symbol", "symbols", multiple=True, help="Name of each mock market.  [default: MOCKUSDT]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
@click.pass_context
def verify(
    context: click.Context,
    strategy: str,
    params: tuple[str, ...],
    tf_roles: tuple[str, ...],
    data: tuple[str, ...],
    symbols: tuple[str, ...],
    as_json: bool,
) -> None:
    """Check STRATEGY for looking ahead, for its start, forms and streaming; show what costs and delay do to it."""
    from tradebot.engine.context import with_roles
    from tradebot.research import verify as verification
    from tradebot.strategies import registry

    kind = registry.find(strategy)
    decider = with_roles(kind(**read_params(kind, params)), read_tf_roles(tf_roles))
    verdict = verification.verify(decider, _markets(data, symbols))
    if as_json:
        import msgspec

        click.echo(msgspec.json.format(msgspec.json.encode(verdict.as_dict()), indent=2))
    else:
        _print(verdict)
    if not verdict.passed:
        context.exit(1)


def _markets(data: tuple[str, ...], symbols: tuple[str, ...]) -> list[BarArray]:
    from pathlib import Path

    from tradebot.core.errors import ConfigError
    from tradebot.store.files import read_bars

    if "mock" in data:
        from tradebot.feeds.mock import mock_bars

        if len(data) > 1:
            mend = "Name several mock markets by --symbol."
            raise ConfigError("mock does not mix with files", place="--data", mend=mend)
        return [mock_bars(symbol, "1m", _MOCK_BARS, seed=1) for symbol in symbols or (_MOCK_SYMBOL,)]
    if symbols:
        raise ConfigError("files have their own names", place="--symbol", mend="Leave it out, or use --data mock.")
    return [read_bars(Path(each)) for each in data]


def _print(verdict: Verdict) -> None:
    click.echo(f"{verdict.strategy} on {verdict.bars:,} {verdict.interval} bars of {verdict.symbol}\n")
    for check in verdict.checks:
        click.echo(f"  {_WORDS[check.passed]}  {click.style(check.name, bold=True):<20}  {check.fact}")
        if check.rows:
            _print_rows(check)
    word = "Nothing speaks against it." if verdict.passed else "Its backtests cannot be believed."
    click.echo(f"\n{click.style(word, fg='green' if verdict.passed else 'red', bold=True)}")


def _print_rows(check: Check) -> None:
    for row in check.rows:
        first, *rest = row.items()
        figures = "".join(f"  {name.replace('_', ' ')} {_figure(name, value):<9}" for name, value in rest)
        click.echo(click.style(f"           {first[1]!s:<24}{figures}".rstrip(), dim=True))


def _figure(name: str, value: Any) -> str:
    if name == "return":
        return f"{value:+.2%}"
    return f"{value:.2g}" if isinstance(value, float) else str(value)
