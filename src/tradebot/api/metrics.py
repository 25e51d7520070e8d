"""Figures of the process for Prometheus."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest


class Metrics:
    """The figures of one process, apart from every other one's."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "tradebot_api_requests", "Requests answered.", ("method", "route", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "tradebot_api_request_seconds", "Time to answer a request.", ("route",), registry=self.registry
        )
        self.listeners = Gauge("tradebot_stream_listeners", "Listeners of the stream.", registry=self.registry)
        self.messages = Gauge("tradebot_stream_sequence", "Number of the newest message.", registry=self.registry)
        self.equity = Gauge("tradebot_equity", "Equity of the account.", registry=self.registry)
        self.running = Gauge("tradebot_bot_running", "1 while the bot runs.", registry=self.registry)
        self.halted = Gauge("tradebot_bot_halted", "1 while the bot is halted.", registry=self.registry)
        self.backtests = Gauge("tradebot_backtests", "Backtests that wait or run.", registry=self.registry)

    def text(self) -> bytes:
        """All of them in Prometheus' text format."""
        return generate_latest(self.registry)
