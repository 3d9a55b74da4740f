class LocalError(Exception):
    """The embedded stack cannot do what was asked; the text is one sentence that says what to do."""
