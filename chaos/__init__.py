"""Faults on purpose, during runs of thousands of short calls, and what must hold all the same (`make chaos`)."""
