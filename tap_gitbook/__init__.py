"""Singer tap for GitBook."""
