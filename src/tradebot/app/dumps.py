"""A process that holds keys leaves no picture of its memory behind."""

from __future__ import annotations

import sys


def forbid_core_dumps() -> None:
    """Let no crash write the memory of this process to a file, from now on and for good."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
