"""The libraries of the extra ``ml``, loaded when they are needed."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from tradebot.core.errors import ConfigError


def load(module: str) -> Any:
    """A module of scikit-learn or LightGBM; typed as what it is to us, for the libraries' own types say little.

    Raises
    ------
    ConfigError : it is not installed, or lacks a library of the system.
    """
    package = module.partition(".")[0]
    try:
        return import_module(module)
    except ImportError as error:
        mend = "Install it: pip install 'tradebot[ml]'."
        raise ConfigError(f"the package {error.name or package} is not installed", place="model", mend=mend) from error
    except OSError as error:
        # LightGBM's wheel brings everything but OpenMP.
        mend = "Install the OpenMP runtime of the system; on Debian that is libgomp1."
        raise ConfigError(f"{package} cannot be loaded: {error}", place="model", mend=mend) from error
