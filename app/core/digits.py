"""Devanagari digits to ASCII ones, the form in which numbers are kept."""

_TO_ASCII = str.maketrans("०१२३४५६७८९", "0123456789")


def ascii_digits(text: str) -> str:
    """`text` with its Devanagari digits as ASCII digits; every other character stays."""
    return text.translate(_TO_ASCII)
