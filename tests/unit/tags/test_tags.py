import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.campaigns.tags import Tag, check, parse
from app.core.errors import InvalidError


def said(template, **values):
    return parse(template).render(values)


def problem(template):
    with pytest.raises(InvalidError) as refused:
        parse(template)
    (item,) = refused.value.items
    assert item.field == "message"
    return item


def test_a_tag_is_replaced_by_the_recipients_value():
    assert said("नमस्ते {tags_name} जी", tags_name="सीता").text == "नमस्ते सीता जी"


def test_the_sample_of_the_original_text_is_said_in_full():
    template = "Hi {tags_name}, you are {tags_age} years old and your salary is {tags_salary}."
    assert parse(template).tags == ["tags_name", "tags_age", "tags_salary"]
    rendered = said(template, tags_name="Ram", tags_age="30", tags_salary="50000")
    assert rendered.text == "Hi Ram, you are 30 years old and your salary is 50000."
    assert rendered.missing == ()


def test_a_default_stands_in_for_a_missing_value():
    assert said("{tags_name|ग्राहक महोदय}, नमस्ते").text == "ग्राहक महोदय, नमस्ते"
    assert said("{tags_name|ग्राहक}", tags_name="सीता").text == "सीता"
    assert said("a{tags_name|}b").text == "ab"
    assert said("a{tags_name|}b").missing == ()
    assert said("{tags_name|a|b}").text == "a|b"


@pytest.mark.parametrize("value", ["", " ", "\t"])
def test_an_empty_value_counts_as_missing(value):
    assert said("{tags_name} {tags_due} {tags_name}", tags_name=value, tags_due="1").missing == ("tags_name",)
    assert said("{tags_name|x}", tags_name=value).text == "x"


def test_missing_tags_are_listed_once_each_in_order():
    assert said("{tags_b}{tags_a}{tags_b}").missing == ("tags_b", "tags_a")


def test_doubled_braces_are_braces():
    assert said("{{a}} {{tags_name}}").text == "{a} {tags_name}"
    assert said("{{{tags_name}}}", tags_name="x").text == "{x}"
    assert parse("{{tags_name}}").tags == []


def test_braces_in_a_value_are_text():
    assert said("{tags_name}", tags_name="{tags_age} {{ }").text == "{tags_age} {{ }"


def test_an_unseen_mark_or_another_composition_is_the_same_tag():
    assert parse("{tags_\u200dनाम}").tags == ["tags_नाम"]
    assert parse("{ tags_caf\u0065\u0301 }").tags == ["tags_café"]


def test_segments_keep_text_and_tags_in_order():
    assert parse("a{tags_b|c}").segments == ("a", Tag("tags_b", "c"))
    assert parse("").segments == ()


@pytest.mark.parametrize(
    ("template", "position"),
    [
        ("नमस्ते {tags_name", 8),
        ("a } b", 3),
        ("{tags_a {tags_b}}", 1),
        ("{tags_a|x {y} }", 1),
        ("{tags_a|x}}", 11),
    ],
)
def test_an_unbalanced_brace_is_refused_with_its_position(template, position):
    item = problem(template)
    assert item.code == "unbalanced_brace"
    assert f"at character {position} " in item.message


@pytest.mark.parametrize(
    "template", ["{}", "{ }", "{|x}", "{tags_\nname}", "{tags_a\x00}", "{" + "a" * 101 + "}"]
)
def test_a_tag_that_is_no_name_is_refused_with_its_position(template):
    item = problem(template)
    assert item.code == "bad_tag"
    assert "character 1" in item.message


def test_a_tag_with_spaces_is_told_the_name_to_write():
    assert "{tags_due_date}" in problem("{Due Date}").message


def test_unknown_tags_are_each_refused_with_the_usable_ones():
    with pytest.raises(InvalidError) as refused:
        check(parse("{tags_x} {tags_name} {tags_y}"), ["tags_name", "tags_age"])
    assert [(item.field, item.code) for item in refused.value.items] == [("message", "unknown_tag")] * 2
    assert all("{tags_name}, {tags_age}" in item.message for item in refused.value.items)
    assert "{tags_x}" in refused.value.items[0].message


@pytest.mark.parametrize("written", ["{name}", "{tags_Name}", "{NAME}"])
def test_a_tag_without_its_prefix_or_in_capitals_is_told_the_right_one(written):
    with pytest.raises(InvalidError, match=r"Did you mean \{tags_name\}\?"):
        check(parse(written), ["tags_name"])


def test_a_campaign_without_tags_says_so():
    with pytest.raises(InvalidError, match="have none"):
        check(parse("{tags_name}"), [])


def test_usable_tags_pass():
    check(parse("{tags_name|x} {{}} {tags_age}"), ["tags_age", "tags_name", "tags_other"])


@given(st.text())
def test_text_with_its_braces_doubled_is_said_as_it_was(text):
    rendered = parse(text.replace("{", "{{").replace("}", "}}")).render({})
    assert rendered.text == text
    assert rendered.missing == ()


@given(st.text(alphabet="{}|a _\nक"))
def test_any_text_is_parsed_or_refused_with_a_code(text):
    code = None
    try:
        parse(text)
    except InvalidError as refused:
        code = refused.items[0].code
    assert code in {None, "unbalanced_brace", "bad_tag"}
