"""Who computes tasks: this process, threads of it, worker processes, a cluster. Each takes tasks and gives chunks."""
