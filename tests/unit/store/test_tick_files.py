"""Trades and quotes out of files, by the names venues give their columns."""

from pathlib import Path

import pytest

from tradebot.core.errors import DataError
from tradebot.core.instrument import Instrument
from tradebot.store.importing import import_file
from tradebot.store.kinds import TRADES as TRADE_KIND
from tradebot.store.library import Library
from tradebot.store.ticks import read_quotes, read_trades

BTC = Instrument.binance_perpetual("BTCUSDT")
TRADES = {
    "agg": ("agg_trade_id,price,quantity,transact_time,is_buyer_maker", "1,100.5,2,{ms},true", "2,100.6,3,{ms},false"),
    "words": ("time,price,size,side", "2023-11-14T22:13:20Z,100.5,2,SELL", "2023-11-14T22:13:20Z,100.6,3,Buy"),
    "signs": ("ts,p,q,side", "{ms},100.5,2,-1", "{ms},100.6,3,1"),
}


def written(folder: Path, name: str, *lines: str) -> Path:
    path = folder / name
    path.write_text("\n".join(lines).format(ms=1_700_000_000_000) + "\n")
    return path


@pytest.mark.parametrize("form", TRADES)
def test_trades_are_read_whatever_a_venue_calls_who_crossed_the_spread(tmp_path: Path, form: str):
    ticks = read_trades(written(tmp_path, "x.csv", *TRADES[form]), BTC)
    assert ticks.ts.tolist() == [1_700_000_000_000_000_000] * 2
    assert (ticks.price.tolist(), ticks.size.tolist(), ticks.side.tolist()) == ([100.5, 100.6], [2, 3], [-1, 1])


def test_trades_and_quotes_are_told_apart_stored_once_and_read_by_span(tmp_path: Path):
    library = Library(tmp_path / "home")
    trades = written(tmp_path, "BTCUSDT-trades.csv", *TRADES["agg"])
    quotes = written(
        tmp_path, "BTCUSDT-quotes.csv", "time,bid,bid_size,ask,ask_size", "{ms},100,1,101,2", "{ms},99,1,100,2"
    )
    for _ in range(2):
        assert [import_file(library, path)[0].kind for path in (trades, quotes)] == ["trades", "quotes"]
    assert library.trades("binance_usdm", "BTCUSDT").price.tolist() == [100.5, 100.6]
    assert library.quotes("binance_usdm", "BTCUSDT").bid.tolist() == [100, 99]
    assert len(library.trades("binance_usdm", "BTCUSDT", start=1_700_000_000_000_000_001)) == 0


def test_a_span_written_again_stands_in_place_of_the_one_before_if_it_may(tmp_path: Path):
    library = Library(tmp_path / "home")
    header, *_ = TRADES["agg"]
    day, first = 86_400_000, 1_700_000_000_000
    # Four hours apart, so that the ten trades lie in three files.
    rows = [f"{n},{100 + n},1,{first + n * day // 6},true" for n in range(12)]
    import_file(library, written(tmp_path, "BTCUSDT-trades.csv", header, *rows))
    assert len(library.archive(TRADE_KIND).series()[0].parts) == 3
    less = written(tmp_path, "BTCUSDT-trades.csv", header, rows[0], rows[10])
    with pytest.raises(DataError, match="10 stored rows differ"):
        import_file(library, less)
    assert len(library.trades("binance_usdm", "BTCUSDT")) == 12
    done = import_file(library, less, replace=True)[0]
    assert done.written.replaced == 10
    assert library.trades("binance_usdm", "BTCUSDT").price.tolist() == [100, 110, 111]
    assert len(list((tmp_path / "home/trades").rglob("*.parquet"))) == 2


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (("time,price,size", "2,1,1", "1,1,1"), r"row 2 \(.*\) is earlier"),
        (("time,price,size", "1,0,1"), "the price is 0 in row 1"),
        (("time,price,size", "1,1,"), "the size is nan in row 1"),
        (("time,price,size,side", "1,1,1,up"), 'the side is "up". Write one of buy'),
        (("time,price", "1,1"), "no column for size"),
    ],
)
def test_a_malformed_file_of_trades_is_refused(tmp_path: Path, lines: tuple[str, ...], says: str):
    with pytest.raises(DataError, match=says):
        read_trades(written(tmp_path, "x.csv", *lines), BTC)


def test_a_bid_at_its_ask_is_refused(tmp_path: Path):
    path = written(tmp_path, "x.csv", "time,bid,ask,bid_size,ask_size", "1,100,100,1,1")
    with pytest.raises(DataError, match="the bid is not below the ask in row 1"):
        read_quotes(path, BTC)
