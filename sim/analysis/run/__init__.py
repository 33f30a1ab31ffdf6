"""What one batch of replications says."""
