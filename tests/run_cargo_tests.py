"""Runs the native core's own tests, which link a Python interpreter that must be found when they start."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

NATIVE = Path(__file__).resolve().parents[1] / "native"


def main() -> int:
    """Exit code of ``cargo test``."""
    library = sysconfig.get_config_var("LIBDIR") or ""
    name = "DYLD_LIBRARY_PATH" if sys.platform == "darwin" else "LD_LIBRARY_PATH"
    paths = os.pathsep.join(filter(None, [library, os.environ.get(name, "")]))
    environment = {**os.environ, name: paths, "PYO3_PYTHON": sys.executable, "PYTHONHOME": sys.base_prefix}
    command = ["cargo", "test", "--locked", "--quiet", "--no-default-features"]
    return subprocess.run(command, cwd=NATIVE, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
