"""Singer tap for GitBook."""

import rest_tap  # noqa: F401 - before the SDK: see rest_tap/light.py
