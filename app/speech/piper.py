"""Piper voices: a local ``.onnx`` file with its ``.onnx.json`` beside it; needs the package ``piper-tts``.

A voice of this engine names the file as its `variant`, and behind ``#`` the speaker, where the model has several.
"""

import hashlib
import re
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from app.speech.engine import EngineError, NothingSpokenError
from app.speech.voices import Voice

_USUAL_RATE: Final = 150
_SPEAKER = re.compile(r"(.+)#([0-9]{1,6})", re.DOTALL)
_TRIAL_TEXT = "नमस्ते"


class Piper:
    """One per process; a model is loaded when a voice first needs it, and kept."""

    name = "piper"

    def __init__(self) -> None:
        """Find the package.

        Raises:
            EngineError: it is not installed.
        """
        try:
            self._package: Any = import_module("piper")
        except ImportError as error:
            raise EngineError("a voice uses the engine piper; install the package piper-tts") from error
        self._loaded: dict[Path, Any] = {}
        self.version = str(getattr(self._package, "__version__", "1"))

    def check(self, voice: Voice) -> None:
        path, speaker = _parts(voice)
        known = int(self._model(voice).config.num_speakers)
        if speaker is None:
            return
        if speaker >= known:
            has = f"has the speakers 0 to {known - 1}" if known > 1 else "has one speaker, so leave # out"
            raise EngineError(f"{voice.name} asks for speaker {speaker} of {path}, which {has}")
        # The count stands in the .json; only speaking shows that the .onnx has the speaker.
        self.synthesize(_TRIAL_TEXT, voice)

    def synthesize(self, text: str, voice: Voice) -> tuple[bytes, int]:
        _, speaker = _parts(voice)
        settings = self._package.SynthesisConfig(length_scale=_USUAL_RATE / voice.rate, speaker_id=speaker)
        model = self._model(voice)
        try:
            chunks = list(model.synthesize(text, syn_config=settings))
        except Exception as error:  # those of onnxruntime have no parent of their own
            raise EngineError(f"Piper failed: {error}") from error
        pcm = b"".join(chunk.audio_int16_bytes for chunk in chunks)
        if not pcm:
            raise NothingSpokenError("Piper returned no sound for this text")
        return pcm, int(chunks[0].sample_rate)

    def _model(self, voice: Voice) -> Any:
        """The model of a voice; voices that differ by their speaker share one."""
        path, _ = _parts(voice)
        if path not in self._loaded:
            if not path.is_file() or not Path(f"{path}.json").is_file():
                raise EngineError(f"{voice.name} needs the files {path} and {path.name}.json")
            try:
                self._loaded[path] = self._package.PiperVoice.load(str(path))
            except Exception as error:
                raise EngineError(f"{path} is no Piper voice: {error}") from error
            digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
            self.version = f"{self.version} {digest}"
        return self._loaded[path]


def _parts(voice: Voice) -> tuple[Path, int | None]:
    """The file of a voice, and its speaker if one is named."""
    named = _SPEAKER.fullmatch(voice.variant)
    if named:
        return Path(named[1]), int(named[2])
    path, mark, speaker = voice.variant.rpartition("#")
    if mark and path.endswith(".onnx"):
        message = f"{voice.name} asks for speaker {speaker!r} of {path}; write its number, as in {path}#0"
        raise EngineError(message)
    return Path(voice.variant), None
