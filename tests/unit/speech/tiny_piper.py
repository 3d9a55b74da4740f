"""A Piper model of a few bytes, written as ONNX by hand: each speaker is a tone of its own."""

import json
import struct
from pathlib import Path

import numpy as np

RATE = 22_050
_FLOAT, _INT64 = 1, 7


def write_model(path: Path, tones: list[int], *, told: int | None = None) -> Path:
    """A model whose speakers hum at `tones`, in Hz; `told` is the count in its .json, when that is to be wrong."""
    seconds = np.arange(RATE) / RATE
    waves = np.stack([0.5 * np.sin(2 * np.pi * tone * seconds) for tone in tones]).astype("<f4")
    table = b"".join(
        (_int(1, len(tones)), _int(1, RATE), _int(2, _FLOAT), _text(8, "waves"), _part(9, waves.tobytes()))
    )
    node = b"".join((_text(1, "waves"), _text(1, "sid"), _text(2, "output"), _text(4, "Gather")))
    inputs = {"input": _INT64, "input_lengths": _INT64, "scales": _FLOAT, "sid": _INT64}
    graph = _part(1, node) + _text(2, "tones") + _part(5, table)
    graph += b"".join(_part(11, _value(name, kind)) for name, kind in inputs.items())
    graph += _part(12, _value("output", _FLOAT))
    # ModelProto: ir_version 1, graph 7, opset_import 8 (onnx.proto).
    path.write_bytes(_int(1, 8) + _part(7, graph) + _part(8, _text(1, "") + _int(2, 13)))
    config = {
        "audio": {"sample_rate": RATE},
        "espeak": {"voice": "ne"},
        "phoneme_type": "espeak",
        "num_symbols": 3,
        "num_speakers": len(tones) if told is None else told,
        "phoneme_id_map": {"_": [0], "^": [1], "$": [2]},
        "speaker_id_map": {},
    }
    Path(f"{path}.json").write_text(json.dumps(config))
    return path


def tone_of(pcm: bytes) -> float:
    """The loudest frequency of 16-bit mono PCM, Hz."""
    samples = np.frombuffer(pcm, "<i2").astype(float)
    return float(np.argmax(np.abs(np.fft.rfft(samples))) * RATE / len(samples))


def _value(name: str, kind: int) -> bytes:
    return _text(1, name) + _part(2, _part(1, _int(1, kind)))


def _int(field: int, value: int) -> bytes:
    return bytes([field << 3]) + _varint(value)


def _text(field: int, value: str) -> bytes:
    return _part(field, value.encode())


def _part(field: int, value: bytes) -> bytes:
    return bytes([field << 3 | 2]) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    found = b""
    while value > 0x7F:
        found += struct.pack("B", value & 0x7F | 0x80)
        value >>= 7
    return found + struct.pack("B", value)
