"""Our side of each workload; a module is a process."""
