"""What no section can see by itself: sections that contradict each other."""

from __future__ import annotations

from collections.abc import Iterator

from tradebot.config.document import Configuration
from tradebot.config.markets import Data
from tradebot.config.problems import Problem
from tradebot.core.instant import to_ns
from tradebot.core.interval import Interval


def contradictions(configuration: Configuration) -> list[Problem]:
    """Every contradiction, in order of the document."""
    parts = (_markets, _sizes, _exits, _strategy, _times, _notifications, _modes)
    return [Problem(*found) for part in parts for found in part(configuration)]


Found = Iterator[tuple[str, str, str]]


def _markets(document: Configuration) -> Found:
    for name, section in (("trading", document.trading), ("data", document.data)):
        if section.symbol and section.symbols:
            yield f"{name}.symbols", "symbol and symbols are both given", "Give one of them."
    if not document.traded:
        yield "trading.symbol", "no market is given", 'Write "symbol": "BTCUSDT".'
    traded = set(document.trading.symbols or filter(None, [document.trading.symbol]))
    read = set(document.data.symbols or filter(None, [document.data.symbol]))
    if traded and read and traded != read:
        here, there = ", ".join(sorted(read)), ", ".join(sorted(traded))
        path = "data.symbols" if document.data.symbols else "data.symbol"
        yield path, f"{here} is read and {there} is traded", "Name the same markets, or leave it out of data."
    symbols = document.trading.symbols or document.data.symbols or []
    if len(set(symbols)) < len(symbols):
        yield "trading.symbols", "a market comes twice", "Name each once."
    if document.symbols.mode == "custom" and not document.symbols.symbols:
        yield "symbols.symbols", "the custom universe has no markets", "Name them, or choose another mode."


def _sizes(document: Configuration) -> Found:
    broker = document.broker
    if broker.leverage > 1 and "binance" in broker.type and broker.market == "spot":
        yield "broker.leverage", f"a spot market is traded without: {broker.leverage}", 'Write "market": "usdm".'
    trading, chosen = document.trading, document.strategy
    if None not in (trading.position_size, chosen.position_size) and trading.position_size != chosen.position_size:
        fact = f"{chosen.position_size} contradicts trading.position_size {trading.position_size}"
        yield "strategy.position_size", fact, "Give one, or the same twice."
    path = "trading.position_size" if trading.position_size is not None else "strategy.position_size"
    size = document.position_size
    if size is None:
        return
    if size > document.broker.leverage:
        fact = f"{size:g} of equity needs more than the leverage of {document.broker.leverage}"
        yield path, fact, "Lower it, or raise broker.leverage."
    if trading.max_exposure is not None and size > trading.max_exposure:
        fact = f"{size:g} is above trading.max_exposure {trading.max_exposure}: no entry could pass"
        yield path, fact, "Lower it, or raise max_exposure."
    if trading.max_positions is not None and trading.max_positions > max(1, len(document.traded)):
        fact = f"{trading.max_positions} is more than the {len(document.traded)} markets that are traded"
        yield "trading.max_positions", fact, "Lower it, or trade more markets."


def _exits(document: Configuration) -> Found:
    risk, trail = document.risk_management, document.risk_management.trailing_stop
    size, drawdown = document.position_size or 1.0, document.trading.max_drawdown_pct
    if risk.stop_loss_pct is not None and drawdown is not None and float(risk.stop_loss_pct) * size > drawdown:
        fact = f"one stop of {risk.stop_loss_pct} % on {size:g} of equity passes trading.max_drawdown_pct {drawdown}"
        yield "risk_management.stop_loss_pct", fact, "Lower it, or the position size."
    if trail.enabled and (trail.activation_pct or 0) >= (risk.take_profit_pct or 1000):
        fact = f"{trail.activation_pct} is not below take_profit_pct {risk.take_profit_pct}: it would never follow"
        yield "risk_management.trailing_stop.activation_pct", fact, "Lower it, or raise the target."
    if risk.max_daily_loss is not None and risk.max_daily_loss >= document.broker.initial_balance:
        fact = f"{risk.max_daily_loss} is all of broker.initial_balance {document.broker.initial_balance}"
        yield "risk_management.max_daily_loss", fact, "Lower it."
    commission, target = document.broker.commission, risk.take_profit_pct
    if commission is not None and target is not None and 200 * commission >= target:
        fact = f"two fees of {float(100 * commission):g} % eat the target of {target} %"
        yield "risk_management.take_profit_pct", fact, "Raise it, or correct broker.commission: 0.001 is 0.1 %."


