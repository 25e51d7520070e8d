"""Where a rehearsal plays: one market, one connection at a time, what its broker tells, and how long is waited."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING, Any, Final

import msgspec
from tradebot_native import OrderIntent

from tradebot.app.connecting import connected
from tradebot.app.rehearsal.hearing import Hearing, Unmet
from tradebot.config.secrets import with_keyring
from tradebot.core.holdings import Holdings
from tradebot.core.instrument import Instrument
from tradebot.core.interval import MINUTE
from tradebot.core.order import OrderState, exit_id
from tradebot.core.redaction import Redactor
from tradebot.venues.binance import BinanceHost, Market, Mode

if TYPE_CHECKING:
    from tradebot.app.rehearsal.questions import List, Questions
    from tradebot.brokers.binance import BinanceBroker, BinanceSettings, BinanceSpotBroker
    from tradebot.core.account import AccountSnapshot, OpenOrder

# The least order with room for a price that moves, and how many of it are bought: halves of them can still be sold.
_ROOM: Final = Decimal("1.25")
_TIMES: Final = 4
_MARGIN_NS: Final = 5 * MINUTE
# Between two looks at a list that is behind.
_LISTED_EVERY_S: Final = 0.2


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """How long is waited, in seconds.

    Parameters
    ----------
    answer_s : for one thing that the exchange is to do.
    step_s : for a whole step, whatever it waits for.
    look_s : between two looks at the account, which cost of the budget of requests.
    settle_s : after which an order that was sent without an answer cannot arrive any more.
    clear_s : for all that is taken back where a step failed; the budget of requests may ask for a minute of it.
    """

    answer_s: float = 20.0
    step_s: float = 90.0
    look_s: float = 1.0
    settle_s: float = 6.0
    clear_s: float = 120.0


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a rehearsal is about to do.

    Parameters
    ----------
    market, host, address, symbol : where.
    quantity, worth : what is bought, in units and about how much in the quote currency.
    base, quote : the currencies.
    steps : names of its acts.
    """

    market: Market
    host: Mode
    address: str
    symbol: str
    quantity: Decimal
    worth: Decimal
    base: str
    quote: str
    steps: tuple[str, ...]


