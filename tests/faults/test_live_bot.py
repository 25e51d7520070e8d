"""What goes wrong around a bot that trades for real, each a row of the failure matrix, on the local exchange."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from live_trading import Trading, trading
from tradebot.core.errors import JournalError
from tradebot.core.event import OperatorAction, OperatorCommand
from tradebot.store.journal import SqliteJournal
from tradebot.store.latch import HaltLatch
from tradebot.store.ledger.queries import Ledger

pytestmark = pytest.mark.usefixtures("home", "candles_of_a_second")
SLOW = {"risk_management": {"max_orders_per_minute": 1_000, "max_repeated_orders": 1_000}}


def on_record(bot: Trading) -> set[str]:
    """Orders of the ledger."""
    with Ledger(bot.folder) as ledger:
        return {row.order_id for row in ledger.orders(limit=10**6)}


async def ended(bot: Trading) -> str:
    """Why the bot has stopped by itself."""
    with pytest.raises(JournalError) as error:
        await bot.until(lambda: False)
    return str(error.value)


async def test_a_locked_database_ends_the_bot_and_no_order_leaves_without_its_record(tmp_path: Path) -> None:
    async with trading(tmp_path, "Flooding", sections=SLOW) as bot:
        await bot.until(bot.placed)
        with closing(sqlite3.connect(bot.folder / "ledger.db", isolation_level=None)) as foreign:
            foreign.execute("BEGIN IMMEDIATE")
            assert "another program holds the database" in await ended(bot)
            left = bot.placed()
            foreign.execute("ROLLBACK")
        assert left.keys() <= on_record(bot)
        assert bot.placed() == left


async def test_a_disk_that_is_full_ends_the_bot_and_no_order_leaves_without_its_record(tmp_path: Path) -> None:
    async with trading(tmp_path, "Flooding", sections=SLOW) as bot:
        await bot.until(bot.placed)
        journal = bot.bot.journal
        # The database may grow no more, which is what a full disk tells SQLite.
        pages = journal._connection.execute("PRAGMA page_count").fetchone()[0]
        journal._connection.execute(f"PRAGMA max_page_count = {pages}")
        assert "disk is full" in await ended(bot)
        left = bot.placed()
        assert left.keys() <= on_record(bot)


async def test_a_disk_that_is_nearly_full_takes_no_entries_and_lets_exits_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with trading(tmp_path, "Held") as bot:
        await bot.until(bot.stops)
        monkeypatch.setattr(SqliteJournal, "has_headroom", False)
        await bot.bot.tell(OperatorCommand(bot.bot.driver.now, OperatorAction.FLATTEN, "ann"))
        await bot.until(lambda: bot.position == bot.books == 0)
        HaltLatch(bot.folder).release()
        before = bot.placed()
        await bot.until_told("the disk is nearly full")
        assert bot.placed() == before


async def test_a_folder_that_may_not_be_written_starts_nothing(tmp_path: Path, home: Path) -> None:
    home.mkdir()
    (home / "accounts").write_text("in the way")
    with pytest.raises(JournalError):
        async with trading(tmp_path, "Held") as bot:
            await bot.until(bot.placed)


async def test_margin_that_does_not_suffice_ends_entries_after_three_refusals_and_exits_go_on(tmp_path: Path) -> None:
    async with trading(tmp_path, "Held", sections=SLOW) as bot:
        await bot.until(bot.stops)
        await bot.bot.tell(OperatorCommand(bot.bot.driver.now, OperatorAction.PAUSE, "ann"))
        bot.exchange.control("order", {"symbol": "BTCUSDT", "side": "SELL", "type": "MARKET", "quantity": bot.position})
        # A person has closed the position; what the bot sends now the account cannot carry.
        fault = {"action": "error", "on": "POST /fapi/v1/order", "code": -2019, "times": None}
        bot.exchange.control("faults", fault)
        await bot.until(lambda: bot.books == 0)
        for action in (OperatorAction.RELEASE, OperatorAction.RESUME):
            await bot.bot.tell(OperatorCommand(bot.bot.driver.now, action, "ann"))
        await bot.until_told("the venue has refused 3 orders in a row")
        await bot.bars(3)
        (armed,) = bot.exchange.exchange.venue.faults.armed
        assert armed.fired == 3


async def test_a_reduce_only_order_that_is_refused_is_given_up_once_the_position_is_known_to_be_gone(
    tmp_path: Path,
) -> None:
    async with trading(tmp_path, "Held") as bot:
        await bot.until(bot.stops)
        bot.exchange.control("faults", {"action": "lose", "on": "private", "times": None})
        bot.exchange.control("order", {"symbol": "BTCUSDT", "side": "SELL", "type": "MARKET", "quantity": bot.position})
        before = sum(bot.placed().values())
        await bot.bot.tell(OperatorCommand(bot.bot.driver.now, OperatorAction.FLATTEN, "ann"))
        await bot.until(lambda: bot.books == 0)
        await bot.bars(3)
        # At most the one exit that was refused: no loop.
        assert sum(bot.placed().values()) - before <= 1
        assert bot.position == 0


async def test_a_margin_call_ends_entries_and_a_liquidation_is_booked_and_closes_its_market(tmp_path: Path) -> None:
    sections = {"broker": {"leverage": 20}, "trading": {"position_size": 15}}
    # Fifteen times the equity: 6.2 % down the maintenance margin is near, 8 % down it is passed.
    closes = [100.0] * 4 + [93.8] * 4 + [92.0] * 40
    async with trading(tmp_path, "Held", closes=closes, sections=sections) as bot:
        await bot.until(bot.stops)
        await bot.until_told("Binance calls for margin: BTCUSDT near liquidation")
        await bot.until_told("BTCUSDT was liquidated")
        await bot.until(lambda: bot.position == bot.books == 0)
        await bot.bars(3)
        (market,) = bot.bot.status()["markets"]
        assert market["quarantined"]


@pytest.mark.parametrize("share", [1, 2], ids=["all of it", "half of it"])
async def test_a_position_that_the_venue_deleverages_is_booked_and_its_market_closed(
    tmp_path: Path, share: int
) -> None:
    async with trading(tmp_path, "Held") as bot:
        await bot.until(bot.stops)
        taken = round(float(bot.position) / share, 3)
        left = float(bot.position) - taken
        order = {"symbol": "BTCUSDT", "side": "SELL", "type": "MARKET", "quantity": taken, "reduceOnly": "true"}
        bot.exchange.control("order", order | {"newClientOrderId": "adl_autoclose"})
        await bot.until_told("BTCUSDT was deleveraged by the venue")
        await bot.until(lambda: float(bot.position) == bot.books == pytest.approx(left))
        before = bot.placed()
        await bot.bars(3)
        # What is left keeps its stop; where nothing is, none works, and nothing is bought again.
        assert bool(bot.stops()) == bool(left)
        assert bot.placed() == before
        (market,) = bot.bot.status()["markets"]
        assert market["quarantined"]
        with Ledger(bot.folder) as ledger:
            assert any("was deleveraged by the venue" in row.text for row in ledger.audit())


async def test_a_market_that_is_delisted_takes_no_entries_and_its_position_can_be_closed(tmp_path: Path) -> None:
    async with trading(tmp_path, "Held") as bot:
        await bot.until(bot.stops)
        bot.exchange.control("symbol", {"symbol": "BTCUSDT", "status": "SETTLING"})
        await bot.bot.tell(OperatorCommand(bot.bot.driver.now, OperatorAction.FLATTEN, "ann"))
        await bot.until(lambda: bot.position == bot.books == 0)
        await bot.bot.tell(OperatorCommand(bot.bot.driver.now, OperatorAction.RELEASE, "ann"))
        HaltLatch(bot.folder).release()
        await bot.until_told("was rejected")
        await bot.bars(2)
        assert bot.position == 0


async def test_a_strategy_that_runs_away_is_stopped_until_a_person_releases_the_bot(tmp_path: Path) -> None:
    sections = {"risk_management": {"max_orders_per_minute": 4}}
    async with trading(tmp_path, "Flooding", sections=sections) as bot:
        await bot.until_told("A strategy runs away: 4 orders went out in 60 s; allowed are 4")
        sent = bot.placed()
        await bot.bars(3)
        assert len(sent) <= 4
        assert bot.placed() == sent
        assert bot.denials() == {"order_rate", "quarantined"}


async def test_an_outage_of_the_exchange_is_told_and_the_bot_comes_back_by_itself(tmp_path: Path) -> None:
    async with trading(tmp_path, "Held") as bot:
        await bot.until(bot.stops)
        bot.exchange.control("ban", {"seconds": 3})
        bot.exchange.control("disconnect")
        await bot.until_told("is stale")
        await bot.until_told("is fresh again")
        assert bot.position == bot.books > 0
        assert bot.exchange.ledger()["answered429"] == 0


async def test_a_bot_that_is_stopped_right_behind_its_entry_leaves_no_position_without_its_stop(tmp_path: Path) -> None:
    deaf = {"action": "lose", "on": "private", "times": None}
    async with trading(tmp_path, "Held", prepare=lambda exchange: exchange.control("faults", deaf)) as bot:
        # The stream tells nothing: the fill is unknown when the answer to the entry is there.
        await bot.until(bot.placed)
        bot.bot.stop("the test stops it")
        await bot.run
        assert bot.position > 0
        assert [float(stop["quantity"]) for stop in bot.stops()] == [bot.position]
        assert not any("no stop at the broker" in text for text in bot.notices())


async def test_a_stopped_bot_says_which_position_it_leaves_without_its_stop(tmp_path: Path) -> None:
    deaf = {"action": "lose", "on": "private", "times": None}
    async with trading(tmp_path, "Held", prepare=lambda exchange: exchange.control("faults", deaf)) as bot:
        await bot.until(bot.placed)
        # Neither a stop nor the order that would close the position instead is taken.
        overloaded = {"action": "error", "code": -1008, "times": None}
        bot.exchange.control(
            "faults", [overloaded | {"on": f"POST /fapi/v1/{what}"} for what in ("algoOrder", "order")]
        )
        bot.bot.stop("the test stops it")
        await bot.run
        assert bot.position > 0
        assert not bot.stops()
        assert any("no stop at the broker" in text for text in bot.notices())
