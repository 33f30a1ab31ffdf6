"""What each barrier costs, or each intervention brings, by Shapley values."""
