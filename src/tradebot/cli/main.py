"""The root of the command line: its subcommands, and what every one of them does with an error."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Final, NoReturn

import click

from tradebot import __version__
from tradebot.cli.lazy import LazyGroup, Target
from tradebot.core.errors import TradebotError

DEBUG_VARIABLE: Final = "TRADEBOT_DEBUG"

EXIT_FAILED: Final = 1
EXIT_MISUSE: Final = 2
EXIT_INTERRUPTED: Final = 130  # 128 + SIGINT, as shells report it

_TARGETS: Final = {
    "backtest": Target("tradebot.cli.backtest", "backtest", "Run a strategy over past or simulated bars."),
    "run": Target("tradebot.cli.run", "run", "Run a bot until it is told to stop."),
    "up": Target("tradebot.cli.up", "up", "Run a bot and serve it: API and dashboard."),
    "halt": Target("tradebot.cli.halt", "halt", "Stop an account from trading, whatever its bot does."),
    "release": Target("tradebot.cli.halt", "release", "End a halt."),
    "pause": Target("tradebot.cli.pause", "pause_entries", "Keep a bot from opening positions for a while."),
    "resume": Target("tradebot.cli.pause", "resume_entries", "End a pause."),
    "live": Target("tradebot.cli.live", "live", "Approve configurations for live trading."),
    "status": Target("tradebot.cli.status", "status", "Show how a bot does."),
    "paper": Target("tradebot.cli.paper", "paper", "Look at paper accounts, and let one begin anew."),
    "replay": Target("tradebot.cli.replay", "replay", "Decide a run on record once more, and compare."),
    "serve": Target("tradebot.cli.serve", "serve", "Serve the API and the dashboard, without a bot."),
    "token": Target("tradebot.cli.token", "token", "Make credentials for programs that use the API."),
    "runs": Target("tradebot.cli.runs", "runs", "Look at kept backtests, compare them, run them again."),
    "data": Target("tradebot.cli.data.group", "data", "Keep market data: import, check, resample, question it."),
    "backfill": Target("tradebot.cli.data.downloading", "backfill", "Fetch the last days of your markets."),
    "config": Target("tradebot.cli.config", "config", "Write, check and show configurations."),
    "exchange": Target(
        "tradebot.cli.exchange", "exchange", "Run a local exchange that speaks Binance futures and spot."
    ),
    "symbols": Target("tradebot.cli.symbols", "symbols", "Choose markets: universes, filters, ready configurations."),
    "strategies": Target("tradebot.cli.strategies", "strategies", "List the strategies, or describe one."),
    "model": Target("tradebot.cli.model", "model", "Train models on past bars, and look at them."),
    "verify": Target("tradebot.cli.verify", "verify", "Check whether a strategy's backtests can be believed."),
    "orders": Target("tradebot.cli.account.orders", "orders", "List the orders of a paper or live account."),
    "fills": Target("tradebot.cli.account.fills", "fills", "List its trades."),
    "positions": Target("tradebot.cli.account.positions", "positions", "List what it holds."),
    "ledger": Target("tradebot.cli.ledger", "ledger", "Check the record of an account, or make it anew."),
    "demo": Target("tradebot.cli.demo", "demo", "See a backtest from market to report, in a minute."),
    "doctor": Target("tradebot.cli.doctor", "doctor", "Find what stands in the way, with a mend for each."),
    "new": Target("tradebot.cli.new", "new", "Start a project or a strategy, with its test."),
    "completion": Target("tradebot.cli.completion", "completion", "Print the completion script of a shell."),
}


class Root(LazyGroup):
    """The command group, which ends every error in one sentence on standard error and an exit code."""

    def main(self, args: Sequence[str] | None = None, *rest: Any, standalone_mode: bool = True, **kwargs: Any) -> Any:
        if not standalone_mode:
            return super().main(args, *rest, standalone_mode=False, **kwargs)
        try:
            # Without standalone mode click returns the code of --help and --version in place of exiting with it.
            code = super().main(args, *rest, standalone_mode=False, **kwargs)
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.format_message())
            sys.exit(0)
        except click.UsageError as error:
            _refuse(_usage_sentence(error), EXIT_MISUSE, error)
        except (click.ClickException, TradebotError) as error:
            _refuse(str(error), EXIT_MISUSE, error)
        except (KeyboardInterrupt, click.Abort):
            click.echo("Interrupted.", err=True)
            sys.exit(EXIT_INTERRUPTED)
        except BrokenPipeError:
            # The reader (`| head`) has left. Nothing more can be said, and the interpreter's own flush must not try.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(EXIT_FAILED)
        except OSError as error:
            _refuse(f"{error.filename or 'a file'}: {error.strerror or error}.", EXIT_MISUSE, error)
        except Exception as error:  # noqa: BLE001 - the last line of defence: nobody is shown a traceback unasked
            fact = f"{type(error).__name__}: {error}".rstrip(".")
            mend = f"This is a defect of tradebot: run it again with {DEBUG_VARIABLE}=1 and report the traceback."
            _refuse(f"{fact}. {mend}", EXIT_FAILED, error)
        sys.exit(code if isinstance(code, int) else 0)


@click.group(
    cls=Root,
    targets=_TARGETS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="`tradebot demo` is where to begin; `tradebot COMMAND --help` tells of a command.",
)
@click.version_option(__version__, "-V", "--version", message="tradebot %(version)s")
def root() -> None:
    """Carry a trading idea from research to real money without rewriting it."""


def main() -> NoReturn:
    """Run the command line on the process's arguments and exit."""
    sys.excepthook = _show_without_secrets
    root.main(prog_name="tradebot")
    sys.exit(0)


def _usage_sentence(error: click.UsageError) -> str:
    path = error.ctx.command_path if error.ctx is not None else "tradebot"
    fact = " ".join(error.format_message().split())
    stop = "" if fact.endswith((".", "?", ")")) else "."
    return f"{fact}{stop} `{path} --help` shows what it takes."


def _refuse(sentence: str, code: int, error: BaseException) -> NoReturn:
    if os.environ.get(DEBUG_VARIABLE, "") not in ("", "0"):
        raise error
    click.echo(f"{click.style('Error:', fg='red', bold=True)} {_without_secrets(sentence)}", err=True)
    sys.exit(code)


def _show_without_secrets(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Print a traceback; what it holds may come from a venue's answer or an address."""
    import traceback

    sys.stderr.write(_without_secrets("".join(traceback.format_exception(kind, error, trace))))


def _without_secrets(text: str) -> str:
    from tradebot.core.redaction import Redactor

    return Redactor.of_environment(os.environ).text(text)
