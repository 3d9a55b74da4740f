"""Which numbers of a file have gone by."""

import mmap

_FIRST_MOBILE = 9_600_000_000
_MOBILES = 300_000_000  # 96…, 97… and 98…, eight more digits each


class SeenNumbers:
    """A set of E.164 numbers of Nepal for a million rows: one bit for a mobile number, a set for the rest.

    The bits are 37.5 MB of address space of which only touched pages are real; a set of a million numbers
    would take 95 MB.
    """

    def __init__(self) -> None:
        self._bits = mmap.mmap(-1, _MOBILES // 8)
        self._others: set[str] = set()

    def add(self, e164: str) -> bool:
        """Note a number; False when it was noted before."""
        if len(e164) == 14 and _FIRST_MOBILE <= int(e164[4:]) < _FIRST_MOBILE + _MOBILES:
            return self.add_mobile(e164[4:])
        known = e164 in self._others
        self._others.add(e164)
        return not known

    def add_mobile(self, digits: str) -> bool:
        """Note a mobile number by its ten digits; False when it was noted before."""
        place = int(digits) - _FIRST_MOBILE
        at, bit = place >> 3, 1 << (place & 7)
        byte = self._bits[at]
        if byte & bit:
            return False
        self._bits[at] = byte | bit
        return True
