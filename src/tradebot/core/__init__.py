"""Values and protocols every other part speaks in. No input, no output, no clock of its own."""
