"""What all tests share."""

import os

from hypothesis import settings

# A gate gives one answer for one commit; everywhere else hypothesis looks for new examples on every run.
settings.register_profile("gate", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("gate")
