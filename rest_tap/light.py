"""The SDK is imported without what it has for targets and for batches of files.

Taps use neither joblib nor universal-pathlib, but the SDK imports both, which takes a seventh of
the time in which a tap starts. Stand-ins take their places meanwhile. What the SDK keeps of these
imports the real thing when it is called, so that nothing is missing. A version of the SDK that
needs more of them while it is imported is imported again, without stand-ins.
"""

from __future__ import annotations

import gc
import importlib
import sys
from types import ModuleType
from typing import Any

HEAVY = ("joblib", "upath")


class _Later:
    """Something of a module that is imported when it is called."""

    def __init__(self, module: str, name: str) -> None:
        self._module, self._name = module, name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        module = importlib.import_module(self._module)
        return getattr(module, self._name)(*args, **kwargs)


class _StandIn(ModuleType):
    def __getattr__(self, name: str) -> _Later:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Later(self.__name__, name)


def import_sdk() -> None:
    """Import the SDK; where what is heavy is there already, it is taken."""
    stand_ins = {name: _StandIn(name) for name in HEAVY if name not in sys.modules}
    sys.modules.update(stand_ins)
    gc.disable()  # What imports make stays: to look there for garbage takes a fifth of a start
    try:
        importlib.import_module("singer_sdk")
    except Exception:  # noqa: BLE001 - a version of the SDK that needs them for more: see below
        for name in [name for name in sys.modules if name.partition(".")[0] == "singer_sdk"]:
            del sys.modules[name]
    finally:
        for name in stand_ins:
            sys.modules.pop(name, None)
        gc.freeze()
        gc.enable()
    importlib.import_module("singer_sdk")


import_sdk()
