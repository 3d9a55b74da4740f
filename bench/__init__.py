"""Measures the engine against the raw limits of what it stands on, in one run: ``python -m bench``."""
