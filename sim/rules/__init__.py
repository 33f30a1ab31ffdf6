"""What a draw, a duration, a gate and a hazard mean: small pure functions that every engine calls."""
