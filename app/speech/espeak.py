"""eSpeak NG behind the `Engine` protocol, through its C library (`speak_lib.h` of version 1.52).

The library keeps global state: two threads in it at once crash the process. So it is loaded in worker processes
that speak one text at a time (`app.speech.pool`).
"""

import ctypes
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import espeakng_loader

from app.speech.engine import EngineError, NothingSpokenError
from app.speech.pronunciation import respelling
from app.speech.voices import Voice

# Constants of speak_lib.h.
_AUDIO_OUTPUT_SYNCHRONOUS = 2
_INITIALIZE_DONT_EXIT = 0x8000
_EE_OK = 0
_CHARS_UTF8 = (
    1  # plain text: without espeakSSML (0x10) and espeakPHONEMES (0x100), tags and [[...]] are just text
)
_POS_CHARACTER = 1
_RATE, _VOLUME, _PITCH = 1, 2, 3
_APART = ord("_") << 8  # phoneme mode: mnemonics, with this character between them
_FULL_VOLUME = 80  # leaves headroom; the result is levelled afterwards
_RATES = range(80, 451)

_LONGEST_TEXT = 2000
"""Characters handed over at once; the rest follows in further pieces."""
_LONGEST_HOME = 130
"""Characters of the data path; the library copies it, with a file name behind, into 160 bytes (N_PATH_HOME)."""

_SENTENCE_END = re.compile(r"(?<=[।.?!])\s+")


class _VoiceRecord(ctypes.Structure):
    """`espeak_VOICE`."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_char_p),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("reserved", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class Espeak:
    """The engine that comes with the product. One per process."""

    name = "espeak"

    def __init__(self) -> None:
        """Load the library and its data.

        Raises:
            EngineError: either is missing or of another version.
        """
        self._pieces: list[bytes] = []
        self._library = _load()
        self._rate = self._initialise()
        self._receive = _Callback(self._collect)  # kept: the library holds only its address
        self._library.espeak_SetSynthCallback(self._receive)
        self._selected: Voice | None = None
        info = str(self._library.espeak_Info(None).decode())
        self.version = f"{info} pronunciation {respelling.VERSION}"

    def check(self, voice: Voice) -> None:
        self._select(voice)

    def synthesize(self, text: str, voice: Voice) -> tuple[bytes, int]:
        self._select(voice)
        self._pieces.clear()
        for piece in _split(respelling.respelt(text)):
            self._speak(piece)
        pcm = b"".join(self._pieces)
        self._pieces.clear()
        if not pcm:
            raise NothingSpokenError("eSpeak NG returned no sound for this text")
        return pcm, self._rate

    def phonemes(self, text: str, voice: Voice) -> list[str]:
        """The library's phoneme mnemonics for `text` exactly as it stands, stress marks in front of them."""
        self._select(voice)
        buffer = ctypes.create_string_buffer(text.encode())
        rest = ctypes.c_char_p(ctypes.addressof(buffer))
        found: list[str] = []
        while rest.value is not None:
            clause = self._library.espeak_TextToPhonemes(ctypes.byref(rest), _CHARS_UTF8, _APART)
            found += re.split("[_ ]+", (clause or b"").decode().strip())
        return [mnemonic for mnemonic in found if mnemonic]

    def _initialise(self) -> int:
        # DONT_EXIT: without it, missing data would end the whole process by exit(1).
        rate = int(
            self._library.espeak_Initialize(
                _AUDIO_OUTPUT_SYNCHRONOUS, 0, os.fsencode(_data_home()), _INITIALIZE_DONT_EXIT
            ),
        )
        if rate <= 0:
            raise EngineError(
                f"eSpeak NG did not start (error {rate}); is the package espeakng-loader complete?"
            )
        return rate

    def _select(self, voice: Voice) -> None:
        if voice == self._selected:
            return
        wanted = f"{voice.language}+{voice.variant}"
        if self._library.espeak_SetVoiceByName(wanted.encode()) != _EE_OK:
            raise EngineError(f"eSpeak NG knows no voice {wanted!r} (for {voice.name})")
        current = self._library.espeak_GetCurrentVoice().contents
        # An unknown variant is no error to the library: it says "ok" and speaks in the language's plain voice.
        if not (current.identifier or b"").decode().endswith(wanted):
            raise EngineError(f"eSpeak NG has no variant {voice.variant!r} (for {voice.name})")
        if voice.rate not in _RATES:
            raise EngineError(f"rate {voice.rate} of {voice.name} is outside 80 to 450 words a minute")
        for parameter, value in ((_RATE, voice.rate), (_VOLUME, _FULL_VOLUME), (_PITCH, voice.pitch)):
            if self._library.espeak_SetParameter(parameter, value, 0) != _EE_OK:
                raise EngineError(f"eSpeak NG refused parameter {parameter} = {value} of {voice.name}")
        self._selected = voice

    def _speak(self, text: str) -> None:
        data = text.encode() + b"\0"
        outcome = self._library.espeak_Synth(data, len(data), 0, _POS_CHARACTER, 0, _CHARS_UTF8, None, None)
        if outcome != _EE_OK:
            raise EngineError(f"eSpeak NG failed with error {outcome}")

    def _collect(self, samples: Any, count: int, _events: Any) -> int:
        if samples and count > 0:
            self._pieces.append(ctypes.string_at(samples, count * 2))
        return 0  # 0: go on


