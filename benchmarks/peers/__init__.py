"""The peers' side of the workloads: ``python -m benchmarks.peers.NAME WORKLOAD [BARS] [CALLS]``."""
