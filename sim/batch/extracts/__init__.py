"""What is kept of replications: an extract a module, each the same to the driver."""
