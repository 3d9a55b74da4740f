"""Text as short messages: which alphabet it needs, how many segments it takes, and the octets of each. Pure.

Sources: 3GPP TS 23.038, 6.2.1 (GSM 7 bit default alphabet and its extension table); TS 23.040, 9.2.3.24.1
(concatenation by an 8-bit reference); Unicode UAX 29 (grapheme clusters, with the rule for conjuncts of Indic scripts).
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import regex

MOST_SEGMENTS = 255
"""What one octet of the concatenation header can count."""
LONGEST_TEXT = MOST_SEGMENTS * 153
"""Characters that fit into as many, of the alphabet that needs the fewest segments."""

_ESCAPE = 0x1B
_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = {
    "\f": 0x0A, "^": 0x14, "{": 0x28, "}": 0x29, "\\": 0x2F, "[": 0x3C, "~": 0x3D, "]": 0x3E, "|": 0x40, "€": 0x65
}  # fmt: skip
_GSM: dict[str, bytes] = {
    **{letter: bytes([code]) for code, letter in enumerate(_BASIC) if code != _ESCAPE},
    **{letter: bytes([_ESCAPE, code]) for letter, code in _EXTENSION.items()},
}
_CLUSTERS = regex.compile(r"\X")


class Alphabet(StrEnum):
    """How the text is written on the air."""

    GSM7 = "gsm7"
    UCS2 = "ucs2"


class CentreAlphabet(StrEnum):
    """What a message centre takes data_coding 0 for, its default alphabet (SMPP 3.4, 5.2.19)."""

    GSM7 = "gsm7"
    ASCII = "ascii"
    LATIN1 = "latin1"


# The phone gets GSM 7 bit all the same, written anew by the centre. So what is not in both goes as UCS-2, and an
# extension letter, one octet to the centre, counts as the two septets that it takes on the air.
_HIGHEST = {CentreAlphabet.GSM7: "\U0010ffff", CentreAlphabet.ASCII: "\x7f", CentreAlphabet.LATIN1: "\xff"}
_LETTERS = {
    centre: frozenset(letter for letter in _GSM if letter <= highest) for centre, highest in _HIGHEST.items()
}

# Units of a message that goes alone and of a segment of several: septets, and UTF-16 code units. A header of six
# octets (seven septets, three units) takes the difference: 160 - 7, 70 - 3.
_ROOM: dict[Alphabet, tuple[int, int]] = {Alphabet.GSM7: (160, 153), Alphabet.UCS2: (70, 67)}
_DATA_CODING: dict[Alphabet, int] = {Alphabet.GSM7: 0, Alphabet.UCS2: 8}


@dataclass(frozen=True, slots=True)
class Sms:
    """A text as it will be sent.

    Attributes:
        alphabet: GSM 7 bit when every letter of the text is in it, otherwise UCS-2, as Devanagari needs.
        segments: the text of each segment in order; empty only for an empty text.
        units: septets (an extension letter takes two) or UTF-16 units of the whole, headers left out.
        centre: the default alphabet of the message centre that it is for.
    """

    alphabet: Alphabet
    segments: tuple[str, ...]
    units: int
    centre: CentreAlphabet = CentreAlphabet.GSM7

    @property
    def data_coding(self) -> int:
        """SMPP 3.4, 5.2.19: 0 the centre's default alphabet, 8 UCS-2."""
        return _DATA_CODING[self.alphabet]

    def payloads(self, reference: int) -> list[bytes]:
        """The octets of each segment, with the concatenation header before each when there are several.

        Letters of the centre's alphabet go one to an octet, as SMPP wants them; the centre packs them to septets.

        Args:
            reference: the same for all segments of one message, and another for the recipient's next; its low octet
                is used.

        Raises:
            ValueError: more than `MOST_SEGMENTS`.
        """
        encode = _ucs2 if self.alphabet is Alphabet.UCS2 else _ENCODERS[self.centre]
        total = len(self.segments)
        if total > MOST_SEGMENTS:
            msg = f"A message has at most {MOST_SEGMENTS} segments, this one {total}."
            raise ValueError(msg)
        if total == 1:
            return [encode(self.segments[0])]
        return [
            bytes((5, 0, 3, reference & 0xFF, total, nth)) + encode(segment)
            for nth, segment in enumerate(self.segments, start=1)
        ]


