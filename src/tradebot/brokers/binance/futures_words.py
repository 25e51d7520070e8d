"""The words of the futures' user stream, and what no stream tells."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from functools import partial
from typing import Any, Final

from tradebot.brokers.binance import account, reports
from tradebot.brokers.binance.asking import Asking
from tradebot.brokers.binance.dead_man import DeadMan
from tradebot.brokers.binance.fees import FeeWorth
from tradebot.brokers.binance.hearing import Hearing
from tradebot.brokers.binance.names import OrderNames, is_forced, our_id
from tradebot.brokers.binance.rest import BinanceRest
from tradebot.brokers.binance.rules import MarketRules, renew
from tradebot.brokers.binance.telling import Telling
from tradebot.brokers.binance.user_stream import UserStream
from tradebot.core.errors import OrderError
from tradebot.core.event import Alarm

_log: Final = logging.getLogger(__name__)
_PATIENCE_S: Final = 1.0
_CLOCK_S: Final = 60.0


class FuturesWords:
    """Tells what the futures' user stream says.

    Parameters
    ----------
    rest, rules : the requests, and the markets by symbol, whose status is kept up to date.
    stream : the messages.
    names, telling, asking : whose orders there are, to whom it is told, and where it is asked.
    fees : gives trades the worth of their fee.
    dead_man : learns which markets have a position.

    Attributes
    ----------
    hearing : listens.
    """

    def __init__(
        self,
        rest: BinanceRest,
        rules: dict[str, MarketRules],
        stream: UserStream,
        names: OrderNames,
        telling: Telling,
        asking: Asking,
        fees: FeeWorth,
        dead_man: DeadMan,
    ) -> None:
        self.hearing = Hearing(stream, telling, self._take, asking.resync)
        self._rest = rest
        self._rules = rules
        self._names = names
        self._telling = telling
        self._asking = asking
        self._fees = fees
        self._dead_man = dead_man
        self._income_due = asyncio.Event()
        self._mode_due = asyncio.Event()
        self._mode_fault = ""

    def check_mode(self, *, reduces: bool) -> None:
        """Refuse to open anything in an account whose mode is another than at the start.

        Raises
        ------
        OrderError : it is another one.
        """
        if self._mode_fault and not reduces:
            raise OrderError(self._mode_fault)

    async def watch(self, income_s: float, rules_s: float) -> None:
        """Ask now and then for what no stream tells: money, rules, modes, the time; and give the signs of life."""
        work: list[Awaitable[None]] = [
            self.hearing.every(income_s, self._asking.income.tell, self._income_due),
            self.hearing.every(rules_s, self.read_rules, asyncio.Event()),
            self.hearing.every(_CLOCK_S, self._rest.time, asyncio.Event()),
            self._on_mode(),
        ]
        if self._dead_man.beat_s is not None:
            work.append(self.hearing.every(self._dead_man.beat_s, self._dead_man.beat, asyncio.Event()))
        await asyncio.gather(*work)

    async def read_rules(self) -> None:
        """Take the markets' present status."""
        await self.hearing.attempt(partial(renew, self._rest, self._rules, account.market_rules))

    async def _take(self, message: dict[str, Any]) -> None:
        match message.get("e"):
            case "ORDER_TRADE_UPDATE":
                await self._on_order(message["o"])
            case "ALGO_UPDATE":
                self._on_algo(message["o"], reports.instant(message["T"]))
            case "TRADE_LITE":
                later = (message["s"], str(message["t"]))
                asyncio.get_running_loop().call_later(_PATIENCE_S, self._must_know, *later)
            case "ACCOUNT_UPDATE":
                self._on_account(message["a"])
            case "ACCOUNT_CONFIG_UPDATE":
                self._mode_due.set()
            case "MARGIN_CALL":
                symbols = ", ".join(str(row["s"]) for row in message["p"])
                text = f"Binance calls for margin: {symbols} near liquidation"
                self._telling.put(Alarm(ts=reports.instant(message["E"]), text=text, stops_entries=True))
            case other:
                _log.debug("binance user stream: %s is not used", other)

    async def _on_order(self, told: dict[str, Any]) -> None:
        symbol, venue_id, client_id = told["s"], str(told["i"]), told["c"]
        order_id = await self._asking.owner(symbol, venue_id, client_id, told["ot"])
        state, ts = reports.order_state(told["X"]), reports.instant(told["T"])
        reason = reports.expiry(told)
        if is_forced(client_id):
            reason = f"forced by the venue; {reason}".rstrip("; ")
        fill = reports.fill_of_update(told, order_id)
        if fill is not None:
            self._telling.fill(await self._fees.told(fill), state, venue_id=venue_id, reason=reason)
            return
        terms = reports.terms(told["q"], told["p"]) if told["x"] == "AMENDMENT" else None
        self._telling.state(ts, order_id, symbol, state, venue_id=venue_id, reason=reason, terms=terms)

    def _on_algo(self, told: dict[str, Any], ts: int) -> None:
        order_id, symbol = our_id(told["caid"]), told["s"]
        known, placed = self._names.get(order_id), reports.placed_by(told.get("ai"))
        if placed:
            self._names.link(symbol, placed, order_id)
        state = reports.algo_state(told["X"])
        stands_for_it = known is None or known.client_id == told["caid"]
        if state is not None and stands_for_it and order_id not in self._asking.changing:
            reason = str(told.get("rm") or "")
            self._telling.state(ts, order_id, symbol, state, venue_id=str(told["aid"]), reason=reason)

    def _on_account(self, told: dict[str, Any]) -> None:
        if told["m"] != "ORDER":
            self._income_due.set()
        for row in told.get("P", ()):
            if self._dead_man.held(row["s"], is_flat=not float(row["pa"])):
                self._mode_due.set()

    def _must_know(self, symbol: str, trade_id: str) -> None:
        """TRADE_LITE tells of a trade first; its ORDER_TRADE_UPDATE must have come by now."""
        if not self._telling.knows(symbol, trade_id):
            self.hearing.doubt(f"trade {trade_id} of {symbol} was lost on it")

    async def _on_mode(self) -> None:
        while True:
            await self._mode_due.wait()
            self._mode_due.clear()
            await self.hearing.attempt(self._read_mode)

    async def _read_mode(self) -> None:
        await self._dead_man.beat()
        self._mode_fault = await account.mode_fault(self._rest)
