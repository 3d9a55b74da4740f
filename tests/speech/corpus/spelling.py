"""What is typed otherwise than it is spelt. The right spellings are typed in, and the wrong ones made of them
by rule, as pages of municipalities have them; letters are named by a table of their own.
"""

from collections.abc import Iterator

from tests.speech.corpus.words import RANDOM, Pair

_WORDS = (
    "नेपालको काठमाडौँ आवश्यक ऐन औषधि औद्योगिक आयोग ओखलढुङ्गा पोखरा गरेको कार्यालयको आर्थिक पौष कौशल मौसम बोलपत्र आह्वान आइतबार "
    "भएको हुनेछ सूचना पानी बिजुली महानगर स्वास्थ्य भुक्तानी आपूर्ति कोरोना सरोकारवाला गौर आमा ऐतिहासिक चौतारा दोलखा"
)
_TYPED = (("औ", "अाै"), ("ओ", "अाे"), ("आ", "अा"), ("ऐ", "एे"), ("ौ", "ाै"), ("ो", "ाे"))
_DOUBLED = ("ा", "ि", "ी", "ु", "ू", "े")


def signs() -> Iterator[Pair]:
    for word in _WORDS.split():
        typed = word
        for right, wrong in _TYPED:
            typed = typed.replace(right, wrong)
        if typed != word:
            yield typed, word
        sign = next((sign for sign in _DOUBLED if sign in word), None)
        if sign:
            yield word.replace(sign, sign * 2, 1), word
    for word in ("तपाईंलाई", "गई", "भाइलाई", "लाई"):
        yield word.replace("ई", "र्इ"), word


SIGN_FRAMES = ["@ सम्बन्धी जानकारी।", "भोलि @ हेर्नुहोस्।"]
_VISARGA = (
    "निःशुल्क दुःख दुःखी पुनः अन्तःशुल्क प्रातःकाल क्रमशः स्वतः मूलतः विशेषतः सामान्यतः पूर्णतः "
    "अंशतः प्रायः सम्भवतः पुनःस्थापना अन्तःकरण निःसन्देह शब्दशः"
)
_LABELS = ("मिति", "स्थान", "समय", "सम्पर्क", "विषय", "नाम", "ठेगाना", "अन्त", "कैफियत", "सूचना")


def visarga() -> Iterator[Pair]:
    for word in _VISARGA.split():
        yield word.replace("ः", ":"), word
        yield word, word


VISARGA_FRAMES = ["@ गरिएको छ।", "यो @ हो।"]


def labels() -> Iterator[Pair]:
    for index, label in enumerate(_LABELS):
        colon = (":", "ः", " ः", " :")[index % 4]
        yield f"{label}{colon} सुन्नुहोस्", f"{label}, सुन्नुहोस्"
        yield f"{label}{colon}- सुन्नुहोस्", f"{label}, सुन्नुहोस्"


LABEL_FRAMES = ["@।"]
_NAMES = "ए बी सी डी ई एफ जी एच आई जे के एल एम एन ओ पी क्यु आर एस टी यु भी डब्लु एक्स वाई जेड"
_LETTERS = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", _NAMES.split(), strict=True))
_CAPITALS = (
    "ADBL CTEVT BPKIHS UNDP RFID NIBL FNCCI KUKL UNHCR UNFPA DUDBC NDRRMA CIAA NCHL RTGS KYC NRB NMB MRI PCR NHRC CCTV "
    "EDCD TEPC LMBIS VCTS SWIPP PMAMP NTNC DHM NEOC UNCDF NPCS HIV ICU TUTH WHO USAID"
)


def capitals() -> Iterator[Pair]:
    for word in _CAPITALS.split():
        yield word, "".join(_LETTERS[letter] for letter in word)
    for word, said in (
        ("UNESCO", "युनेस्को"),
        ("NEPSE", "नेप्से"),
        ("YADAV", "यादव"),
        ("SITA SHARMA", "सीता शर्मा"),
    ):
        yield word, said


CAPITAL_FRAMES = ["@ को सूचना।", "आज @ मा बैठक छ।"]
_FIRST = {"Ram": "राम", "Hari": "हरि", "Krishna": "कृष्ण", "Gopal": "गोपाल", "Bishnu": "विष्णु", "SHIVA": "शिव"}
_MIDDLE = {
    "Bdr.": "बहादुर",
    "Bdr": "बहादुर",
    "Pd.": "प्रसाद",
    "Kr.": "कुमार",
    "BDR.": "बहादुर",
    "Pd": "प्रसाद",
    "Kr": "कुमार",
}
_LAST = {"Thapa": "थापा", "Shrestha": "श्रेष्ठ", "Gurung": "गुरुङ", "Adhikari": "अधिकारी", "RAI": "राई"}


def names() -> Iterator[Pair]:
    for middle, said in _MIDDLE.items():
        for _ in range(3):
            first, last = RANDOM.choice(list(_FIRST)), RANDOM.choice(list(_LAST))
            yield f"{first} {middle} {last}", f"{_FIRST[first]} {said} {_LAST[last]}"
    yield "Smt. Sita Sharma", "श्रीमती सीता शर्मा"
    yield "Md. Rahim Ansari", "मोहम्मद रहिम अन्सारी"
    yield "हरि ब. थापा", "हरि बहादुर थापा"
    yield "राम प्र. शर्मा", "राम प्रसाद शर्मा"


NAME_FRAMES = ["@ जी, नमस्ते।", "बिरामी @ हुनुहुन्छ।"]
_ROMANISED = {
    "paisa aayo ki xaina": "पैसा आयो की छैन", "bill tirna baki xa": "bill तिर्न बाँकी छ", "kaam vayo": "काम भयो",
    "voli bihana aaunu hola": "भोलि बिहान आउनु होला", "bijuli xaina": "बिजुली छैन", "bato banda hunxa": "बाटो बन्द हुन्छ",
    "paxi khabar garxu": "पछि खबर गर्छु", "xito aaunuhos": "छिटो आउनुहोस्", "sabai thik vaye": "सबै ठिक भए",
    "kati vayo": "कति भयो",
    "tapai ko naam ke ho": "तपाईं को नाम के हो", "vukampa aayo": "भूकम्प आयो",
}  # fmt: skip


def romanised() -> Iterator[Pair]:
    yield from _ROMANISED.items()


ROMANISED_FRAMES = ["@"]
