import pytest

from app.audio.containers import breaks_off, looks_like_audio, promised_seconds
from tests.unit.audio.sounds import FORMATS, encoded, melody


@pytest.mark.parametrize("kind", FORMATS)
def test_whole_files_do_not_break_off(kind: str):
    data = encoded(kind, melody(1.0, FORMATS[kind][2]))
    assert looks_like_audio(data)
    assert not breaks_off(data)


@pytest.mark.parametrize("kind", ["wav", "ogg", "m4a", "amr"])
def test_a_missing_end_is_seen_in_the_container(kind: str):
    data = encoded(kind, melody(1.0, FORMATS[kind][2]))
    assert breaks_off(data[:-1])


@pytest.mark.parametrize("kind", ["mp3", "flac"])
def test_headers_promise_the_length(kind: str):
    promised = promised_seconds(encoded(kind, melody(2.0, FORMATS[kind][2])))
    assert promised is not None
    assert abs(promised - 2.0) < 0.1


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"R",
        b"RIFF",
        b"OggS",
        b"ID3\4\0\0\x7f\x7f\x7f\x7f",
        b"fLaC",
        b"\0\0\0\1ftyp",
        b"#!AMR\n",
        b"\xff",
    ],
)
def test_stumps_are_no_trouble(data: bytes):
    looks_like_audio(data)
    breaks_off(data)
    assert promised_seconds(data) is None


def test_boxes_may_be_long_or_reach_to_the_end():
    box = b"\0\0\0\x10ftypM4A \0\0\0\0"
    long = b"\0\0\0\1mdat" + (24).to_bytes(8, "big") + bytes(8)
    assert not breaks_off(box + long)
    assert breaks_off(box + long[:-1])
    assert not breaks_off(box + b"\0\0\0\0mdat" + bytes(5))
    assert breaks_off(box + b"\0\0\0\3mdat")
