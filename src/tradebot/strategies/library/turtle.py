"""The turtles' first system, with the units they added."""

from __future__ import annotations

from tradebot_native import Bar, ExecutionEvent, Exit, Signal

from tradebot import indicators as ta
from tradebot.strategies.bars import Bars
from tradebot.strategies.param import param
from tradebot.strategies.strategy import Strategy


class Turtle(Strategy):
    """Buy a breakout one unit at a time while it runs, up to four, each with a stop; the reverse for shorts.

    Faith (2003), The Original Turtle Trading Rules. N is the average true range of 20 bars; a unit is sized so that a
    move of N is 1 % of equity; one is added at every half N beyond the last fill. Each unit's stop rests two N from its
    own fill; the rule that an added unit raises the stops of the earlier ones is kept at the close: all is left where
    it is two N from the last fill. A breakout is passed over where the last one, taken or not, would have won, unless
    it is one of ``failsafe`` bars too. Entries and additions are decided at closes, where the turtles acted within the
    day.
    """

    version = "1.0"
    entry: int = param(20, ge=2, le=400, step=1, doc="Bars of the channel that is entered on.")
    leave: int = param(10, ge=1, le=400, step=1, doc="Bars of the channel that is left on; fewer than entry.")
    failsafe: int = param(55, ge=2, le=800, step=1, doc="Bars of the channel that is always entered on.")
    skip_after_winner: bool = param(True, doc="Pass a breakout over where the last one would have won.")
    units: int = param(4, ge=1, le=20, step=1, doc="Most units held.")
    unit_risk: float = param(0.01, ge=0.0001, le=0.2, doc="Share of equity that a move of N of one unit is.")
    unit_cap: float = param(0.24, ge=0.01, le=5, doc="Most a unit is worth as a share of equity.")
    step_n: float = param(0.5, ge=0.05, le=10, step=0.05, doc="Distance in N between units.")
    stop_n: float = param(2.0, ge=0.1, le=20, step=0.1, doc="Distance of a stop in N.")
    short_too: bool = param(True, doc="Sell short below the channel as well.")

    def validate(self) -> None:
        if not self.leave < self.entry < self.failsafe:
            fact = f"leave, entry and failsafe do not rise: {self.leave}, {self.entry}, {self.failsafe}"
            raise self.refuse("entry", fact, "The turtles' are 10, 20 and 55.")

    def setup(self, bars: Bars) -> None:
        self.outer = ta.donchian(bars, self.entry, exclude_current=True)
        self.inner = ta.donchian(bars, self.leave, exclude_current=True)
        self.always = ta.donchian(bars, self.failsafe, exclude_current=True)
        self.n = ta.atr(bars, 20)
        self.held_units = 0
        self.last_fill = 0.0
        # The latest breakout, taken or not: its side (0: over), price and N, and whether the one before it won.
        self.breakout = (0, 0.0, 0.0)
        self.last_won = False

    def on_fill(self, fill: ExecutionEvent) -> None:
        if fill.parent is None and fill.tag == "unit" and fill.fill_price is not None:
            self.last_fill = fill.fill_price

    def on_bar(self, bar: Bar) -> Signal | Exit | None:
        broke = self._broke(bar)
        passed_over = self.skip_after_winner and self.last_won
        self._follow(bar, broke)
        position, n = self.position, self.n[-1]
        if position == 0:
            self.held_units = 0
            beyond = bar.close > self.always.upper[-1] or bar.close < self.always.lower[-1]
            return self._unit(broke, bar.close) if broke and (beyond or not passed_over) else None
        side = 1 if position > 0 else -1
        left = bar.close < self.inner.lower[-1] if side > 0 else bar.close > self.inner.upper[-1]
        gained = side * (bar.close - self.last_fill)
        if left or gained <= -self.stop_n * n:
            return self.exit()
        return self._unit(side, bar.close) if self.held_units < self.units and gained >= self.step_n * n else None

    def _broke(self, bar: Bar) -> int:
        """Side of a breakout of this bar; 0 for none."""
        if bar.close > self.outer.upper[-1]:
            return 1
        return -1 if self.short_too and bar.close < self.outer.lower[-1] else 0

    def _follow(self, bar: Bar, broke: int) -> None:
        """Follow the latest breakout to its stop or its exit, for what it would have earned."""
        side, price, n = self.breakout
        if side:
            left = bar.close < self.inner.lower[-1] if side > 0 else bar.close > self.inner.upper[-1]
            lost = side * (bar.close - price) <= -self.stop_n * n
            if left or lost:
                self.last_won = not lost and side * (bar.close - price) > 0
                self.breakout = (0, 0.0, 0.0)
        if broke and not self.breakout[0]:
            self.breakout = (broke, bar.close, self.n[-1])

    def _unit(self, side: int, price: float) -> Signal | None:
        """Another unit on a side, sized by N; none where it is less than a lot."""
        n, multiplier = self.n[-1], float(self.instrument.multiplier)
        equity = self.portfolio.equity
        wanted = min(self.unit_risk * equity / (n * multiplier), self.unit_cap * equity / (price * multiplier))
        if not wanted >= float(max(self.instrument.lot_size, self.instrument.min_quantity)):
            return None
        self.held_units += 1
        signal = self.long if side > 0 else self.short
        return signal(add=True, quantity=wanted, stop_loss_pct=min(self.stop_n * n / price, 0.99), tag="unit")
