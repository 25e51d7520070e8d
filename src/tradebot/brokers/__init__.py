"""Execution out: one module a broker, each an ``ExecutionEngine``."""
