"""The order book on a recorded market: the venue's own bookTicker stream is the answer."""

from bisect import bisect_right
from itertools import accumulate
from pathlib import Path

import numpy as np
import pytest
from binance_raw_feed import BookTicker, Diff, Snapshot, pairs, read_messages
from tradebot_native import OrderBook, SequenceGap

RECORDING = Path(__file__).resolve().parents[3] / "shared/data/binance_usdm_l2/BTCUSDT-20240808-raw.gz"

pytestmark = pytest.mark.skipif(not RECORDING.exists(), reason="needs the recorded market data in ../shared/data")


class Recording:
    def __init__(self, path: Path) -> None:
        messages = list(read_messages(path))
        (self.snapshot,) = (message for message in messages if isinstance(message, Snapshot))
        self.diffs = [message for message in messages if isinstance(message, Diff)]
        self.tickers = [message for message in messages if isinstance(message, BookTicker)]

    def book(self) -> OrderBook:
        book = OrderBook(tick_size=0.1, lot_size=0.001)
        book.apply_snapshot(pairs(self.snapshot.bids), pairs(self.snapshot.asks), self.snapshot.sequence)
        return book


@pytest.fixture(scope="module")
def recording() -> Recording:
    return Recording(RECORDING)


def apply(book: OrderBook, diff: Diff) -> bool:
    return book.apply_diff(pairs(diff.b), pairs(diff.a), diff.first, diff.last, diff.previous)


def quote(book: OrderBook) -> tuple[float, float, float, float]:
    assert book.best_bid is not None
    assert book.best_ask is not None
    return (*book.best_bid, *book.best_ask)


def test_best_bid_and_ask_reproduce_the_venues_book_ticker(recording: Recording) -> None:
    """After each diff, bid, bid size, ask and ask size equal the newest bookTicker whose update id is not past it.

    A diff is the book as of its last id `u`; a bookTicker holds from its id to the next one's. So every applied diff
    has exactly one bookTicker to agree with, whatever the order of arrival, and bookTickers that a later one replaced
    before the next diff have nothing to be compared with. Of 6,551 diffs 4 are older than the snapshot; the other
    6,547 are compared, and all are equal, 629 of them with a bookTicker of the very same id.
    """
    updates = [ticker.update for ticker in recording.tickers]
    assert updates == sorted(updates)
    book = recording.book()
    applied = [(diff, quote(book)) for diff in recording.diffs if apply(book, diff)]
    newest = [recording.tickers[bisect_right(updates, diff.last) - 1] for diff, _ in applied]

    assert [ours for _, ours in applied] == [ticker.quote for ticker in newest]
    assert len(applied) == 6_547
    assert sum(diff.last == ticker.update for (diff, _), ticker in zip(applied, newest, strict=True)) == 629


def test_the_batched_stream_gives_the_book_of_the_single_messages(recording: Recording) -> None:
    one_by_one, batched = recording.book(), recording.book()
    for diff in recording.diffs:
        apply(one_by_one, diff)
    rows = [
        (side, float(price), float(size))
        for diff in recording.diffs
        for side, levels in ((1, diff.b), (-1, diff.a))
        for price, size in levels
    ]
    sides, prices, sizes = (np.array(column) for column in zip(*rows, strict=True))
    applied = batched.apply_deltas(
        sides.astype(np.int8),
        prices,
        sizes,
        bounds=np.array([0, *accumulate(len(diff.b) + len(diff.a) for diff in recording.diffs)]),
        first=np.array([diff.first for diff in recording.diffs]),
        last=np.array([diff.last for diff in recording.diffs]),
        previous=np.array([diff.previous for diff in recording.diffs]),
    )

    assert applied < len(rows)
    assert batched.save() == one_by_one.save()


def test_a_lost_message_is_noticed_and_leaves_the_book_as_it_was(recording: Recording) -> None:
    book = recording.book()
    kept = [diff for number, diff in enumerate(recording.diffs) if number != 100]
    with pytest.raises(SequenceGap, match="Take a new snapshot"):
        for diff in kept:
            apply(book, diff)
    assert book.sequence == recording.diffs[99].last


def test_a_book_saved_in_the_middle_of_the_stream_goes_on_identically(recording: Recording) -> None:
    book = recording.book()
    half = len(recording.diffs) // 2
    for diff in recording.diffs[:half]:
        apply(book, diff)
    restored = OrderBook.restore(book.save())
    for diff in recording.diffs[half:]:
        assert apply(book, diff) == apply(restored, diff)
        assert quote(book) == quote(restored)
    assert book.save() == restored.save()
