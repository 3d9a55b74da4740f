from app.messages.sms_preview import Size, size_of, written

LONG = {"name": "क" * 65}
SHORT = {"name": "क"}


def test_a_text_without_tags_is_measured_once_for_everybody():
    assert size_of("क" * 71, [], 1_000_000) == Size(2, 2, 2_000_000, exact=True)


def test_texts_with_tags_are_counted_where_all_were_looked_at():
    assert size_of("नमस्ते {name} जी", [SHORT, LONG, LONG], 3) == Size(1, 2, 5, exact=True)


def test_texts_with_tags_are_reckoned_where_there_are_more():
    assert size_of("नमस्ते {name} जी", [SHORT, LONG], 1000) == Size(1, 2, 1500, exact=False)


def test_nobody_looked_at_is_no_guess():
    assert size_of("{name}", [], 0) == Size(0, 0, 0, exact=True)


def test_what_would_not_be_sent_says_why():
    assert written("{name}", {}).problem == "missing_tag"
    assert written("{name|  }", {}).problem == "nothing_to_say"
    assert written("{name}", {"name": "क" * 67 * 256}).problem == "too_long"
    assert written("{name}", SHORT).problem is None
