"""HTTP: connections, turns, answers. Nothing here knows of streams."""