def _strategy(document: Configuration) -> Found:
    chosen = document.strategy
    logic = {"entry_logic": chosen.entry_logic, "exit_logic": chosen.exit_logic}
    if chosen.type.casefold() == "custom":
        for name, part in logic.items():
            if part is None:
                yield f"strategy.{name}", "is missing", 'A custom strategy has both: {"name": "RSIBBExitMixin"}.'
    else:
        for name, part in logic.items():
            if part is not None:
                mend = 'Leave it out, or write "type": "custom".'
                yield f"strategy.{name}", f"the strategy {chosen.type} has none", mend


def _times(document: Configuration) -> Found:
    data = document.data
    if data.start is not None and data.end is not None and to_ns(data.start) >= to_ns(data.end):
        yield "data.end", f"{data.end} is not after data.start {data.start}", "Give a later one."
    base = Interval.parse(data.interval)
    for n, text in enumerate(data.timeframes or []):
        if Interval.parse(text).ns < base.ns:
            yield f"data.timeframes.{n}", f"{text} is shorter than data.interval {data.interval}", "Give longer ones."
        elif not base.fits_into(Interval.parse(text)):
            fact = f"bars of data.interval {data.interval} do not fill {text} bars"
            yield f"data.timeframes.{n}", fact, "Give a whole multiple."
    yield from _roles(data, base)


def _roles(data: Data, base: Interval) -> Found:
    frames = {base, *map(Interval.parse, data.timeframes or [])}
    given: dict[str, str] = {}
    for text, role in (data.tf_roles or {}).items():
        path, interval = f"data.tf_roles.{text}", Interval.parse(text)
        if interval not in frames:
            yield path, "it is not among data.timeframes", "Add it there."
        if role in given:
            yield path, f"{role} is given to {given[role]} as well", "Give each role one interval."
        given[role] = text
        if role == "LTF" and interval != base:
            yield path, f"LTF is what is traded on, and data.interval is {data.interval}", "Make them the same."
        elif role != "LTF" and interval == base:
            yield path, f"{role} is not above data.interval {data.interval}", "Give it a longer one."


def _notifications(document: Configuration) -> Found:
    for name, channel in (("telegram", document.notifications.telegram), ("email", document.notifications.email)):
        if channel.enabled and not channel.notify_on:
            yield f"notifications.{name}.notify_on", "it is enabled and never told of anything", "Name occasions."
        if len(set(channel.notify_on)) < len(channel.notify_on):
            yield f"notifications.{name}.notify_on", "an occasion comes twice", "Name each once."
    email = document.notifications.email
    if email.enabled:
        for key, value in (("to", email.to), ("sender", email.sender), ("smtp_host", email.smtp_host)):
            if not value:
                yield f"notifications.email.{key}", "is missing", "E-mail needs it."


def _modes(document: Configuration) -> Found:
    if document.engine.mode == "live" and document.broker.is_simulated:
        fact = f"live contradicts the simulated broker {document.broker.type}"
        yield "engine.mode", fact, "Choose paper, or a broker that trades."
    broker = document.broker
    if document.engine.mode != "live" or broker.type != "binance":
        return
    if broker.leverage % 1:
        yield "broker.leverage", f"Binance has whole ones, not {broker.leverage}", "Round it."
    for name in ("margin_type", "dead_man_seconds"):
        if broker.market == "spot" and getattr(broker, name):
            yield f"broker.{name}", "Binance has none for spot", 'Leave it out, or write "market": "usdm".'
