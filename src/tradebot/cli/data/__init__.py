"""``tradebot data``: what is kept of the markets."""
