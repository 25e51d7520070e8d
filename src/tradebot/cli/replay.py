"""``tradebot replay``: whether a run on record would be decided the same way again."""

from __future__ import annotations

from typing import Final

import click

from tradebot.cli.account.reading import account_option, json_option

_EXIT_DIFFERENT: Final = 1
_EPILOG: Final = """\b
Examples:
  tradebot replay --account demo
  tradebot replay --account demo --json
"""


@click.command(epilog=_EPILOG)
@click.argument("run_id", required=False, metavar="[RUN]")
@account_option
@json_option
def replay(run_id: str | None, account: str | None, as_json: bool) -> None:
    """Give the events of a RUN to a fresh trader, and hold every command against the record.

    Without RUN it is the account's last one. The exit code is 1 at the first difference, which is shown.
    """
    from tradebot.app.replaying import replay_run
    from tradebot.cli.data.output import print_json
    from tradebot.core.errors import ConfigError
    from tradebot.store.accounts import account_folder, existing_account
    from tradebot.store.journal import JournalReader
    from tradebot.store.ledger.queries import Ledger

    name = existing_account(account)
    folder = account_folder(name)
    if run_id is None:
        with Ledger(folder) as ledger:
            newest = next(iter(ledger.runs(limit=1)), None)
        if newest is None:
            raise ConfigError("no run is on record", place=f"account {name}", mend="`tradebot run` begins one.")
        run_id = newest.run_id
    with JournalReader(folder) as journal:
        found = replay_run(journal, run_id)
    if as_json:
        difference = None if found.difference is None else str(found.difference)
        document = {"account": name, "run": found.run_id, "entries": found.entries}
        print_json({**document, "identical": difference is None, "difference": difference})
    elif found.difference is None:
        click.echo(f"identical  run {found.run_id}, {found.entries:,} entries")
    else:
        click.echo(f"different  run {found.run_id}: {found.difference}", err=True)
    if found.difference is not None:
        click.get_current_context().exit(_EXIT_DIFFERENT)
