"""The ledger: tables of orders, fills, positions and the rest, made of the journal and of nothing else."""
