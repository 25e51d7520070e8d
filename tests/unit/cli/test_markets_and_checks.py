"""Which market a funding file belongs to, and which wishes are refused around a run."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from tradebot.cli.checks import check_any_fill, check_sizer
from tradebot.cli.markets import _symbol_of  # pyright: ignore[reportPrivateUsage]
from tradebot.cli.progress import progress_bar
from tradebot.core.errors import OrderError, SizingError
from tradebot.core.instrument import Instrument
from tradebot.sizing import FixedQuantity, FractionOfEquity


def market(instrument: Instrument):
    return SimpleNamespace(instrument=instrument, symbol=instrument.symbol)


PERPETUAL = market(Instrument.binance_perpetual("BTCUSDT"))
SPOT = market(Instrument.binance_spot("BTCUSDT"))


def outcome(fills: int, **rejections: int):
    return SimpleNamespace(
        strategy="s", symbols=("BTCUSDT",), bars=(PERPETUAL,), fills={"ts": np.zeros(fills)}, rejections=rejections
    )


def test_a_funding_file_belongs_to_the_longest_symbol_its_name_begins_with():
    traded = [SimpleNamespace(symbol=symbol) for symbol in ("BTCUSD", "BTCUSDT", "ETHUSDT")]
    assert _symbol_of(Path("in/btcusdt-funding.csv"), traded) == "BTCUSDT"
    assert _symbol_of(Path("in/SOLUSDT.csv"), traded) == ""
    assert _symbol_of(Path("in/anything.csv"), traded[:1]) == "BTCUSD"


def test_a_fixed_quantity_must_fit_every_market():
    check_sizer(FixedQuantity(0.001), [PERPETUAL])
    check_sizer(FractionOfEquity(1e-9), [PERPETUAL])
    with pytest.raises(SizingError, match=r"0\.0005 is below the least order of BTCUSDT, 0\.001"):
        check_sizer(FixedQuantity(0.0005), [PERPETUAL])


@pytest.mark.parametrize(
    ("reason", "mend"),
    [
        ("min_notional", "Raise --cash or the size by --sizer: BTCUSDT trades 0.001 and 100 USDT at least."),
        ("insufficient_margin", "Lower the size by --sizer, or raise --cash or --leverage."),
        ("not_shortable", "The market cannot be sold short"),
        ("max_order_notional", "Loosen --limit."),
    ],
)
def test_a_run_without_a_fill_says_which_reason_to_mend(reason: str, mend: str):
    with pytest.raises(OrderError) as caught:
        check_any_fill(outcome(0, lot=1, **{reason: 1_200}))
    assert str(caught.value).startswith(
        f"s on BTCUSDT: not one order was filled; rejected were {reason} 1,200, lot 1. {mend}"
    )


def test_a_run_with_a_fill_or_without_an_order_is_a_result():
    check_any_fill(outcome(1, min_notional=5))
    check_any_fill(outcome(0))


def test_no_progress_is_drawn_where_nobody_watches(capsys: pytest.CaptureFixture[str]):
    with progress_bar("s", 10, shown=True) as advance:
        assert advance is None
    assert capsys.readouterr().err == ""


def test_progress_is_drawn_on_a_terminal_and_goes_away(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    with progress_bar("s on M", 10, shown=True) as advance:
        assert advance is not None
        advance(5, 10)
    assert "s on M" in capsys.readouterr().err
    with progress_bar("s", 10, shown=False) as advance:
        assert advance is None
