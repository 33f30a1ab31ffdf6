"""What several worlds with the same luck say, side by side."""
