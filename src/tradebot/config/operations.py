"""Sections that say how the bot runs and reports."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from tradebot.config.values import NUMBER, Count, Number, Positive, Section, Text, Whole

Occasion = Literal["trade_entry", "trade_exit", "error", "status", "signal", "order", "risk", "halt", "daily_summary"]


class TrailingStop(Section):
    """A stop that follows the best price."""

    enabled: bool = Field(default=False, strict=True, description="whether entries get one")
    activation_pct: Annotated[Decimal, Field(gt=0, lt=1000), NUMBER] | None = Field(
        default=None, description="gain, in percent, from which it follows"
    )
    trailing_pct: Number = Field(default=Decimal(2), gt=0, lt=100, description="distance from the best price, percent")


class RiskManagement(Section):
    """Exits that every entry gets, limits of a day, and what a running bot takes for a defect."""

    stop_loss_pct: Annotated[Decimal, Field(gt=0, le=100), NUMBER] | None = Field(
        default=None, description="distance of the stop, in percent"
    )
    take_profit_pct: Annotated[Decimal, Field(gt=0, le=1000), NUMBER] | None = Field(
        default=None, description="distance of the target, in percent"
    )
    trailing_stop: TrailingStop = Field(default_factory=TrailingStop, description="the trailing stop")
    max_daily_trades: Count | None = Field(default=None, description="most entries of a UTC day")
    max_daily_loss: Positive | None = Field(
        default=None, description="loss of a UTC day, in quote currency, that ends its entries"
    )
    price_collar_pct: Number = Field(
        default=Decimal(20), gt=0, lt=1000, description="farthest an entry's price may lie from the last, in percent"
    )
    max_orders_per_minute: Count = Field(
        default=60, description="most entries of a minute; more end entries until a person releases the bot"
    )
    max_repeated_orders: Count = Field(
        default=10, description="most entries of a minute of the same side and quantity; more end entries likewise"
    )


class Telegram(Section):
    """Messages by Telegram; its token is TELEGRAM_BOT_TOKEN in the environment."""

    enabled: bool = Field(default=False, strict=True, description="whether messages are sent")
    notify_on: list[Occasion] = Field(default_factory=list[Occasion], description="what is told")
    chat_id: str | None = Field(default=None, description="the chat; TELEGRAM_CHAT_ID in the environment where absent")


class Email(Section):
    """Messages by e-mail; the password is SMTP_PASSWORD in the environment."""

    enabled: bool = Field(default=False, strict=True, description="whether messages are sent")
    notify_on: list[Occasion] = Field(default_factory=list[Occasion], description="what is told")
    to: list[str] = Field(default_factory=list[str], description="addresses")
    sender: str | None = Field(default=None, description="address of the sender")
    smtp_host: str | None = Field(default=None, description="mail server")
    smtp_port: Whole = Field(default=587, ge=1, le=65_535, description="its port")


class Notifications(Section):
    """Who is told of what."""

    enabled: bool = Field(default=False, strict=True, description="whether anybody is told")
    telegram: Telegram = Field(default_factory=Telegram, description="Telegram")
    email: Email = Field(default_factory=Email, description="e-mail")


class Logging(Section):
    """What is written down of a run."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="least level that is logged"
    )
    save_trades: bool = Field(
        default=True, strict=True, description="whether trades are written to a file of their own"
    )
    save_equity_curve: bool = Field(default=True, strict=True, description="the same for the equity curve")
    log_file: Text | None = Field(default=None, description="the log file")


class Engine(Section):
    """How the bot runs."""

    mode: Literal["backtest", "paper", "live"] = Field(default="backtest", description="backtest, paper or live")
    account: str | None = Field(
        default=None, min_length=1, description="name of the account's journal and ledger; the file's name where absent"
    )
    speed: Positive | None = Field(
        default=None, description="multiple of real time at which data is played; as fast as it can where absent"
    )
    cancel_on_stop: bool = Field(
        default=True, strict=True, description="whether waiting entries are taken back at a stop; exits always stay"
    )


class Storage(Section):
    """Where things are kept."""

    backend: Literal["embedded", "timescale"] = Field(default="embedded", description="embedded files, or a server")
    home: Text | None = Field(default=None, description="folder; TRADEBOT_HOME where absent")


class Api(Section):
    """The REST and WebSocket API."""

    enabled: bool = Field(default=False, strict=True, description="whether it is served")
    host: str = Field(default="127.0.0.1", min_length=1, description="address it is bound to")
    port: Whole = Field(default=8000, ge=1, le=65_535, description="port")


class Bus(Section):
    """How the processes of a distributed bot talk."""

    type: Literal["memory", "redis"] = Field(default="memory", description="in the process, or Redis Streams")


class Telemetry(Section):
    """Traces and metrics."""

    enabled: bool = Field(default=False, strict=True, description="whether they are collected")
