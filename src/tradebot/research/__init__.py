"""Research on finished runs: statistics, results, reports and the ``backtest`` call that makes them."""
