"""``tradebot ledger``: the journal and the ledger of an account, checked, made anew, exported."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from tradebot.cli.account.reading import account_option, json_option

_EXIT_UNSOUND: Final = 1


@click.group(epilog="\b\nExamples:\n  tradebot ledger verify\n  tradebot ledger export-head -o head.json")
def ledger() -> None:
    """Check the journal of an account, make its ledger anew, export its head.

    The journal is what happened, entry by entry; the ledger (orders, fills, positions) is made of it.
    """


@ledger.command(epilog="\b\nExamples:\n  tradebot ledger rebuild\n  tradebot ledger rebuild --account paper --json")
@account_option
@json_option
def rebuild(account: str | None, as_json: bool) -> None:
    """Make the tables of the ledger anew from the journal, and bring them to the newest version.

    No bot may be running on the account. Either all is made anew, or nothing has changed.
    """
    from tradebot.cli.data.output import print_json
    from tradebot.store.accounts import account_folder, existing_account
    from tradebot.store.journal import SqliteJournal

    name = existing_account(account)
    with SqliteJournal(account_folder(name)) as journal:
        entries = journal.rebuild_ledger()
    if as_json:
        print_json({"account": name, "entries": entries})
    else:
        click.echo(f"The ledger of {name} was made anew from {entries:,} entries.")


@ledger.command(epilog="\b\nExamples:\n  tradebot ledger verify\n  tradebot ledger verify --account paper --json")
@account_option
@click.option(
    "--head",
    "head_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A head that was exported earlier: entries up to it must be there unchanged.",
)
@json_option
def verify(account: str | None, head_file: Path | None, as_json: bool) -> None:
    """Hold every entry of the journal, and every row of the ledger, against what was recorded.

    The exit code is 1 where something was changed, removed or cut off. It may run beside the bot.
    """
    from tradebot.cli.data.output import print_json
    from tradebot.core.errors import JournalError
    from tradebot.store.accounts import account_folder, existing_account
    from tradebot.store.journal import JournalReader
    from tradebot.store.journal import head_file as heads

    name = existing_account(account)
    expected = None if head_file is None else heads.read(head_file)
    with JournalReader(account_folder(name)) as reader:
        try:
            head = reader.verify(expected)
        except JournalError as error:
            if as_json:
                print_json({"account": name, "sound": False, "error": str(error)})
            else:
                click.echo(f"{click.style('unsound', fg='red', bold=True)}  {error}", err=True)
            click.get_current_context().exit(_EXIT_UNSOUND)
    if as_json:
        print_json({"account": name, "sound": True, "seq": head.seq, "hash": head.hash})
    else:
        sound = click.style("sound", fg="green", bold=True)
        click.echo(f"{sound}  account {name}, {head.seq:,} entries, head {head.hash}")


@ledger.command(
    "export-head",
    epilog="\b\nExamples:\n  tradebot ledger export-head\n  tradebot ledger export-head -o head.json",
)
@account_option
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write it to a file.")
@json_option
def export_head(account: str | None, output: Path | None, as_json: bool) -> None:
    """Print the head of the journal: its last entry's number, and the hash that vouches for all before it.

    Keep it on another machine: `tradebot ledger verify --head FILE` then proves that nothing was changed or cut off.
    """
    from tradebot.cli.data.output import print_json
    from tradebot.store.accounts import account_folder, existing_account
    from tradebot.store.journal import JournalReader
    from tradebot.store.journal import head_file as heads

    name = existing_account(account)
    with JournalReader(account_folder(name)) as reader:
        head = reader.head
    if output is not None:
        heads.write(output, head)
    if as_json or output is None:
        print_json({"seq": head.seq, "hash": head.hash})
    else:
        click.echo(f"Written: {output}, entry {head.seq:,} of account {name}")
