"""Values of tags keep the kind that their column names."""

import pytest

from app.messages.composing import rendered
from app.speech.reading import read
from app.speech.values import Kind, in_kind, kind_of


@pytest.mark.parametrize(
    ("tag", "kind"),
    [
        ("tags_amount", Kind.AMOUNT),
        ("tags_due_date", Kind.DATE),
        ("tags_account_balance", Kind.AMOUNT),
        ("tags_रकम", Kind.AMOUNT),
        ("tags_contact_phone", Kind.PHONE),
        ("tags_otp", Kind.CODE),
        ("tags_meter_no", Kind.CODE),
        ("tags_name", None),
        ("tags_codename", None),
    ],
)
def test_the_name_of_a_column_says_what_it_holds(tag: str, kind: Kind | None):
    assert kind_of(tag) is kind


@pytest.mark.parametrize(
    ("message", "value", "said"),
    [
        ("रु {tags_amount} बाँकी", "9841234567", "नौ अरब चौरासी करोड बाह्र लाख चौँतिस हजार पाँच सय सतसट्ठी रुपैयाँ बाँकी"),
        ("रु {tags_amount}", "1250.5", "एक हजार दुई सय पचास रुपैयाँ पचास पैसा"),
        ("रु {tags_amount}", "१२,५०,०००", "बाह्र लाख पचास हजार रुपैयाँ"),
        ("रु {tags_amount}", "0500", "पाँच सय रुपैयाँ"),
        ("रु {tags_amount}", "500.00", "पाँच सय रुपैयाँ"),
        ("मौज्दात {tags_balance} छ", "(1,250.00)", "मौज्दात माइनस एक हजार दुई सय पचास छ"),
        ("रु {tags_balance} छ", "1250-", "माइनस एक हजार दुई सय पचास रुपैयाँ छ"),
        ("रु {tags_balance} छ", "-1250.5", "माइनस एक हजार दुई सय पचास रुपैयाँ पचास पैसा छ"),
        ("खातामा {tags_balance} छ", "-500", "खातामा माइनस पाँच सय छ"),
        ("रु {tags_balance} छ", "1,250.50 Cr", "एक हजार दुई सय पचास रुपैयाँ पचास पैसा क्रेडिट छ"),
        ("रु {tags_balance} छ", "500 DR.", "पाँच सय रुपैयाँ डेबिट छ"),
        ("खाता {tags_account} मा", "XXXX-XX1234", "खाता एक दुई तीन चार मा"),
        ("खाता {tags_account} मा", "019##17036", "खाता शून्य एक नौ एक सात शून्य तीन छ मा"),
        ("परियोजनाको लागत रु {tags_amount}", "5 Cr", "परियोजनाको लागत पाँच करोड रुपैयाँ"),
        ("{tags_balance}", "2 crore", "दुई करोड"),
        ("{tags_amount}", "रु ५०० मात्र", "पाँच सय रुपैयाँ मात्र"),
        ("{tags_amount}", "धेरै", "धेरै"),
        ("{tags_otp} नदिनुहोस्", "4829", "चार आठ दुई नौ नदिनुहोस्"),
        ("{tags_otp}", "A-482913", "ए चार आठ दुई, नौ एक तीन"),
        ("{tags_phone} मा", "4200000", "चार दुई शून्य, शून्य शून्य शून्य शून्य मा"),
        ("{tags_phone}", "+977 9841234567", "नौ आठ चार एक, दुई तीन चार, पाँच छ सात"),
        ("{tags_phone}", "नभएको 5", "नभएको पाँच"),
        ("{tags_date} सम्म", "2025-07-09 00:00:00", "दुई हजार पच्चिस जुलाई नौ सम्म"),
        ("{tags_due_date}", "२०८२/०३/२५", "दुई हजार बयासी असार पच्चिस गते"),
        ("कक्षा {tags_class}", "10", "कक्षा दस"),
    ],
)  # fmt: skip
def test_values_are_read_as_what_their_column_holds(message: str, value: str, said: str):
    name = message[message.index("{") + 1 : message.index("}")]
    assert read(rendered(message, {name: value}).parts, {}).words == said


@pytest.mark.parametrize("value", ["1,2,3", "1.234", "12-13", "(12", "1-2-"])
def test_amounts_that_are_none_stay_as_they_are(value: str):
    assert in_kind("tags_amount", value) == value
