"""The engine: the decision path and the drivers that feed it."""
