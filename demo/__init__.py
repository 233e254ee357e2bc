"""The main job on made-up sites: a tap, Meltano and a real PostgreSQL, twice."""
