"""Placeholders as other mailers write them."""

import pytest

from app.campaigns.tags import check, parse
from app.core.errors import InvalidError

USABLE = ["tags_name", "tags_due_date", "tags_नाम"]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("नमस्ते {{tags_name}}", "{{tags_name}}"),
        ("नमस्ते {{name}}", "{{name}}"),
        ("नमस्ते {{ Name }}", "{{ Name }}"),
        ("नमस्ते {{name|साथी}}", "{{name}}"),
        ("नमस्ते ${tags_name}", "${tags_name}"),
        ("नमस्ते ${name}", "${name}"),
        ("नमस्ते %name%", "%name%"),
        ("५०% छुट, %NAME%", "%NAME%"),
        ("नमस्ते [name]", "[name]"),
        ("नमस्ते [[TAGS_NAME]]", "[TAGS_NAME]"),
        ("नमस्ते <name>", "<name>"),
        ("नमस्ते *|NAME|*", "*|NAME|*"),
    ],
)
def test_a_placeholder_of_a_usable_tag_is_refused_with_its_right_spelling(written, shown):
    with pytest.raises(InvalidError) as refused:
        check(parse(written), USABLE)
    (item,) = refused.value.items
    assert (item.field, item.code) == ("message", "unknown_placeholder")
    assert item.message.startswith(f"{shown} is no tag here")
    assert "write {tags_name} for" in item.message


@pytest.mark.parametrize("written", ["{{Due Date}}", "[due date]", "<due_date>", "%Due_Date%", "[[नाम]]"])
def test_the_name_is_read_as_a_column_is(written):
    with pytest.raises(InvalidError) as refused:
        check(parse(written), USABLE)
    assert [item.code for item in refused.value.items] == ["unknown_placeholder"]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{{{{name}}}}", "{{name}}"),
        ("{{village}} [नमुना] <b>५०%</b> ५% र १०% %x%", "{village} [नमुना] <b>५०%</b> ५% र १०% %x%"),
        ("US${tags_name} र $ {tags_name}", "US$राम र $ राम"),
        ("[{tags_name}]", "[राम]"),
    ],
)
def test_what_names_no_tag_is_text(written, said):
    template = parse(written)
    check(template, USABLE)
    assert template.render({"tags_name": "राम"}).text == said


def test_a_tag_without_its_prefix_stays_an_unknown_tag_and_is_offered_the_right_one():
    with pytest.raises(InvalidError) as refused:
        check(parse("{name}"), USABLE)
    assert [item.code for item in refused.value.items] == ["unknown_tag"]
    assert "{tags_name}" in refused.value.items[0].message


def test_each_placeholder_is_told_once():
    with pytest.raises(InvalidError) as refused:
        check(parse("[name] [name] {{name}} {tags_x}"), USABLE)
    assert [item.code for item in refused.value.items] == [
        "unknown_tag",
        "unknown_placeholder",
        "unknown_placeholder",
    ]