class Stage:
    """The exchange as the acts see it.

    Parameters
    ----------
    host, environment, symbol : where, and where the keys stand.
    prefix : what the client ids of its orders begin with.
    settings : how the bot's broker works.
    patience : how long is waited.

    Attributes
    ----------
    broker, hearing, holdings : of the connection that is open; the last is the broker's count of its coins, on spot.
    instrument : the market by the exchange's rules.
    before : the account before the first order.
    price : of a unit before the first order.
    sent : client ids of what was sent, with their intents.
    redactor : takes secrets out of what is told and kept.
    since : a time before the first trade, int64 ns UTC; ``None`` before the first order.
    behind : how long after an order's answer each list of the exchange showed it, the longest so far, seconds.
    """

    broker: BinanceBroker | BinanceSpotBroker
    hearing: Hearing
    holdings: Holdings
    instrument: Instrument
    before: AccountSnapshot
    price: Decimal

    def __init__(
        self,
        host: BinanceHost,
        environment: Mapping[str, str],
        symbol: str,
        prefix: str,
        settings: BinanceSettings | None,
        patience: Patience,
    ) -> None:
        self.host = host
        self.symbol = symbol
        self.prefix = prefix
        self.patience = patience
        self.redactor = Redactor.of_environment(environment)
        self.sent: dict[str, OrderIntent] = {}
        self.since: int | None = None
        self.behind: dict[str, float] = {}
        self._environment = environment
        self._settings = settings
        self._open = AsyncExitStack()

    @property
    def is_spot(self) -> bool:
        """Whether coins are traded."""
        return self.host.market == "spot"

    @property
    def quantity(self) -> Decimal:
        """Units of the entry: a few times the least order."""
        return self._least * _TIMES

    @property
    def _least(self) -> Decimal:
        rules = self.instrument
        wanted = max(rules.min_notional * _ROOM / self.price, rules.min_quantity, rules.lot_size)
        return (wanted / rules.lot_size).to_integral_value(ROUND_CEILING) * rules.lot_size

    @property
    def half(self) -> Decimal:
        """Units of half the position."""
        return self.instrument.snap_quantity(self.hearing.position / 2)

    @property
    def stop_id(self) -> str:
        """Client id of the stop."""
        return exit_id(self.named("entry"), "stop_loss")

    @property
    def target_id(self) -> str:
        """Client id of the target."""
        return exit_id(self.named("entry"), "take_profit")

    def named(self, name: str) -> str:
        """Client id of one of the rehearsal's orders."""
        return f"{self.prefix}{name}"

    def away(self, factor: str) -> Decimal:
        """The price times a factor, on the tick."""
        return self.instrument.snap_price(self.price * Decimal(factor))

    def anew(self) -> Stage:
        """A stage of the same names and the same orders that has no connection yet, and only closes."""
        other = Stage(self.host, self._environment, self.symbol, self.prefix, None, self.patience)
        other.since, other.sent = self.since, self.sent
        return other

    async def open(self) -> None:
        """Connect as a bot does, and hear what happened since the first order.

        Raises
        ------
        TradebotError : the key, the account or the market is not fit for a bot, or the exchange does not answer.
        """
        options: dict[str, Any] = {"since": self.since, "settings": self._settings}
        if self.is_spot:
            self.holdings = options["holdings"] = Holdings((self.prefix,))
        entered = connected(self.host, self._environment, (self.symbol,), prefixes=(self.prefix,), **options)
        self.broker = await self._open.enter_async_context(entered)
        self.instrument = self.broker.instruments((self.symbol,))[0]
        self.hearing = Hearing(self.broker, self.prefix)
        self._open.push_async_callback(self._hear_no_more)

    async def begin(self) -> None:
        """Look at the account, and at the clock: what follows is the rehearsal's."""
        self.before = await self.broker.snapshot()
        # Trades may be stamped by another clock, and names tell which are the rehearsal's.
        self.since = await self.broker.time() - _MARGIN_NS

    @asynccontextmanager
    async def asking(self) -> AsyncGenerator[Questions]:
        """The exchange asked past the broker, for the block.

        Raises
        ------
        TradebotError : it does not answer.
        """
        from tradebot.app.rehearsal.questions import Questions
        from tradebot.brokers.binance import account
        from tradebot.brokers.binance.rest import BinanceRest
        from tradebot.brokers.binance.spot import account as spot_account

        market_rules = spot_account.market_rules if self.is_spot else account.market_rules
        rest = BinanceRest(self.host, *self.host.credentials(with_keyring(self._environment, self.host.key_variables)))
        try:
            await rest.time()
            # With them come the limits of requests: a question that waited for lower ones would count as a list that is
            # behind.
            await market_rules(rest, (self.symbol,))
            yield Questions(rest, self.host.market, self.symbol)
        finally:
            await rest.close()

    async def close(self) -> None:
        """Close the connection; nothing happens where none is open."""
        await self._open.aclose()

    async def submit(self, order_id: str, side: str, quantity: Decimal, **terms: Any) -> None:
        """Send an order."""
        self.sent[order_id] = OrderIntent(self.symbol, side, float(quantity), **terms)
        await self.broker.submit(order_id, self.sent[order_id])

    async def reached(self, order_id: str, *states: OrderState) -> None:
        """Wait until an order is told to be in one of some states.

        Raises
        ------
        Unmet : it is not, or ended otherwise.
        """
        words = " or ".join(states)
        await self.hearing.until(
            f"{order_id} is {words}", lambda: self.hearing.state(order_id) in states, self.patience.answer_s
        )

    async def listed(self, questions: Questions, order_id: str, *lists: List) -> str:
        """Wait until lists show an order that was just answered; returns how far they are behind, as words.

        Raises
        ------
        Unmet : one of them does not show it in the time that the broker counts on, or the order failed meanwhile.
        TradebotError : they cannot be asked.
        """
        from tradebot.app.rehearsal.questions import MOST_BEHIND_S

        now = asyncio.get_running_loop().time
        answered, longest, waiting = now(), 0.0, list(lists)
        while waiting:
            for name in tuple(waiting):
                shows = await questions.shows(name, order_id)
                self.hearing.check()
                longest = now() - answered
                self.behind[name] = max(self.behind.get(name, 0.0), round(longest, 3))
                if longest > MOST_BEHIND_S:
                    fact = f"{name} {'shows' if shows else 'does not show'} {order_id} {longest:.1f} s after its answer"
                    raise Unmet(f"{fact}; the broker counts on {MOST_BEHIND_S:g} s")
                if shows:
                    waiting.remove(name)
            if waiting:
                await asyncio.sleep(_LISTED_EVERY_S)
        return f"{' and '.join(lists)} show it within {longest:.2f} s"

    async def seen(self, expected: str, holds: Callable[[AccountSnapshot], bool]) -> None:
        """Look at the account until something holds of it.

        Raises
        ------
        Unmet : it did not in time, or an order failed meanwhile.
        TradebotError : the account cannot be asked.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self.patience.answer_s
        while not holds(await self.broker.snapshot()):
            self.hearing.check()
            if loop.time() > deadline:
                raise Unmet(f"{expected}: the account does not show it{self.hearing.last_words()}")
            await asyncio.sleep(self.patience.look_s)
        self.hearing.check()

    def own(self, account: AccountSnapshot) -> dict[str, OpenOrder]:
        """The rehearsal's orders among those that work, by their client ids."""
        return {order.order_id: order for order in account.orders if order.order_id.startswith(self.prefix)}

    def units(self, account: AccountSnapshot) -> Decimal:
        """Units of the market that the account holds, whoever bought them."""
        return sum((held.quantity for held in account.positions if held.symbol == self.symbol), Decimal(0))

    async def _hear_no_more(self) -> None:
        await self.hearing.close()
        if self.since is not None:
            # A market that is played lives in a time of its own.
            self.since = min([self.since, *(fill.ts - 1 for fill in self.hearing.booked())])
