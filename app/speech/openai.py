"""Any server with ``POST /v1/audio/speech``, as the OpenAI API describes it (audio reference, "Create speech").

A voice of this engine names the server's voice as its `variant`. The rate goes over as ``speed``, 150 words a minute
being 1.
"""

import hashlib
import time
from typing import Final

import httpx

from app.speech.engine import EngineError, EngineOptions, EngineUnavailableError, NothingSpokenError
from app.speech.voices import Voice
from app.speech.wav import mono_pcm

_PATH: Final = "/v1/audio/speech"
_CONNECT_S: Final = 3.0
_TRIES: Final = 2
_PAUSE_S: Final = 0.3
_LARGEST_ANSWER: Final = 64 * 1024**2
_USUAL_RATE: Final = 150
_SPEEDS: Final = (0.25, 4.0)
_TRY_AGAIN: Final = frozenset({408, 429, 500, 502, 503, 504})


class OpenAi:
    """One per process; keeps its connection."""

    name = "openai"

    def __init__(self, options: EngineOptions) -> None:
        """Nothing is sent yet: a server that is down when we start may be up when it is needed.

        Raises:
            EngineError: no address is set.
        """
        if not options.url.startswith(("http://", "https://")):
            raise EngineError("a voice uses the engine openai, but TINGTING_SPEECH_URL names no server")
        headers = {"Authorization": f"Bearer {options.key}"} if options.key else {}
        timeout = httpx.Timeout(options.timeout_s, connect=min(_CONNECT_S, options.timeout_s))
        self._client = httpx.Client(headers=headers, timeout=timeout, follow_redirects=False)
        self._url = options.url.rstrip("/").removesuffix("/v1") + _PATH
        self._model = options.model
        self.version = hashlib.sha256(f"{self._url} {self._model}".encode()).hexdigest()[:16]

    def check(self, voice: Voice) -> None:
        if not voice.variant:
            raise EngineError(f"{voice.name} names no voice of the speech server")

    def synthesize(self, text: str, voice: Voice) -> tuple[bytes, int]:
        low, high = _SPEEDS
        order = {
            "model": self._model,
            "voice": voice.variant,
            "input": text,
            "response_format": "wav",
            "speed": min(high, max(low, voice.rate / _USUAL_RATE)),
        }
        try:
            pcm, rate = mono_pcm(self._asked(order))
        except ValueError as error:
            raise EngineUnavailableError(f"the speech server's answer cannot be used: {error}") from error
        if not pcm:
            raise NothingSpokenError("the speech server returned no sound for this text")
        return pcm, rate

    def _asked(self, order: dict[str, object]) -> bytes:
        reason = ""
        for attempt in range(_TRIES):
            if attempt:
                time.sleep(_PAUSE_S)
            try:
                with self._client.stream("POST", self._url, json=order) as answer:
                    if answer.status_code == httpx.codes.OK:
                        return _body(answer)
                    reason = f"status {answer.status_code}"
                    if answer.status_code not in _TRY_AGAIN:
                        break
            except httpx.HTTPError as error:
                reason = type(error).__name__
        raise EngineUnavailableError(f"the speech server did not speak: {reason}")


def _body(answer: httpx.Response) -> bytes:
    parts: list[bytes] = []
    size = 0
    for part in answer.iter_bytes():
        size += len(part)
        if size > _LARGEST_ANSWER:
            message = f"it is over {_LARGEST_ANSWER // 1024**2} MiB"
            raise ValueError(message)
        parts.append(part)
    return b"".join(parts)
