"""The paper broker: the simulated exchange in a broker's words."""

from tradebot.brokers.paper.broker import PaperBroker

__all__ = ["PaperBroker"]
