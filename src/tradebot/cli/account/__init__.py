"""Commands that read what an account has on record: orders, fills, positions."""
