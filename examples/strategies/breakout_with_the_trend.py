"""Trade breakouts in the direction of a higher timeframe, and let a trailing stop take the profit."""

from tradebot import Bar, Bars, Exit, Signal, Strategy, param, ta


class BreakoutWithTheTrend(Strategy):
    """Long above the channel while the 4-hour average rises, short below it while it falls.

    A 4-hour bar is seen only once it has closed, in a backtest as in live trading.
    """

    version = "1.0"
    timeframes = ("4h",)
    channel: int = param(48, ge=5, le=500, step=1, doc="Bars of the price channel.")
    trend: int = param(10, ge=2, le=100, step=1, doc="4-hour bars of the average.")
    trail: float = param(0.02, ge=0.001, le=0.2, step=0.005, doc="Trailing stop as a fraction of the entry price.")

    def setup(self, bars: Bars) -> None:
        # The channel of the bars before this one: a bar cannot break out of a channel it belongs to.
        self.bands = ta.donchian(bars, self.channel, exclude_current=True)
        self.average = ta.ema(self.bars("4h").close, self.trend)

    def on_bar(self, bar: Bar) -> Signal | Exit | None:
        rising = self.average[-1] > self.average[-2]
        if bar.close > self.bands.upper[-1] and rising and self.position <= 0:
            return self.long(trailing_stop_pct=self.trail, tag="breakout up")
        if bar.close < self.bands.lower[-1] and not rising and self.position >= 0:
            return self.short(trailing_stop_pct=self.trail, tag="breakout down")
        return None
