"""Whether the name of a column says that it holds telephone numbers, however people spell it."""

import re
import unicodedata
from dataclasses import dataclass

from app.recipients.columns import plain_name
from app.speech.preeti import from_preeti


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_PHONE = _set(
    "phone phones fone telephone telephones tel mobile mobiles mob moblie mo cell cells cel cellphone cellular "
    "whatsapp whats viber msisdn handset ph landline फोन टेलिफोन दुरभास मोवाइल मो फो सेल"
)
_CONTACT = _set("contact contacts संपर्क")
_NUMBER = _set("number numbers नंवर")
# Alone these are most often a row's own number; behind a word for a telephone they are that telephone's.
_NO = _set("no nos num nbr nr नं न")
_FILLING = _set(
    "the of a value primary main personal own your my first digit digits required detail details info "
    "app हाल को"
)
_SECOND = _set(
    "other alt alternate alternative second secondary another old emergency backup extra अन्य अर्को वैकल्पिक दोस्रो"
)
# With one of these a column tells of a telephone, or of a person, and holds no number.
_ABOUT = _set(
    "name names person persons address email mail type model brand label bill amount balance date time status company "
    "provider operator network relation relationship list card banking charge charges recharge topup cost price "
    "fax users user count total imei नाम नामावलि व्यक्ति ठेगाना इमेल मिति रकम प्रकार सुचि विवरण लगत संख्या"
)
_SEPARATORS = re.compile(r"[\s_.:।\-–—/()\[\]#,*&+'\"|!?=;]+")
_PARTS = re.compile(r"\d+|[^\d]+")
_LONGEST = 60
_LIKE = (
    ("ाे", "ो"), ("ाै", "ौ"), ("ब", "व"), ("ई", "इ"), ("ऊ", "उ"), ("ी", "ि"), ("ू", "ु"), ("ँ", "ं"), ("म्", "ं"), ("न्", "ं"),
    ("ङ्", "ं"), ("ञ्", "ं"), ("ण्", "ं"), ("श", "स"), ("ष", "स"), ("़", ""), ("ाय", "ाइ"), ("ाए", "ाइ"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Claim:
    """What a name says of its column.

    Attributes:
        rank: 3 for a telephone, 2 for somebody's (“Guardian phone”), 1 for a second one, 0 for none.
        generic: it says “number” and not of what, so the contents must say it.
    """

    rank: int
    generic: bool = False


_NONE = Claim(0)


def claim(name: str) -> Claim:
    """What the name of a column says, in English or Nepali, in Unicode or typed for the Preeti font."""
    told = _claim(name)
    if told.rank or len(name) > _LONGEST:
        return told
    converted = from_preeti(name)
    return _claim(converted) if converted else told


def _claim(name: str) -> Claim:
    plain = plain_name(name)
    if len(plain) > _LONGEST or sum(map(str.isdigit, plain)) > 4:
        return _NONE
    words, ordinal = _words(plain)
    known = set(words)
    if not known or known & _ABOUT:
        return _NONE
    other = known - _PHONE - _CONTACT - _NUMBER - _NO - _FILLING - _SECOND
    if known & (_PHONE | _CONTACT):
        if ordinal > 1 or known & _SECOND:
            return Claim(1)
        # “Contact” alone is the number; with others' words it must say that it is one: “Ward contact” may be a person.
        return Claim(2 if other else 3)
    if known & _NUMBER and not other:
        return Claim(1 if ordinal > 1 or known & _SECOND else 3, generic=True)
    return _NONE


def _words(name: str) -> tuple[list[str], int]:
    """The words of a name as the lists above spell them, and the number that tells it from others (Phone 2)."""
    split_case = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", unicodedata.normalize("NFKC", name))
    words: list[str] = []
    ordinal = 0
    for written in _SEPARATORS.split(split_case.lower()):
        for part in _PARTS.findall(written):
            if part.isdigit():
                # “10 digit” is no second telephone.
                ordinal = int(part) if int(part) < 10 else ordinal
            else:
                words += _taken_apart(_alike(part))
    return words, ordinal


def _alike(word: str) -> str:
    """Spellings that are said alike become one: मोबाईल, मोवाइल; नम्बर, नंबर."""
    for written, put in _LIKE:
        word = word.replace(written, put)
    return word


def _taken_apart(word: str) -> list[str]:
    """``phonenumber`` as two words."""
    for ending in (*_NUMBER, *_NO):
        start = word.removesuffix(ending)
        if start != word and start in _PHONE | _CONTACT:
            return [start, ending]
    return [word]
