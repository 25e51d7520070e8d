"""The journal: append-only, hash-chained, one writer, any number of readers."""

from tradebot.store.journal.reader import JournalReader
from tradebot.store.journal.writer import SqliteJournal

__all__ = ["JournalReader", "SqliteJournal"]
