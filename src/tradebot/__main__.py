"""``python -m tradebot``: the command line without its script."""

from tradebot.cli.main import main

main()
