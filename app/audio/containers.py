"""What a file is by its first bytes, and whether its end is missing.

Decoders play what there is and say nothing about the rest: an upload that broke off would be played to thousands
with its last sentence missing. Each format tells in its own way how long it ought to be.

Sources: RIFF/WAVE (Microsoft multimedia standards update 3.0), RFC 3533 (Ogg), ISO/IEC 14496-12 (boxes),
RFC 4867 section 5 (AMR storage), RFC 9639 section 8.2 (FLAC STREAMINFO), the LAME tag specification (Xing/Info).
"""

import struct
from typing import Final

_AMR_SIZES: Final = (12, 13, 15, 17, 19, 20, 26, 31, 5)
_AMR_WB_SIZES: Final = (17, 23, 32, 36, 40, 46, 50, 58, 60, 5)
_OGG_HEADER: Final = 27
_UNKNOWN_SIZES: Final = frozenset({0, 0xFFFFFFFF})  # written by recorders that cannot seek back
_XING_WITHIN: Final = 4096


def looks_like_audio(data: bytes) -> bool:
    """Whether `data` begins as one of the formats that are read; what follows may still be damaged."""
    return (
        data[:4] in {b"RIFF", b"fLaC", b"OggS"}
        or data[:3] == b"ID3"
        or data[4:8] == b"ftyp"
        or data[:5] == b"#!AMR"
        or (len(data) > 1 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0)
    )


def breaks_off(data: bytes) -> bool:
    """Whether the container announces more bytes than there are."""
    if data[:4] == b"RIFF":
        return _riff_breaks_off(data)
    if data[:4] == b"OggS":
        return _ogg_breaks_off(data)
    if data[4:8] == b"ftyp":
        return _boxes_break_off(data)
    if data[:5] == b"#!AMR":
        return _amr_breaks_off(data)
    return False


def promised_seconds(data: bytes) -> float | None:
    """The length that the header of a FLAC or MP3 file promises; None when it promises none."""
    if data[:4] == b"fLaC" and len(data) >= 26:
        packed = int.from_bytes(data[18:26], "big")
        rate, samples = packed >> 44, packed & 0xFFFFFFFFF
        return samples / rate if rate and samples else None
    return _xing_seconds(data)


def _riff_breaks_off(data: bytes) -> bool:
    place = 12
    while place + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, place)
        if name == b"data":
            return size not in _UNKNOWN_SIZES and place + 8 + size > len(data)
        place += 8 + size + size % 2
    return True


def _ogg_breaks_off(data: bytes) -> bool:
    place = 0
    while place < len(data):
        if data[place : place + 4] != b"OggS" or place + _OGG_HEADER > len(data):
            return place + _OGG_HEADER > len(
                data
            )  # something else behind the last page is the decoder's business
        segments = data[place + 26]
        lacing = data[place + _OGG_HEADER : place + _OGG_HEADER + segments]
        place += _OGG_HEADER + segments + sum(lacing)
    return place > len(data)


def _boxes_break_off(data: bytes) -> bool:
    place = 0
    while place + 8 <= len(data):
        size = int.from_bytes(data[place : place + 4], "big")
        if size == 1 and place + 16 <= len(data):
            size = int.from_bytes(data[place + 8 : place + 16], "big")
        if size == 0:  # up to the end of the file
            return False
        if size < 8:
            return True
        place += size
    return place > len(data)


def _amr_breaks_off(data: bytes) -> bool:
    wide = data.startswith(b"#!AMR-WB\n")
    sizes, place = (_AMR_WB_SIZES, 9) if wide else (_AMR_SIZES, 6)
    while place < len(data):
        kind = data[place] >> 3 & 0x0F
        place += 1 + (sizes[kind] if kind < len(sizes) else 0)
    return place > len(data)


def _xing_seconds(data: bytes) -> float | None:
    start = 0
    if data[:3] == b"ID3" and len(data) >= 10:
        size = 0
        for byte in data[6:10]:
            size = size << 7 | byte & 0x7F
        start = 10 + size
    head = data[start : start + _XING_WITHIN]
    place = max(head.find(b"Xing"), head.find(b"Info"))
    if place < 4 or len(head) < place + 12 or head[0] != 0xFF or not head[place + 7] & 1:
        return None
    version = head[1] >> 3 & 3  # 3: MPEG 1, 2: MPEG 2, 0: MPEG 2.5
    rate_index = head[2] >> 2 & 3
    if version == 1 or rate_index == 3:
        return None
    rate = (44100, 48000, 32000)[rate_index] >> {3: 0, 2: 1, 0: 2}[version]
    frames = int.from_bytes(head[place + 8 : place + 12], "big")
    return frames * (1152 if version == 3 else 576) / rate
