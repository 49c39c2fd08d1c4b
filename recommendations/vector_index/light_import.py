"""Imports pymilvus without pandas, which it wants for data frames that nobody here hands it.

Pandas, with pyarrow, is a third of the time in which a web worker starts and of the memory that it holds.
Whoever imports pandas afterwards gets the real one.
"""

import sys
from types import ModuleType

ABSENT = ("pandas", "pandas.api", "pandas.api.types")


class _Absent(ModuleType):
    """Has every class that is asked for; nothing is an instance of it, and it cannot be called."""

    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {"__new__": None})


def import_pymilvus() -> None:
    """Call it before anything else of pymilvus is imported; where that came too late, all is as usual."""
    if "pymilvus" in sys.modules or "pandas" in sys.modules:
        return
    sys.modules.update({name: _Absent(name) for name in ABSENT})
    try:
        import pymilvus  # noqa: F401
    finally:
        for name in ABSENT:
            del sys.modules[name]


import_pymilvus()
