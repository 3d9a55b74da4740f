"""The visarga, for which keyboards have no key at hand: नि:शुल्क is निःशुल्क (free of charge), and शुल्क alone is a fee.

A colon inside or at the end of a word of this list is one; any other colon stays a label's, as in ``मिति: ५ गते``. The
other way round too: ः at the end of a word that has none (``मितिः``, ``स्थान ः``) is a label's colon.
"""

import re
from typing import Final

from app.speech.kinds.patterns import DEVANAGARI

_VISARGA: Final = "ः"
_MARK: Final = "[:꞉∶˸;]"
# What may stand before a visarga inside a word, and what follows it there.
_BEFORE_ANY: Final = "नि|दु|पुन|अन्त|अन्तर|प्रात|बहि|आयु|धनु|ज्योति|चक्षु"
_INSIDE: Final = re.compile(
    rf"(?<![{DEVANAGARI}])((?:{_BEFORE_ANY})){_MARK}(?=[\u0904-\u0939])"
    rf"|(?<![{DEVANAGARI}])(मन|अध|यश|तप|वय|रज|तेज|शिर|अत|स्वत|उष|छन्द|सर)"
    rf"{_MARK}(?=स्थिति|शान्ति|पतन|पात|शेष|काय|प्राप्त|सन्धि|स्वला|स्फूर्त|एव|पर|काल|शास्त्र|पीडा|शूल|कामना)"
)
# The colon with a space behind or before, or another mark for it, where no other word can be meant.
# Each word is looked for before what stands in front of it: a look behind in front of all is tried everywhere.
_FREE: Final = re.compile(
    rf"(नि)(?<![{DEVANAGARI}]नि)\s?(?:{_MARK}|[.ः-])\s?(?=शुल्क|सन्तान|सन्देह|स्वार्थ|सहाय|शब्द|शस्त्र|सङ्कोच|संकोच|सर्त)"
    rf"|(दु)(?<![{DEVANAGARI}]दु)\s?{_MARK}\s?(?=ख|साहस|स्वप्न)"
    rf"|(अन्त)(?<![{DEVANAGARI}]अन्त)\s?{_MARK}\s?(?=शुल्क|करण|क्रिया|स्राव|प्रवाह|सम्बन्ध)"
    rf"|(पुन)(?<![{DEVANAGARI}]पुन)\s?{_MARK}\s?"
    r"(?=स्थाप|निर्माण|प्राप्त|परीक्षा|मूल्याङ्कन|संरचना|प्रकाशन|दर्ता|प्रयोग|परीक्षण|बहाली)"
)
_IN_TA: Final = (
    "अ स्व मूल विशेष सामान्य साधारण पूर्ण अंश आंशिक सम्भव सम्भाव्य अन्त प्रथम फल वस्तु मुख्य प्रमुख पूर्व अर्थ कार्य प्रत्यक्ष अप्रत्यक्ष "
    "परोक्ष तत्त्व तत्व स्वभाव सर्व एक दुई द्वि क्रम निष्कर्ष परिणाम य त इ कु न्याय धर्म कानुन सिद्धान्त विधि जन्म स्पष्ट निश्चय निश्चित "
    "विशुद्ध आधारभूत सम्पूर्ण समग्र लगभग संक्षेप सङ्क्षेप बाह्य अन्ततोगत्व उभय आद्य प्राथमिक"
)
_IN_SHA: Final = "क्रम अक्षर शब्द बहु कोटि अंश अल्प प्राय प्रत्येक खण्ड एक शत"
_OTHERS: Final = "पुन प्रात प्राय छ नम शान्ति अन्त दु नि मन तप यश पय सद्य इति बहि अध श्रेय तेज प्रेय मृत्यो स्व भू भुव"
_AT_END: Final = frozenset(
    [f"{stem}त" for stem in _IN_TA.split()] + [f"{stem}श" for stem in _IN_SHA.split()] + _OTHERS.split()
)
# Words that a label's colon follows as often: they are read so only where they have the visarga itself.
_LABELS_TOO: Final = frozenset(["अन्त", "छ", "मन", "नि", "दु", "तप", "यश", "स्व", "भू", "इति", "तेज"])
_MARKED: Final = re.compile(
    rf"(?<=[{DEVANAGARI}])( ?)(ः+(?![{DEVANAGARI}])|[:꞉∶˸](?![{DEVANAGARI}:/]))(?=(\d?))"
)
_ON_DIGIT: Final = re.compile(r"(?<=[0-9]) ?ः+(?!\s?[0-9]{2}(?![0-9]))")
_WORD_BEFORE: Final = re.compile(rf"(?<![0-9{DEVANAGARI}])[{DEVANAGARI}]{{1,24}}$")
_LONGEST: Final = 24
_ENDINGS: Final = ("त", "श")


def read(text: str) -> str:
    """``नि:शुल्क`` is निःशुल्क, ``पुन:`` पुनः, ``मितिः ५`` is ``मिति: ५``."""
    text = _ON_DIGIT.sub(":", text) if _VISARGA in text else text
    text = _FREE.sub(lambda match: f"{match[match.lastindex or 0]}{_VISARGA}", text)
    text = _INSIDE.sub(lambda match: f"{match[1] or match[2]}{_VISARGA}", text)
    return _MARKED.sub(_at_end, text)


def _at_end(match: re.Match[str]) -> str:
    gap, mark, digit = match.groups()
    before = _WORD_BEFORE.search(match.string[max(0, match.start() - _LONGEST) : match.start()])
    word = before[0] if before else ""
    if mark[0] != _VISARGA:
        meant = word in _AT_END and word not in _LABELS_TOO
    else:
        meant = not gap and (word in _AT_END or word.endswith(_ENDINGS))
    if meant:
        return f"{_VISARGA} " if digit else _VISARGA
    return f"{gap}:"
