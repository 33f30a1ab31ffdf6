"""Many replications: plan, workers, store, progress."""
