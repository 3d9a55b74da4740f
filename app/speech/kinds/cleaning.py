"""From any Unicode text to one that the kinds can be looked for in: ASCII digits, plain dashes, no markup."""

import html
import re
import unicodedata
from collections.abc import Callable
from typing import Final

from app.speech.kinds import signs, visarga
from app.speech.kinds.patterns import DEVANAGARI, LATIN, LETTER

_TAG: Final = re.compile(r"</?[A-Za-z!][^<>]{0,300}>")
_VULGAR: Final = re.compile("[¼-¾⅐-⅞↉]")
_POWERS: Final = str.maketrans({"²": "^2", "³": "^3"})
# Compatibility forms make 5½ into 51/2 and m² into m2, so both are written out before.
_DASHES: Final = re.compile("[\u2010-\u2015\u2043\u2212\ufe58\ufe63\uff0d]")
_JOINERS: Final = "\u200c\u200d"
# A joiner after a virama chooses between half form and visible virama, as in गर्‍यो; elsewhere it says nothing.
_IDLE_JOINER: Final = re.compile(
    f"(?<!\u094d)[{_JOINERS}]|[{_JOINERS}](?![\u0904-\u0939\u0958-\u0961\u0971-\u097f])"
)
_SIGNS: Final = "\u0900-\u0903\u093a-\u093c\u093e-\u094f\u0951-\u0957\u0962\u0963"
_ORPHAN: Final = re.compile(rf"(?<![{LETTER}{_JOINERS}0-9])[{_SIGNS}{_JOINERS}]+")
# A digit carries the sign of an ordinal, 10ौँ, or a visarga for a colon, 10ः30; no other.
_ON_DIGIT: Final = re.compile(rf"(?<=[0-9])(?!ौ[ँं]|ः)[{_SIGNS}{_JOINERS}]+")
# The digit zero typed in place of the abbreviation mark, as in वि०सं०.
_ZERO_AS_MARK: Final = re.compile(rf"(?<=[{DEVANAGARI}])[०॰](?![\d०-९])")
_APOSTROPHE: Final = re.compile(rf"(?<=[{LATIN}])[\u2018\u2019\u02bc\u0060\u00b4](?=[{LATIN}])")
_HAS_LATIN: Final = re.compile(rf"[{LATIN}]")
_SCRIPTS_TOUCH: Final = re.compile(
    rf"(?<=[{LATIN}])(?=[{DEVANAGARI}])|(?<=[{DEVANAGARI}{_JOINERS}])(?=[{LATIN}])"
)
# #सूचना is the word; #5 is number five, and ##XX12 a masked account.
_HASHTAG: Final = re.compile(rf"(?<![{LETTER}\d#*])#\s?(?=[{LETTER}])(?![Xx]{{2}})")
# **500** is set in bold type; ****1234 hides digits.
_BOLD: Final = re.compile(r"(?<![*\w])(\*{1,2})(?=[^\s*])([^*\n]{1,100})(?<=\S)\1(?![*\d])")
_SPACES: Final = re.compile(r"[^\S\n]+")
_LINES: Final = re.compile(r" ?\n[ \n]*")
_MOST_KEPT: Final = 0x10000
_DANDA_BAR: Final = re.compile(rf"(?<=[{DEVANAGARI}])\s*\|+")


def clean(text: str) -> str:
    """`text` in NFC with compatibility forms resolved, digits in ASCII, dashes as ``-``, markup and controls gone."""
    text = _TAG.sub(" ", html.unescape(text))
    text = _VULGAR.sub(
        lambda match: " " + unicodedata.normalize("NFKC", match[0]).replace("\u2044", "/"), text
    )
    text = unicodedata.normalize("NFKC", text.translate(_POWERS))
    text = _ZERO_AS_MARK.sub(".", text)
    text = text.translate(_PLAIN)
    text = _IDLE_JOINER.sub("", text)
    text = _APOSTROPHE.sub("'", _DASHES.sub("-", text)).replace("\u2044", "/")
    text = _LINES.sub("\n", _SPACES.sub(" ", _BOLD.sub(r"\2", _HASHTAG.sub("", text))))
    text = unicodedata.normalize("NFC", _DANDA_BAR.sub("।", text).translate(_STAYING))
    text = _ON_DIGIT.sub("", signs.repaired(signs.sayable(text)))
    return without_orphans(visarga.read(_IDLE_JOINER.sub("", text)))  # one may have stood behind a virama


def scripts_apart(text: str) -> str:
    """`text` with a space where Latin letters touch Devanagari: each part is looked up as a word of its own."""
    return _SCRIPTS_TOUCH.sub(" ", text) if _HAS_LATIN.search(text) else text


def without_orphans(text: str) -> str:
    """`text` without vowel signs that have no letter to sit on: the engine would read out their names.

    A digit counts as one (10ौँ is an ordinal), so this is asked for again once digits are words.
    """
    return _ORPHAN.sub("", text)


class _Table(dict[int, str]):
    """What each character becomes, worked out once: a message has few different ones, and is read in one pass."""

    def __init__(self, becomes: Callable[[str], str]) -> None:
        super().__init__()
        self._becomes = becomes

    def __missing__(self, code: int) -> str:
        said = self._becomes(chr(code))
        if code < _MOST_KEPT:
            self[code] = said
        return said


def _plain(character: str) -> str:
    """One character: digits of any script in ASCII, invisible ones away, line ends as one newline."""
    if character.isascii() and character.isprintable():
        return character
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if character in "\n\r\u2028\u2029\x0b\x0c":
        return "\n"
    if category == "Cf":
        return character if character in _JOINERS else ""
    return " " if category[0] in "CZ" or category in {"Nl", "No"} else character


def _staying(character: str) -> str:
    """Nothing for marks of other scripts: taken out without a gap, as they sit on a letter."""
    if character.isascii() or "\u0900" <= character <= "\u097f":
        return character
    if "\u1e00" <= character <= "\u1eff":  # ṣ and ẽ, which the engine says by their numbers
        return unicodedata.normalize("NFD", character)[0]
    return "" if unicodedata.category(character) in {"Mn", "Mc", "Me"} else character


_PLAIN: Final = _Table(_plain)
_STAYING: Final = _Table(_staying)
