"""A strategy that is never content: entries with stops, reversals, limit orders, additions and exits by prints."""

from __future__ import annotations

from tradebot_native import Exit, Signal, Tick

from tradebot.strategies import Strategy

EVERY = 8


class Restless(Strategy):
    """Does something at every eighth print, each time something else."""

    def setup(self, bars: object) -> None:
        self.prints = 0

    def on_tick(self, tick: Tick) -> Signal | Exit | None:
        self.prints += 1
        turn, rest = divmod(self.prints, EVERY)
        if rest:
            return None
        stop, target = 0.004, 0.008
        match turn % 7:
            case 0 | 1:
                return self.long(stop_loss_pct=stop, take_profit_pct=target)
            case 2:
                return self.long(add=True, stop_loss_pct=stop)
            case 3:
                return self.short(stop_loss_pct=stop, take_profit_pct=target)
            case 4:
                return self.exit()
            case 5:
                return self.short(type="limit", limit=round(tick.price * 1.0005, 1), stop_loss_pct=stop)
            case _:
                return self.exit()
