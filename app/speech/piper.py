"""Piper voices: a local ``.onnx`` file with its ``.onnx.json`` beside it; needs the package ``piper-tts``.

A voice of this engine names the file as its `variant`.
"""

import hashlib
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from app.speech.engine import EngineError, NothingSpokenError
from app.speech.voices import Voice

_USUAL_RATE: Final = 150


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
        self._loaded: dict[str, Any] = {}
        self.version = str(getattr(self._package, "__version__", "1"))

    def check(self, voice: Voice) -> None:
        self._model(voice)

    def synthesize(self, text: str, voice: Voice) -> tuple[bytes, int]:
        settings = self._package.SynthesisConfig(length_scale=_USUAL_RATE / voice.rate)
        try:
            chunks = list(self._model(voice).synthesize(text, syn_config=settings))
        except (RuntimeError, ValueError) as error:
            raise EngineError(f"Piper failed: {error}") from error
        pcm = b"".join(chunk.audio_int16_bytes for chunk in chunks)
        if not pcm:
            raise NothingSpokenError("Piper returned no sound for this text")
        return pcm, int(chunks[0].sample_rate)

    def _model(self, voice: Voice) -> Any:
        path = Path(voice.variant)
        if voice.variant not in self._loaded:
            if not path.is_file() or not Path(f"{path}.json").is_file():
                raise EngineError(f"{voice.name} needs the files {path} and {path.name}.json")
            try:
                self._loaded[voice.variant] = self._package.PiperVoice.load(str(path))
            except Exception as error:
                raise EngineError(f"{path} is no Piper voice: {error}") from error
            digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
            self.version = f"{self.version} {digest}"
        return self._loaded[voice.variant]
