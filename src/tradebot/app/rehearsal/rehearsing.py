"""Leads a rehearsal: connects, says what it will do, plays the acts, takes back what a failed one leaves."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Final, Protocol

import msgspec

from tradebot.app.connecting import settings_of
from tradebot.app.rehearsal.acts import ACTS, Act
from tradebot.app.rehearsal.clearing import Cleared, clear
from tradebot.app.rehearsal.stage import Patience, Plan, Stage
from tradebot.app.rehearsal.standard import standard
from tradebot.core.errors import ConfigError, TradebotError
from tradebot.store.rehearsals import Receipt, Rehearsals, Step
from tradebot.venues.binance import URL_VARIABLE, BinanceHost

if TYPE_CHECKING:
    from tradebot.config import Loaded

_log: Final = logging.getLogger(__name__)
_NAME: Final = "rehearsal-"
_BROKEN_OFF: Final = Step(
    name="rehearsal", expected="it is played to its end", said="it was broken off", seconds=0.0, passed=False
)
# What coins are bought for may cost more by the time they are.
_ROOM: Final = Decimal("1.05")


class Rehearsal(msgspec.Struct, frozen=True, kw_only=True):
    """How a rehearsal ended.

    Parameters
    ----------
    receipt : its steps, as they are kept.
    cleared : what was taken back after a step that failed; ``None`` where all passed.
    """

    receipt: Receipt
    cleared: Cleared | None = None


class Audience(Protocol):
    """Who is told how it goes."""

    def begins(self, plan: Plan) -> None:
        """The account is fit; the first act follows."""
        ...

    def played(self, step: Step) -> None:
        """An act has ended."""
        ...

    def clears(self) -> None:
        """Something went wrong, or a person stopped it: what it has placed is taken back now."""
        ...

    def cleared(self, cleared: Cleared) -> None:
        """It was taken back, or not."""
        ...


async def rehearse(
    loaded: Loaded,
    environment: Mapping[str, str],
    audience: Audience,
    *,
    symbol: str | None = None,
    patience: Patience | None = None,
) -> Rehearsal:
    """Play every act on Binance's demo, or on the local exchange where the configuration trades there.

    Its receipt is kept, whether it passed or not. What it has placed is taken back whatever ends it.

    Parameters
    ----------
    symbol : the market; ``None`` for the first of the configuration.

    Raises
    ------
    ConfigError : the configuration does not trade at Binance, a key is missing, the market is not listed, the account
        is not fit for it: nothing was placed.
    TradebotError : the exchange does not answer or refuses the key: nothing was placed.
    DataError : the receipt cannot be written.
    """
    host = host_of(loaded, environment)
    chosen = patience or Patience()
    prefix = f"{_NAME}{secrets.token_hex(4)}-"
    settings = settings_of(loaded.configuration, leverage="broker.leverage" in loaded.origins)
    market = (symbol or loaded.configuration.traded[0]).upper()
    stage = Stage(host, environment, market, prefix, settings, chosen)
    try:
        plan = await _prepared(stage)
        audience.begins(plan)
        # Until it has ended it has not passed: whoever breaks it off must not be left with an older receipt.
        Rehearsals().keep(_receipt(stage, [_BROKEN_OFF]))
        steps = await _played(stage, audience)
    except BaseException:
        # A person stopped it, or an error of ours: that must not leave anything either.
        await _ended(stage, audience, clears=bool(stage.sent))
        raise
    receipt = _receipt(stage, steps)
    Rehearsals().keep(receipt)
    cleared = await _ended(stage, audience, clears=bool(receipt.failed and stage.sent))
    return Rehearsal(receipt=receipt, cleared=cleared)


def _receipt(stage: Stage, steps: Sequence[Step]) -> Receipt:
    code = standard()
    return Receipt(
        ts=time.time_ns(),
        market=stage.host.market,
        host=stage.host.mode,
        symbol=stage.symbol,
        version=code.version,
        digest=code.digest,
        behind=dict(stage.behind),
        steps=tuple(steps),
    )


def host_of(loaded: Loaded, environment: Mapping[str, str]) -> BinanceHost:
    """Where a configuration is rehearsed: never the real exchange.

    Raises
    ------
    ConfigError : its broker does not trade, or the address of a local exchange stands in the way.
    """
    broker = loaded.configuration.broker
    if broker.type != "binance":
        raise ConfigError(f'"{broker.type}" does not trade for real', place="broker.type", mend='Use "binance".')
    is_local = broker.host == "local" or (broker.host is None and bool(environment.get(URL_VARIABLE)))
    return BinanceHost.of_environment(environment, "local" if is_local else "demo", broker.market)


async def _prepared(stage: Stage) -> Plan:
    """Connect, and see whether the account is fit; nothing is placed."""
    await stage.open()
    stage.price = await _price(stage)
    await stage.begin()
    rules, worth = stage.instrument, stage.quantity * stage.price
    mend = "Close it there, or take another market by --symbol: the rehearsal must know what is its own."
    if not stage.is_spot and stage.units(stage.before):
        raise ConfigError("a position is open there", place=stage.symbol, mend=mend)
    if not stage.is_spot and any(order.symbol == stage.symbol for order in stage.before.orders):
        raise ConfigError("orders work there", place=stage.symbol, mend=mend)
    money = stage.before.balances.get(rules.quote, Decimal(0))
    if stage.is_spot and money < worth * _ROOM:
        fact = f"the account has {money:,.2f} {rules.quote}, and this takes about {worth * _ROOM:,.2f}"
        raise ConfigError(fact, place=stage.symbol, mend="Have the demo's money renewed at Binance.")
    return Plan(
        market=stage.host.market,
        host=stage.host.mode,
        address=stage.host.rest,
        symbol=stage.symbol,
        quantity=stage.quantity,
        worth=worth,
        base=rules.base,
        quote=rules.quote,
        steps=tuple(act.name for act in ACTS),
    )


async def _price(stage: Stage) -> Decimal:
    """The mark price of a future, or the average price of coins, by which orders are held against the filters."""
    from tradebot.brokers.binance.marks import AVERAGE_PRICE, MARK_PRICE, Marks
    from tradebot.brokers.binance.rest import BinanceRest

    # It is public: no key goes along.
    rest = BinanceRest(stage.host, "", "")
    try:
        return await Marks(rest, AVERAGE_PRICE if stage.is_spot else MARK_PRICE).now(stage.symbol)
    finally:
        await rest.close()


async def _played(stage: Stage, audience: Audience) -> list[Step]:
    """Play the acts up to the first that fails."""
    steps: list[Step] = []
    for act in ACTS:
        step = await _step(act, stage)
        steps.append(step)
        audience.played(step)
        if not step.passed:
            break
    return steps


async def _step(act: Act, stage: Stage) -> Step:
    began = time.monotonic()
    passed = False
    stage.hearing.begin()
    try:
        async with asyncio.timeout(stage.patience.step_s):
            said = await act.play(stage)
        passed = True
    except TimeoutError:
        said = f"not done within {stage.patience.step_s:g} s"
    except TradebotError as error:
        said = str(error)
    except Exception as error:  # noqa: BLE001 - an answer that nobody foresaw is what a rehearsal is there to find
        _log.debug("the step %s failed", act.name, exc_info=True)
        said = f"not understood: {type(error).__name__}: {error}"
    seconds = round(time.monotonic() - began, 3)
    return Step(name=act.name, expected=act.expected, said=stage.redactor.text(said), seconds=seconds, passed=passed)


async def _ended(stage: Stage, audience: Audience, *, clears: bool) -> Cleared | None:
    """Close the connection and take back what is left; whoever stops it meanwhile is heard when that is done."""
    ending = asyncio.create_task(_cleared(stage, audience) if clears else _closed(stage))
    stopped: asyncio.CancelledError | None = None
    while not ending.done():
        try:
            await asyncio.shield(ending)
        except asyncio.CancelledError as error:
            stopped = error
    if stopped is not None:
        raise stopped
    return ending.result()


async def _closed(stage: Stage) -> None:
    """Close the connection; one that fails amid it has nothing more to say."""
    try:
        async with asyncio.timeout(stage.patience.step_s):
            await stage.close()
    except (TradebotError, TimeoutError, OSError) as error:
        _log.warning("the connection was not closed in order: %s", error)


async def _cleared(stage: Stage, audience: Audience) -> Cleared:
    audience.clears()
    await _closed(stage)
    cleared = await clear(stage)
    audience.cleared(cleared)
    return cleared
