"""What a rehearsal that failed has left is taken back: its orders, and the coins or the position that it bought."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from tradebot.core.fill import COMMISSION, Fill
from tradebot.core.order import is_final

if TYPE_CHECKING:
    from tradebot.app.rehearsal.stage import Stage
    from tradebot.core.account import AccountSnapshot


class Cleared(msgspec.Struct, frozen=True, kw_only=True):
    """What was taken back.

    Parameters
    ----------
    canceled : orders that worked and were taken back.
    sold : units that were sold.
    orders : orders that still work, or may where the account could not be seen.
    units : units that are left; less than a lot cannot be sold and is not counted.
    fault : why something is left; empty where nothing is.
    """

    canceled: tuple[str, ...] = ()
    sold: Decimal = Decimal(0)
    orders: tuple[str, ...] = ()
    units: Decimal = Decimal(0)
    fault: str = ""


async def clear(failed: Stage) -> Cleared:
    """Take back what the rehearsal's orders have left, on a new connection: the one that failed may be of no use.

    Whatever goes wrong is tried again until the time for it is over, and an order without an answer is waited for.
    """
    loop, clearing, patience = asyncio.get_running_loop(), _Clearing(failed), failed.patience
    began = loop.time()
    while True:
        try:
            async with asyncio.timeout(began + patience.clear_s - loop.time()):
                await clearing.on(failed.anew(), until=began + patience.settle_s)
            return clearing.told()
        except TimeoutError:
            clearing.fault = f"it was not done within {patience.clear_s:g} s"
        except Exception as error:  # noqa: BLE001 - whatever it was, it must not keep the rest from being taken back
            clearing.fault = failed.redactor.text(str(error) or type(error).__name__)
        if loop.time() > began + patience.clear_s - patience.settle_s:
            return clearing.told()
        # What was sent without an answer has arrived by then, or never will: nothing is sold twice.
        await asyncio.sleep(patience.settle_s)


class _Clearing:
    """Remembers over several connections what was taken back and what is left."""

    def __init__(self, failed: Stage) -> None:
        self.fault = ""
        self._canceled: dict[str, None] = {}
        self._sold = Decimal(0)
        # Until the account is seen, whatever was sent may be there.
        self._left = tuple(name for name in failed.sent if not _has_ended(failed, name))
        self._units = failed.instrument.snap_quantity(failed.hearing.position)
        self._sales = 0
        self._booked: dict[str, Fill] = {}

    def told(self) -> Cleared:
        return Cleared(
            canceled=tuple(name for name in self._canceled if name not in self._left),
            sold=self._sold,
            orders=self._left,
            units=self._units,
            fault=self.fault,
        )

    async def on(self, stage: Stage, *, until: float) -> None:
        """Take back all there is, and go on looking until nothing more can arrive."""
        loop = asyncio.get_running_loop()
        try:
            await stage.open()
            while True:
                stage.hearing.begin()
                account = await stage.broker.snapshot()
                self._look(stage, account)
                if self._left or self._units:
                    await self._take_back(stage, account)
                elif loop.time() > until:
                    break
                await asyncio.sleep(stage.patience.look_s)
        finally:
            await stage.close()
        self.fault = ""

    def _look(self, stage: Stage, account: AccountSnapshot) -> None:
        self._left = tuple(stage.own(account))
        # By the account's word: the stream may be what has failed.
        ours = (fill for fill in account.fills if fill.order_id.removeprefix(COMMISSION).startswith(stage.prefix))
        self._booked |= {fill.trade_id: fill for fill in ours}
        position = sum((fill.signed_quantity for fill in self._booked.values()), Decimal(0))
        held = min(position, stage.units(account))
        self._units = max(stage.instrument.snap_quantity(held), Decimal(0))

    async def _take_back(self, stage: Stage, account: AccountSnapshot) -> None:
        """Entries first, then the coins, and the exits once they protect nothing."""
        orders = stage.own(account)
        for name in [name for name, order in orders.items() if not order.reduce_only]:
            await self._cancel(stage, name)
        if self._units:
            self._sales += 1
            name, units = stage.named(f"clear{self._sales}"), self._units
            await stage.submit(name, "sell", units, reduce_only=True)
            await stage.hearing.until(f"{name} ends", lambda: _has_ended(stage, name), stage.patience.answer_s)
            self._sold += sum((fill.quantity for fill in stage.hearing.trades(name)), Decimal(0))
        for name in [name for name, order in orders.items() if order.reduce_only]:
            await self._cancel(stage, name)

    async def _cancel(self, stage: Stage, name: str) -> None:
        await stage.broker.cancel(name)
        self._canceled[name] = None


def _has_ended(stage: Stage, name: str) -> bool:
    state = stage.hearing.state(name)
    return state is not None and is_final(state)
