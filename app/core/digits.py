"""Digits of the scripts that people in Nepal write numbers in, as ASCII digits: the form in which numbers are kept."""

_TO_ASCII = str.maketrans("०१२३४५६७८९٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "0123456789" * 3)


def ascii_digits(text: str) -> str:
    """`text` with Devanagari and Arabic-Indic digits as ASCII digits; every other character stays."""
    return text.translate(_TO_ASCII)
