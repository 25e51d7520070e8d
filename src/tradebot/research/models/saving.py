"""Writing a trained model to a file."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tradebot.core.errors import ConfigError
from tradebot.store.durable import storage_errors, write_durably
from tradebot.strategies.model import TrainedModel

SUFFIX: Final = ".model"


def check_file(file: Path) -> None:
    """Refuse a file's name before anything is trained for it.

    Raises
    ------
    ConfigError : it does not end in ``.model``, or its folder is not there.
    """
    if file.suffix != SUFFIX:
        raise ConfigError(f"the name does not end in {SUFFIX}", place=str(file), mend=f"Call it {file.stem}{SUFFIX}.")
    if not file.absolute().parent.is_dir():
        raise ConfigError("its folder is not there", place=str(file), mend="Make the folder first.")


def save_model(model: TrainedModel, file: Path) -> None:
    """Put a model into a file in one step; an earlier one is replaced.

    Raises
    ------
    ConfigError : the name does not end in ``.model``, or its folder is not there.
    DataError : the disk is full, or the folder cannot be written to.
    """
    check_file(file)
    with storage_errors(file.absolute().parent):
        write_durably(file, model.to_json())