def _load() -> Any:
    """The library with the signatures that are used."""
    try:
        library = ctypes.CDLL(espeakng_loader.get_library_path())
    except OSError as error:
        raise EngineError(f"the eSpeak NG library cannot be loaded: {error}") from error
    library.espeak_Initialize.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_char_p, ctypes.c_int)
    library.espeak_SetSynthCallback.argtypes = (_Callback,)
    library.espeak_SetSynthCallback.restype = None
    library.espeak_Info.argtypes = (ctypes.c_void_p,)
    library.espeak_Info.restype = ctypes.c_char_p
    library.espeak_SetVoiceByName.argtypes = (ctypes.c_char_p,)
    library.espeak_GetCurrentVoice.restype = ctypes.POINTER(_VoiceRecord)
    library.espeak_SetParameter.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_int)
    library.espeak_TextToPhonemes.argtypes = (ctypes.POINTER(ctypes.c_char_p), ctypes.c_int, ctypes.c_int)
    library.espeak_TextToPhonemes.restype = ctypes.c_char_p
    library.espeak_Synth.argtypes = (
        ctypes.c_char_p,
        ctypes.c_size_t,
        ctypes.c_uint,
        ctypes.c_int,
        ctypes.c_uint,
        ctypes.c_uint,
        ctypes.c_void_p,
        ctypes.c_void_p,
    )
    return library


def _data_home() -> Path:
    """The data folder under a name short enough for the library.

    A longer one would be cut silently; a descriptor that stays open gives every folder a short name on Linux.
    """
    folder = Path(espeakng_loader.get_data_path())
    if len(os.fsencode(folder)) <= _LONGEST_HOME:
        return folder
    return Path(f"/proc/self/fd/{os.open(folder, os.O_RDONLY | os.O_DIRECTORY)}")


def _split(text: str) -> Iterator[str]:
    """`text` in pieces of at most `_LONGEST_TEXT` characters, at sentence ends, else spaces, else anywhere."""
    piece = ""
    for sentence in _SENTENCE_END.split(text):
        if piece and len(piece) + 1 + len(sentence) > _LONGEST_TEXT:
            yield piece
            piece = ""
        piece = f"{piece} {sentence}" if piece else sentence
        while len(piece) > _LONGEST_TEXT:
            space = piece.rfind(" ", 0, _LONGEST_TEXT)
            cut = space if space > 0 else _LONGEST_TEXT
            yield piece[:cut]
            piece = piece[cut:].lstrip()
    if piece:
        yield piece
