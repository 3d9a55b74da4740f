"""How texts are read: in a process of their own, within bounds, the short ones first."""

import asyncio
import os
import signal
import time
import tracemalloc
from collections.abc import AsyncIterator

import pytest

from app.core.errors import InvalidError
from app.speech.limits import CODE, LONGEST_READING, LONGEST_TEXT, TooLongError
from app.speech.normalise import spoken
from app.speech.reader import Reader
from app.speech.reading import read, refuse_too_long
from app.speech.turns import Turns

SWOLLEN = ("रु १२,३४५,६७८.९० मिति २०८१/०५/१२ " * 8)[:200]


@pytest.fixture(scope="module")
async def reader() -> AsyncIterator[Reader]:
    reader = Reader()
    await reader.start()
    yield reader
    await reader.close()


def test_a_text_has_ten_thousand_characters_before_it_is_read_and_after():
    assert len(read(("क" * LONGEST_TEXT,), {}).words) == LONGEST_READING
    with pytest.raises(TooLongError):
        read(("क" * LONGEST_TEXT, "क"), {})
    with pytest.raises(TooLongError):
        refuse_too_long([("tags_x", "क" * 501)] * 20)
    refuse_too_long([("tags_x", "क" * 500)] * 20)


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("क " * 240, {"क": SWOLLEN}),
        ("9" * 9_999, {}),
        ("12:30 " * 1_500, {}),
        ("रु 1 " * 2_000, {}),
        ("½" * 5_000, {}),
        ("\ufdfa" * LONGEST_TEXT, {}),
        ("म.न.पा." * 1_400, {}),
        ("ABCDE " * 1_600, {}),
    ],
)  # fmt: skip
def test_a_text_that_swells_is_left_where_it_passes_the_limit(text: str, own: dict[str, str]):
    with pytest.raises(TooLongError):
        read((text,), own)


def test_an_abbreviation_that_swells_takes_no_memory_for_what_it_would_have_become():
    own = {"क": SWOLLEN}
    spoken("क", own)
    text = "क " * (LONGEST_TEXT // 2)
    tracemalloc.start()
    try:
        with pytest.raises(TooLongError):
            read((text,), own)
        assert tracemalloc.get_traced_memory()[1] < len(text) // 2 * len(SWOLLEN)
    finally:
        tracemalloc.stop()


def test_what_cannot_be_spoken_has_no_words():
    assert read(("🙏 ---", ("tags_x", "!!")), {}).words == ""
    assert read(("Zzimire ले",), {}).guessed == ("Zzimire",)


_UNITS = ("1", "9 ", "1-", "1/2/", "रु 1 ", "2082/1/1 ", "12:30-", "a.", "<a", "&amp", "@a.a", "http://", "OTP 1",
          "क 1a", "राम् ", "1.", "1,", ",", "+1 ", "कोड ", "x-", "AB+ ", "Mon., ", "\u200d्", "½", "न.")  # fmt: skip


@pytest.mark.parametrize("unit", _UNITS)
def test_reading_takes_time_in_proportion_to_the_text(unit: str):
    def cost(characters: int) -> float:
        text = (unit * characters)[:characters]
        best = float("inf")
        for _ in range(3):
            began = time.thread_time()
            spoken(text)
            best = min(best, time.thread_time() - began)
        return best

    # Eight times the text takes eight times as long, and would take 64 times if each part saw all the others.
    assert cost(8_000) < 24 * max(cost(1_000), 0.0005)


async def test_a_reading_is_the_same_from_a_process(reader: Reader):
    parts = ("रु ", ("tags_amount", "9841234567"), " बाँकी, NWSC")
    own = (("NWSC", "खानेपानी"),)
    assert await reader.read(parts, own) == read(parts, dict(own))


async def test_a_text_that_is_too_long_is_refused_with_a_sentence_and_the_next_is_read(reader: Reader):
    for parts, own in ((("क " * 240,), (("क", SWOLLEN),)), (("क" * (LONGEST_TEXT + 1),), ())):
        with pytest.raises(InvalidError) as caught:
            await reader.read(parts, own)
        assert (caught.value.items[0].field, caught.value.items[0].code) == ("message", CODE)
        assert "10,000 characters" in caught.value.items[0].message
    assert (await reader.read(("क १",), ())).words == "क एक"


async def test_a_process_that_hangs_over_a_text_is_replaced():
    reader = Reader(longest_s=1.0)
    await reader.start()
    before = reader.pid
    os.kill(before, signal.SIGSTOP)
    assert (await reader.read(("एक 2",), ())).words == "एक दुई"
    assert reader.pid != before
    await reader.close()


async def test_short_texts_go_ahead_of_long_ones_but_not_for_ever():
    turns: Turns[str] = Turns()
    turns.give("process")
    taken: list[str] = []

    async def take(name: str, characters: int) -> None:
        taken.append(name if await turns.take(characters) else "")

    assert await turns.take(1) == "process"
    waiting = [asyncio.create_task(take(*one)) for one in (("long", 10_000), ("short", 100), ("shorter", 50))]
    await asyncio.sleep(0)
    for _ in waiting:
        turns.give("process")
        await asyncio.sleep(0)
    assert taken == ["shorter", "short", "long"]


async def test_who_gives_up_waiting_leaves_the_turn_to_the_next():
    turns: Turns[int] = Turns()
    impatient, patient = asyncio.create_task(turns.take(1)), asyncio.create_task(turns.take(2))
    await asyncio.sleep(0)
    turns.give(1)
    impatient.cancel()
    assert await patient == 1
    turns.give(1)
    assert await turns.take(1) == 1
