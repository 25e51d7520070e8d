"""Buy the dip while the larger trend points up: rules alone, with stops from the market's own range."""

from tradebot import Bars, Rules, Strategy, param, ta


class DipInAnUptrend(Strategy):
    """Long when RSI leaves its oversold zone above a long average, out when it is overbought.

    The stop lies a few average true ranges below the bar that gave the signal, so that a wild market gets more room.
    """

    version = "1.0"
    trend: int = param(200, ge=20, le=1000, step=20, doc="Bars of the average that tells the trend.")
    period: int = param(14, ge=2, le=50, step=1, doc="Bars of RSI and of the average true range.")
    oversold: float = param(30.0, ge=5, le=45, step=5, doc="RSI below which the market has dipped.")
    overbought: float = param(70.0, ge=55, le=95, step=5, doc="RSI above which to leave.")
    room: float = param(3.0, ge=0.5, le=10, step=0.5, doc="Average true ranges between entry and stop.")

    def rules(self, bars: Bars) -> Rules:
        rsi = ta.rsi(bars.close, self.period)
        uptrend = bars.close > ta.sma(bars.close, self.trend)
        return Rules(
            enter_long=uptrend & ta.cross_above(rsi, self.oversold),
            exit_long=rsi > self.overbought,
            stop_loss=bars.close - self.room * ta.atr(bars, self.period),
        )
