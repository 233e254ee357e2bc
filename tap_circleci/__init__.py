"""A Singer tap for CircleCI."""

import rest_tap  # noqa: F401 - before the SDK: see rest_tap/light.py
