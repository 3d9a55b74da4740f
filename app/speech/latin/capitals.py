"""Capitals that are said otherwise than their letters tell. Own work."""

from typing import Final

_SPELT: Final = (
    "USAID TUTH IELTS GIZ SEE TU KU PU MOU ADB SAN IPO FPO NIC NIDC MOHA MOFA MOHP OPMCM EPF SSF NOC TIA CIB "
    "DAO VDC UNO ISO IOM IOE INGO NGO GPO PIO AIG DIG SIG ASI SI ICU NICU OPD IPD EPI MIS HIB CEO HOD PO IT AI "
    "TADA CAO RIO WHO"
)
SPELT: Final = frozenset(_SPELT.split())
"""Said by their letters, though they could be said as a word."""

AS_WORDS: Final = {
    "AIDS": "एड्स", "UNESCO": "युनेस्को", "NATO": "नेटो", "NASA": "नासा", "JICA": "जाइका", "KOICA": "कोइका",
    "NARC": "नार्क", "SEBON": "सेबोन", "NEPSE": "नेप्से", "PABSON": "प्याब्सन", "NPABSON": "एन प्याब्सन", "ASBA": "आस्बा",
    "DEMAT": "डिम्याट", "BIMSTEC": "बिम्स्टेक", "SAFTA": "साफ्टा", "SAFF": "साफ", "FIFA": "फिफा", "ASEAN": "आसियान",
    "OPEC": "ओपेक", "TOEFL": "टोफेल", "CAAN": "क्यान", "ICIMOD": "इसिमोड", "BIPAD": "विपद्", "VISA": "भिसा",
    "SWIFT": "स्विफ्ट", "UNICEF": "युनिसेफ", "SAARC": "सार्क", "COVID": "कोभिड", "SARS": "सार्स",
    "NAST": "नास्ट", "FAQ": "एफएक्यु", "CAPTCHA": "क्याप्चा", "LASER": "लेजर", "NABIL": "नबिल", "SANIMA": "सानिमा",
    "CARE": "केयर", "ICAO": "आइकाओ", "IATA": "आइयाटा", "INTERPOL": "इन्टरपोल", "BRICS": "ब्रिक्स",
    "CMAT": "सीम्याट", "KUMARI": "कुमारी", "ISRO": "इस्रो", "MBBS": "एमबीबीएस",
}  # fmt: skip
"""Said as a word."""
