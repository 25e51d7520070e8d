"""Where data rests between runs: bar files first."""
