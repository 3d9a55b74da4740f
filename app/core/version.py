"""Which version this is: pyproject.toml names it, the installed package carries it, and nothing else does."""

import importlib.metadata

SERVICE = importlib.metadata.version("tingting-server")
