"""A Singer tap for CircleCI."""
