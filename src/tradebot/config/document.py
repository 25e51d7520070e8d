"""The whole document."""

from __future__ import annotations

from pydantic import Field

from tradebot.config.markets import Backfill, Broker, Data, Symbols, Trading
from tradebot.config.operations import (
    Api,
    Bus,
    Engine,
    Logging,
    Notifications,
    RiskManagement,
    Storage,
    Telemetry,
)
from tradebot.config.strategy import StrategyChoice
from tradebot.config.values import Section


class Configuration(Section):
    """One bot: what it trades, where, how, and how far it may go."""

    description: str = Field(default="", description="what it is for, in your words")
    version: str = Field(default="1.0", description="version of the document")
    broker: Broker = Field(description='where orders go: {"type": "binance_paper"}')
    trading: Trading = Field(description='what is traded: {"symbol": "BTCUSDT"}')
    data: Data = Field(description='where bars come from: {"data_source": "binance", "interval": "1h"}')
    strategy: StrategyChoice = Field(description='what decides: {"type": "sma_cross"}')
    risk_management: RiskManagement = Field(default_factory=RiskManagement, description="exits and daily limits")
    notifications: Notifications = Field(default_factory=Notifications, description="who is told of what")
    logging: Logging = Field(default_factory=Logging, description="what is written down")
    engine: Engine = Field(default_factory=Engine, description="how it runs")
    storage: Storage = Field(default_factory=Storage, description="where things are kept")
    api: Api = Field(default_factory=Api, description="the API")
    bus: Bus = Field(default_factory=Bus, description="how processes talk")
    telemetry: Telemetry = Field(default_factory=Telemetry, description="traces and metrics")
    symbols: Symbols = Field(default_factory=Symbols, description="universe of markets")
    backfill: Backfill = Field(default_factory=Backfill, description="how history is downloaded")

    @property
    def traded(self) -> tuple[str, ...]:
        """Symbols that are traded."""
        for section in (self.trading, self.data):
            if section.symbols:
                return tuple(section.symbols)
            if section.symbol:
                return (section.symbol,)
        return ()

    @property
    def position_size(self) -> float | None:
        """Share of equity an entry takes; ``None`` where neither trading nor strategy says."""
        size = self.trading.position_size if self.trading.position_size is not None else self.strategy.position_size
        return None if size is None else float(size)
