import pytest

from app.speech.preeti import from_preeti, is_preeti

# Keys by the keyboard of the font; the words are spelt as the Nepali Brihat Shabdakosh spells them.
TYPED = {
    ";Ltf zdf{": "सीता शर्मा",
    "/fd axfb'/ yfkf": "राम बहादुर थापा",
    "k'hf >]i7": "पुजा श्रेष्ठ",
    "g]kfn ;/sf/": "नेपाल सरकार",
    "lzIff dGqfno": "शिक्षा मन्त्रालय",
    "k|wfgdGqL": "प्रधानमन्त्री",
    "sfo{qmd": "कार्यक्रम",
    "cfkm\\gf] kmf]g": "आफ्नो फोन",
    "ljBfyL{sf] z'Ns": "विद्यार्थीको शुल्क",
    "tkfO{+sf] /sd afFsL 5 .": "तपाईंको रकम बाँकी छ ।",
    "j8f g+= % sfof{no": "वडा नं. ५ कार्यालय",
    "cf}ifwL l;h{gf": "औषधी सिर्जना",
}


@pytest.mark.parametrize(("typed", "meant"), TYPED.items())
def test_text_typed_for_preeti_is_known_and_converted(typed, meant):
    assert is_preeti(typed)
    assert from_preeti(typed) == meant


def test_placeholders_numbers_and_addresses_stay_as_they_are():
    typed = "gd:t] {tags_name|hL}, tkfO{+sf] /sd Rs. 1,250.50 afFsL 5 . https://example.org/a"
    meant = "नमस्ते {tags_name|hL}, तपाईंको रकम Rs. 1,250.50 बाँकी छ । https://example.org/a"
    assert from_preeti(typed) == meant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Sita Sharma",
        "Ram Bahadur Thapa",
        "M/s Ram & Sons",
        "s/o, d/o, w/o",
        "C/O Hari; Ward-5, Kathmandu",
        "O'Neil D'Souza",
        "G/F, B.B. Complex [East]",
        "https://example.org/a;b?c=[d]",
        "first/last@example.org",
        "{tags_name} {amount|0}",
        "12/07/2082 10:30",
        "[[||]]",
        "BA 1 PA 2345",
        "Off/On",
        "सीता ;Ltf",
        "सीता शर्मा",
        "1. of; 2. off",
    ],
)
def test_other_text_is_left_alone(text):
    assert not is_preeti(text)
    assert from_preeti(text) is None


@pytest.mark.parametrize("typed", [";Ltf\x07zdf{ zdf{", ";Ltf zdf{ €", "]]f;Ltf zdf{"])
def test_what_does_not_convert_to_syllables_is_not_offered(typed):
    assert from_preeti(typed) is None


@pytest.mark.parametrize("keys", ["f", "{", "k\\", "lk\\", "]k", "l;", "+f", "Rs ", "1.", "a@", "{x"])
def test_text_made_to_take_long_takes_its_length(keys):
    assert from_preeti((keys * 5_000)[:5_000] + " zdf{") is None


def test_long_text_is_read_in_part():
    assert is_preeti(";Ltf zdf{ " * 10_000)
    assert from_preeti(";Ltf zdf{ " * 10_000) is None
