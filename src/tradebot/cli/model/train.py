"""``tradebot model train``: from past bars to the file of a model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from tradebot.core.errors import ConfigError

if TYPE_CHECKING:
    from tradebot.core.bar import BarArray

_EPILOG: Final = """\b
Examples:
  tradebot model train btc.model -d BTCUSDT-1h.parquet
  tradebot model train btc.model -d BTCUSDT-1h.parquet --model ridge --horizon 4
  tradebot model train btc.model -d mock -f log_return:5 -f parkinson:20 --target barrier --json

docs/features.md lists the features.
"""
_MOCK_SYMBOL: Final = "MOCKUSDT"
_MOCK_BARS: Final = 20_000


@click.command("train", epilog=_EPILOG, context_settings={"show_default": True})
@click.argument("file", type=click.Path(path_type=Path))
@click.option("-d", "--data", required=True, metavar="FILE|mock", help="Bars of one market.")
@click.option("--start", metavar="TIME", help="First bar, as 2025-05-04 or 2025-05-04T12:00.")
@click.option("--end", metavar="TIME", help="Bars before this time.")
@click.option("-f", "--feature", "features", multiple=True, metavar="NAME[:PARAMETER]",
              help="Input of the model, such as parkinson:20; once for each.  [default: returns, ranges, volume, hour]",
              show_default=False)  # fmt: skip
@click.option("--model", type=click.Choice(["lightgbm", "ridge", "logistic"]), default="lightgbm",
              help="Kind of the model.")  # fmt: skip
@click.option("--target", type=click.Choice(["return", "barrier"]), default="return",
              help="What it predicts: the return over the horizon, or the barrier met first.")  # fmt: skip
@click.option("--horizon", type=click.IntRange(min=1), default=1, help="Bars ahead.")
@click.option("--width", type=click.FloatRange(min=0, min_open=True), default=1.0,
              help="Distance of the barriers, in standard deviations of a return over the horizon.")  # fmt: skip
@click.option(
    "--folds", type=click.IntRange(min=1), default=5, help="Stretches of bars, each judged by a fit of its own."
)
@click.option("--embargo", type=click.IntRange(min=0), help="Bars between what a fit has seen and what it judges.  "
              "[default: the horizon]")  # fmt: skip
@click.option("--first", type=click.FloatRange(0, 1, min_open=True, max_open=True), default=0.4,
              help="Share of the bars before the first judged one.")  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=1, help="Seed of the fitting.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def train_model(
    file: Path,
    data: str,
    start: str | None,
    end: str | None,
    features: tuple[str, ...],
    model: str,
    target: str,
    horizon: int,
    width: float,
    folds: int,
    embargo: int | None,
    first: float,
    seed: int,
    as_json: bool,
) -> None:
    """Train a model walk-forward and write it to FILE.model, which is then a strategy by its path.

    The later bars are cut into stretches, and each is judged by a fit on what came before it: labels that reach into
    the stretch are left out, and an embargo more. `tradebot backtest` trades every bar by the fit that judges it.
    """
    from tradebot.cli.model.show import print_model
    from tradebot.research.models.saving import check_file, save_model
    from tradebot.research.models.training import FEATURES, train

    check_file(file)
    trained = train(
        _bars(data, start, end),
        features or FEATURES,
        model=model,
        target=target,
        horizon=horizon,
        width=width,
        folds=folds,
        embargo=embargo,
        first=first,
        seed=seed,
    )
    save_model(trained, file)
    print_model(file, trained, as_json=as_json)


def _bars(data: str, start: str | None, end: str | None) -> BarArray:
    from tradebot.store.files import read_bars

    if data != "mock":
        return read_bars(Path(data), start=start, end=end)
    if start is not None or end is not None:
        raise ConfigError("the built-in market has none", place="--start", mend="Leave --start and --end out.")
    from tradebot.feeds.mock import mock_bars

    return mock_bars(_MOCK_SYMBOL, "1m", _MOCK_BARS, seed=1)
