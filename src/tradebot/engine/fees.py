"""What trades cost in the quote currency, whatever currency was paid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tradebot.core.asset_class import AssetClass
from tradebot.core.event import Severity

if TYPE_CHECKING:
    from tradebot.core.fill import Fill
    from tradebot.engine.outbox import Outbox
    from tradebot.engine.plan import Plan


class Fees:
    """Fees as the books count them.

    Attributes
    ----------
    elsewhere : quote currency that the books have paid while the broker took another currency: its balance of the quote
        currency is higher by so much.
    """

    def __init__(self, plan: Plan, outbox: Outbox) -> None:
        self._plan = plan
        self._outbox = outbox
        self.elsewhere = 0.0

    def of(self, fill: Fill) -> float:
        """A trade's fee in the quote currency."""
        instrument = self._plan.markets[fill.symbol]
        if fill.fee_currency == instrument.base != instrument.quote:
            return float(fill.fee * fill.price)
        if fill.fee_currency in ("", instrument.quote):
            return float(fill.fee)
        return float(fill.fee_worth or 0)

    def booked(self, fill: Fill) -> None:
        """Note that a trade was booked."""
        instrument = self._plan.markets[fill.symbol]
        if not fill.fee or fill.fee_currency in ("", instrument.quote):
            return
        if instrument.asset_class is AssetClass.SPOT and fill.fee_currency == instrument.base:
            # The coins it took are told as a sale of their own, whose money pays what was booked here.
            return
        self.elsewhere += self.of(fill)
        if fill.fee_worth is None and fill.fee_currency != instrument.base:
            fact = f"{fill.order_id} ({fill.symbol}) paid {fill.fee} {fill.fee_currency}, whose price is not known"
            self._outbox.notify(Severity.WARNING, f"{fact}: it is booked as nothing.")
