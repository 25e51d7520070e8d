"""The browser that the tests of the dashboard drive: the system's own, never one that is downloaded."""

from __future__ import annotations

import shutil
import sys

_NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str:
    """Path of the browser.

    Raises
    ------
    LookupError : there is none; it says what to install.
    """
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        fact = "the tests of the dashboard need Chromium: install the package chromium (apt-get install chromium)"
        raise LookupError(fact)
    return found


if __name__ == "__main__":
    try:
        chromium()
    except LookupError as absent:
        sys.exit(str(absent))
