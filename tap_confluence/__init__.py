"""Singer tap for Confluence Cloud."""
