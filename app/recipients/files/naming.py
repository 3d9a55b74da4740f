"""Whether the name of a column says that it holds telephone numbers, however people spell it."""

import re
import unicodedata
from dataclasses import dataclass

from app.recipients.columns import plain_name
from app.speech.preeti import from_preeti


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_PHONE = _set(
    "phone phones fone fon phon phn telephone telephones tel mobile mob mo cell cells cel cellphone cellular "
    "whatsapp whats viber msisdn handset ph landline फोन मोवाइल मो मोवा मोव फो सेल टे टेलि टेल"
)
_CONTACT = _set("contact contacts cont संपर्क")
_NUMBER = _set("number numbers नंवर")
# Other spellings. Latin ones as a whole; Nepali ones by their letters without signs, which is where they differ.
_LATIN = (
    (re.compile("mob[aeiy]*l[aeiy]*s?"), "mobile"),
    (re.compile("tel[ei](?:f|ph)one?s?"), "telephone"),
    (re.compile("s[au]n?mpa?ra?[kg][ao]?"), "contact"),
)
_SKELETONS = {
    "फन": "फोन", "टलफन": "फोन", "दरभस": "फोन", "मवइल": "मोवाइल", "मवल": "मोवाइल", "सपरक": "संपर्क", "सरपक": "संपर्क",
    "सपरग": "संपर्क", "नवर": "नंवर",
}  # fmt: skip
_CASES = re.compile("(?<=..)(?:को|का|कि)$")
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
    "name names address email mail type model brand label bill amount balance date time status company "
    "provider operator network relation relationship list card banking charge charges recharge topup cost price "
    "fax users user count total imei नाम नामावलि ठेगाना इमेल मिति रकम प्रकार सुचि विवरण लगत संख्या"
)
# Behind “contact” such a word makes it somebody's name; with a telephone or a number it is that person's.
_PERSON = _set("person persons व्यक्ति")
# What else is numbered: numbers of these are never a telephone's, whatever they look like.
_THINGS = _set(
    "account ac acc acct membership citizenship registration reg roll symbol bill invoice receipt voucher ticket token "
    "passport licence license policy loan meter file card cheque plot transaction txn reference ref order "
    "खाता सदस्यता नागरिकता दर्ता रोल सिम्वोल विल रसिद टोकन राहदानि ऋण मिटर फाइल चलानि कार्ड चेक कित्ता परिचयपत्र परिचय"
)
_PEOPLE = _set(
    "customer client consumer member patient employee student national ग्राहक सदस्य विरामि विद्यार्थि कर्मचारि रास्ट्रिय"
)
_IDENTITY = _set("id ids code pan vat uid uuid mrn uhid cif serial sn आइडि कोड पान सि क्र सं प्यान")
_SEPARATORS = re.compile(r"[\s_.:।\-–—/()\[\]#,*&+'\"|!?=;]+")
_BY_SLASH = re.compile(r"(?<![^\W_])[aA]/[cC](?![^\W_])")
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
        other: it says that these are numbers of something else, whatever they look like.
    """

    rank: int
    generic: bool = False
    other: bool = False


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
    if not known & (_PHONE | _CONTACT) and _is_of_another_thing(known):
        return Claim(0, other=True)
    named_person = known & _PERSON and not known & (_PHONE | _NUMBER | _NO)
    if not known or known & _ABOUT or named_person:
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


def _is_of_another_thing(known: set[str]) -> bool:
    """Whether a name is that of other numbers: “Customer No”, “Account”, “PAN”."""
    numbered = known & (_NUMBER | _NO) and known & (_THINGS | _PEOPLE)
    return bool(known & _IDENTITY or numbered or (known and known <= _THINGS))


def _words(name: str) -> tuple[list[str], int]:
    """The words of a name as the lists above spell them, and the number that tells it from others (Phone 2)."""
    split_case = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", unicodedata.normalize("NFKC", name))
    split_case = _BY_SLASH.sub("account", split_case)
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
    for spelling, put in _LATIN:
        if spelling.fullmatch(word):
            return put
    for written, put in _LIKE:
        word = word.replace(written, put)
    word = _CASES.sub("", word)
    letters = "".join(letter for letter in word if unicodedata.category(letter) == "Lo")
    return _SKELETONS.get(letters, word) if word != letters else word


def _taken_apart(word: str) -> list[str]:
    """``phonenumber`` as two words."""
    for ending in (*_NUMBER, *_NO):
        start = word.removesuffix(ending)
        if start != word and start in _PHONE | _CONTACT:
            return [start, ending]
    return [word]
