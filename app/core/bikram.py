"""Dates of Bikram Sambat, the calendar that Nepal reckons by, in the Gregorian one.

A month has 29 to 32 days as almanacs say. Those of years to come differ by a day here and there, for the committee that
decides publishes one year at a time: what is converted is shown to a person and decides nothing.
"""

from datetime import date

YEARS = range(2070, 2101)
"""The years that are taken for Bikram Sambat where a date of the next twelve months is expected."""


def gregorian(year: int, month: int, day: int) -> date | None:
    """The Gregorian date; None when the year of Bikram Sambat has no such day."""
    import nepali_datetime  # reads its table at once, which few processes need

    try:
        found: date = nepali_datetime.date(year, month, day).to_datetime_date()
    except (ValueError, OverflowError):
        return None
    return found