def sms_of(text: str, centre: CentreAlphabet = CentreAlphabet.GSM7) -> Sms:
    """The text as one message or as segments.

    No letter is torn in two: not an extension pair, not a surrogate pair, and not a grapheme cluster (a consonant
    with its vowel sign, a conjunct, an emoji of several code points) unless it alone is longer than a segment.
    """
    alphabet, units = measured(text, centre)
    alone, shared = _ROOM[alphabet]
    if units <= alone:
        return Sms(alphabet, (text,) if text else (), units, centre)
    return Sms(alphabet, tuple(_packed(alphabet, text, shared)), units, centre)


def measured(text: str, centre: CentreAlphabet = CentreAlphabet.GSM7) -> tuple[Alphabet, int]:
    """The alphabet that a text needs and its units, headers left out: a hundredth of the time that `sms_of` takes."""
    alphabet = Alphabet.GSM7 if _LETTERS[centre].issuperset(text) else Alphabet.UCS2
    return alphabet, _size(alphabet, text)


def fits(text: str, centre: CentreAlphabet = CentreAlphabet.GSM7, most: int = MOST_SEGMENTS) -> bool:
    """Whether `most` segments may hold the text; clusters that are not torn may still take one more."""
    return least_segments(text, centre) <= most


def least_segments(text: str, centre: CentreAlphabet = CentreAlphabet.GSM7) -> int:
    """How many segments a text takes if no letter stands across a border; found without cutting it."""
    alphabet, units = measured(text, centre)
    alone, shared = _ROOM[alphabet]
    return 1 if units <= alone else math.ceil(units / shared)


def text_of(payload: bytes, data_coding: int) -> str:
    """The text in the octets of one segment, its header taken off; what is in no alphabet is marked."""
    if data_coding == _DATA_CODING[Alphabet.UCS2]:
        return payload.decode("utf-16-be", errors="replace")
    letters = {code: letter for letter, code in _GSM.items()}
    text: list[str] = []
    at = 0
    while at < len(payload):
        size = 2 if payload[at] == _ESCAPE else 1
        text.append(letters.get(payload[at : at + size], "\ufffd"))
        at += size
    return "".join(text)


def _packed(alphabet: Alphabet, text: str, room: int) -> Iterator[str]:
    """Segments of at most `room` units, filled in order; what must not be torn is asked at their ends alone."""
    at = 0
    while at < len(text):
        end = _filled(alphabet, text, at, room)
        if end < len(text):
            end = _between_letters(alphabet, text, at, end)
        yield text[at:end]
        at = end


def _filled(alphabet: Alphabet, text: str, at: int, room: int) -> int:
    """Where a segment ends that begins at `at` and holds all the code points that it can."""
    end = min(at + room, len(text))
    units = _size(alphabet, text[at:end])
    while units > room:
        end -= 1
        units -= _size(alphabet, text[end])
    return end


def _between_letters(alphabet: Alphabet, text: str, at: int, end: int) -> int:
    """The last place up to `end` where no letter is torn; `end`, when a letter is longer than its segment."""
    if alphabet is Alphabet.GSM7:
        return end - (text[end - 1 : end + 1] == "\r\n" and end - 1 > at)
    border = at
    # No more than is asked for: a row of flags is looked through from its start for each of them.
    for letter in _CLUSTERS.findall(text[at : end + (end - at)]):
        if border + len(letter) > end:
            break
        border += len(letter)
    return border if border > at else end


def _size(alphabet: Alphabet, text: str) -> int:
    if alphabet is Alphabet.GSM7:
        return len(text) + sum(map(text.count, _EXTENSION))
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _gsm(text: str) -> bytes:
    return b"".join(_GSM[letter] for letter in text)


def _ucs2(text: str) -> bytes:
    # A half of a surrogate pair has no octets of its own; a question mark takes its place, of the same size.
    return text.encode("utf-16-be", errors="replace")


_ENCODERS: dict[CentreAlphabet, Callable[[str], bytes]] = {
    CentreAlphabet.GSM7: _gsm,
    CentreAlphabet.ASCII: lambda text: text.encode("ascii"),
    CentreAlphabet.LATIN1: lambda text: text.encode("latin-1"),
}
