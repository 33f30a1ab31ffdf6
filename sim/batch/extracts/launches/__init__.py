"""Which groups launch under every combination of barriers removed or interventions added: what attribution needs."""
