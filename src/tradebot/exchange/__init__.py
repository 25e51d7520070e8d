"""A local exchange that speaks Binance USD-M futures: for tests, rehearsals and any client that wants to try."""
