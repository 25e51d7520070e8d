"""Our books beside the broker's truth, difference by difference, for a person to look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tradebot.core.asset_class import AssetClass

if TYPE_CHECKING:
    from tradebot.core.account import AccountSnapshot
    from tradebot.core.instrument import Instrument

# Half a lot is no difference, nor is a balance that differs by less than this share of itself.
_UNTOLD: Final = 0.001
# An order that waits here because the broker holds none of its kind.
_KEPT_HERE: Final = "initialized"


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """One thing, as we and as the broker have it.

    Parameters
    ----------
    kind : ``position``, ``order`` or ``balance``.
    name : the market, the order's client id, or the currency.
    ours, brokers : units, the order's state, or money; ``None`` where that side has nothing of it.
    differs : whether somebody should look at it.
    """

    kind: str
    name: str
    ours: float | str | None
    brokers: float | str | None
    differs: bool


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """The books as they stood once a broker's answer had been booked, beside that answer.

    Parameters
    ----------
    ts : the broker's time of it, int64 ns UTC.
    compared : everything there is on either side: positions, then orders, then the balance.
    """

    ts: int
    compared: tuple[Compared, ...]

    @property
    def differences(self) -> int:
        """How much of it differs."""
        return sum(each.differs for each in self.compared)


def compare(snapshot: AccountSnapshot, status: Mapping[str, Any], instruments: Mapping[str, Instrument]) -> Comparison:
    """Hold a trader's status against a broker's answer.

    Parameters
    ----------
    snapshot : the answer.
    status : the trader's, once it has taken the answer.
    instruments : what is traded, by symbol; a broker may hold more, which is no concern of ours.
    """
    found = (
        *_positions(snapshot, status, instruments),
        *_orders(snapshot, status, instruments),
        *_balance(snapshot, status, instruments),
    )
    return Comparison(ts=snapshot.ts, compared=found)


def _positions(
    snapshot: AccountSnapshot, status: Mapping[str, Any], instruments: Mapping[str, Instrument]
) -> Iterator[Compared]:
    ours = {each["symbol"]: float(each["quantity"]) for each in status["positions"] if each["quantity"]}
    brokers = {each.symbol: float(each.quantity) for each in snapshot.positions}
    for symbol, instrument in instruments.items():
        if symbol in ours or symbol in brokers:
            gap = ours.get(symbol, 0.0) - brokers.get(symbol, 0.0)
            # Coins tell no owner: on spot the account may have more than the bot.
            # It never owes coins: those were another's.
            is_owned = instrument.asset_class is AssetClass.SPOT and ours.get(symbol, 0.0) >= 0.0
            gap = max(gap, 0.0) if is_owned else abs(gap)
            differs = gap * 2 > float(instrument.lot_size)
            yield _compared("position", symbol, ours.get(symbol), brokers.get(symbol), differs=differs)


def _orders(
    snapshot: AccountSnapshot, status: Mapping[str, Any], instruments: Mapping[str, Instrument]
) -> Iterator[Compared]:
    ours = {each["client_id"]: str(each["state"]) for each in status["orders"]}
    brokers = {each.order_id: str(each.state) for each in snapshot.orders if each.symbol in instruments}
    for order_id in dict.fromkeys([*ours, *brokers]):
        mine, theirs = ours.get(order_id), brokers.get(order_id)
        # The two tell of the same state in different words; what counts is that both know the order.
        differs = mine != _KEPT_HERE and (mine is None or theirs is None)
        yield _compared("order", order_id, mine, theirs, differs=differs)


def _balance(
    snapshot: AccountSnapshot, status: Mapping[str, Any], instruments: Mapping[str, Instrument]
) -> Iterator[Compared]:
    currency = next(iter(instruments.values())).quote
    if currency not in snapshot.balances:
        return
    # A perpetual's position is no money: the broker's balance has what was realised alone.
    invested = sum(
        float(each["quantity"]) * float(each["entry_price"]) * float(instruments[each["symbol"]].multiplier)
        for each in status["positions"]
        if instruments[each["symbol"]].asset_class is AssetClass.PERPETUAL
    )
    ours, brokers = float(status["cash"]) + invested, float(snapshot.balances[currency])
    yield _compared("balance", currency, ours, brokers, differs=abs(ours - brokers) > _UNTOLD * abs(brokers))


def _compared(
    kind: str, name: str, ours: float | str | None, brokers: float | str | None, *, differs: bool
) -> Compared:
    return Compared(kind=kind, name=name, ours=ours, brokers=brokers, differs=differs)
