"""Singer tap for Confluence Cloud."""

import rest_tap  # noqa: F401 - before the SDK: see rest_tap/light.py
