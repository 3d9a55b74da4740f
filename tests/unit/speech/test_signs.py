"""Signs of vowels, and colons that are a visarga."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.speech.kinds import signs, visarga

# The spellings on the left stand on pages of municipalities and ministries; those on the right in the dictionary.
REPAIRED = {
    "नेपालकाे": "नेपालको", "काठमाडाैँ": "काठमाडौँ", "अावश्यक": "आवश्यक", "एेन": "ऐन", "हुुन्छ": "हुन्छ", "अाैषधि": "औषधि",
    "गरिएकाे": "गरिएको", "अाेखलढुंगा": "ओखलढुंगा", "तपार्इं": "तपाईं", "लार्इ": "लाई", "दिइर्ने": "दिईने", "टेलिपmोन": "टेलिफोन",
    "विवरण्ा": "विवरण", "देख्ािन्छ": "देखिन्छ", "क्ष्ोत्र": "क्षेत्र", "सम्बन्धीि": "सम्बन्धी", "हंुदा": "हुंदा", "हँुदा": "हुँदा",
    "सूूचना": "सूचना", "कार्यालय्": "कार्यालय्", "नेेपाल": "नेपाल", "काैशल": "कौशल", "हुन ेछ": "हुनेछ", "अाइतबार": "आइतबार",
    "काठमाडौंं": "काठमाडौं", "गर््ने": "गर्ने", "अनुसाार": "अनुसार", "आेलम्पिक": "ओलम्पिक",
}  # fmt: skip
_ORPHANS = "(?<![कणमरअआइएउ़ािीुूृेैोौँंः्])[ािीुूृेैोौँंः़्\u200d]+"
WELL_WRITTEN = "गर्‍यो दुःख सिंह हुँ कार्यान्वयन ईर्ष्या इर्ष्या करोड़ ज़मीन पढ़िए श्रीमान् निःशुल्क भाइ गाउँ तपाईं औँ अँ आँखा ऋण"


@pytest.mark.parametrize(("typed", "meant"), REPAIRED.items())
def test_signs_are_put_right(typed: str, meant: str):
    assert signs.repaired(typed) == meant


@pytest.mark.parametrize("word", WELL_WRITTEN.split())
def test_what_is_well_written_stays(word: str):
    word = unicodedata.normalize("NFC", word)
    assert signs.repaired(word) == word


@given(st.text(alphabet="कणमरअआइएउिीुूृेैोौािँंः़्\u200d m"))
def test_no_letter_keeps_two_vowel_signs(text: str):
    repaired = signs.repaired(unicodedata.normalize("NFC", text))
    assert len(repaired) <= len(text)
    assert not re.search("[ािीुूृेैोौ]{2}|[अआइएउ][ािीुूृेैोौ्]|[ँंः][ािीुूृेैोौ्]", re.sub(_ORPHANS, "", repaired))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("भोलि नि:शुल्क शिविर", "भोलि निःशुल्क शिविर"),
        ("नि: शुल्क र नि.शुल्क", "निःशुल्क र निःशुल्क"),
        ("दु:ख, दु:खी, दु:खद", "दुःख, दुःखी, दुःखद"),
        ("पुन: प्रयास, पुन:स्थापना", "पुनः प्रयास, पुनःस्थापना"),
        ("अन्त:शुल्क तिर्नुहोस्", "अन्तःशुल्क तिर्नुहोस्"),
        ("प्रात: ६:०० बजे", "प्रातः ६:०० बजे"),
        ("प्रात:६ बजे", "प्रातः ६ बजे"),
        ("क्रमश: राम, स्वत: रद्द, मूलत: अंशत:", "क्रमशः राम, स्वतः रद्द, मूलतः अंशतः"),
        ("मिति: ५ गते, सम्पर्क: राम", "मिति: ५ गते, सम्पर्क: राम"),
        ("सुरु: ५ बजे, अन्त: ६ बजे", "सुरु: ५ बजे, अन्त: ६ बजे"),
        ("मितिः ५ गते, फोनः ९८४१", "मिति: ५ गते, फोन: ९८४१"),
        ("स्थान ः काठमाडौँ", "स्थान : काठमाडौँ"),
        ("निःशुल्क, वस्तुतः, नमः", "निःशुल्क, वस्तुतः, नमः"),
    ],
)
def test_a_colon_is_a_visarga_in_words_that_have_one_and_a_pause_elsewhere(written: str, read: str):
    assert visarga.read(written) == read
