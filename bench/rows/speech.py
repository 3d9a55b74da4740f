"""Personal messages to ready-to-send sound, beside eSpeak NG alone on the same words."""

import asyncio
import time
from collections.abc import Sequence
from itertools import count
from pathlib import Path

from app.files.blobs import BlobStore
from app.speech.espeak import Espeak
from app.speech.normalise import spoken
from app.speech.pool import SpeechPool
from app.speech.service import Speech
from app.speech.voices import voice_named
from bench.figures import Figure, middle
from bench.seed import NAMES
from bench.stage import Stage, tree_cpu_s

_VOICE = "np_rija"
_MESSAGES = 120
_ROUNDS = 3
_CACHE_BYTES = 10**9
_READINGS = 20
_COPIES = 40
_DENSE = (
    "नमस्ते, तपाईंको खाता ****1234 मा रु १ लाख ५० हजार जम्मा भयो। मौज्दात रु 12,345.67 Cr (मिति २०८२/०४/१५, समय:10:30 बजे)। "
    "आ.व. ०८१/८२ को कर च.नं. ५-०२-०८१ अनुसार बुझाउनुहोस्। ५ मि.ली. औषधि, O-ve रगत। सम्पर्क 9800000001, 01-4200000। "
)
_serial = count(1)


async def measure(stage: Stage) -> list[Figure]:
    """Messages a second of one process, and the processor time of a message with two."""
    messages = min(_MESSAGES, max(20, stage.size // 500))
    rates, costs = [], []
    engine = Espeak()
    for _ in range(_ROUNDS):
        texts = personal(messages)
        alone = messages / await asyncio.to_thread(alone_s, engine, texts)
        wall_s, one_cpu = await pool_s(stage.folder, texts, 1)
        _, two_cpu = await pool_s(stage.folder, personal(messages), 2)
        rates.append((messages / wall_s, alone))
        costs.append((two_cpu * 1000 / messages, one_cpu * 1000 / messages))
    ours, limit = middle(rates)
    two, one = middle(costs)
    return [
        Figure("personal messages spoken, one process", ours, limit, "messages/s", 0.7, at_least=True),
        *reading(),
        Figure("processor time of a message, two processes against one", two, one, "ms", 1.1, at_least=False),
    ]


def reading() -> list[Figure]:
    """What normalising costs for each hundred characters, and of forty messages in one against one alone."""
    one = min(_read_ms(_DENSE) for _ in range(_READINGS))
    many = min(_read_ms(_DENSE * _COPIES) for _ in range(_READINGS))
    return [
        Figure("normalising 100 characters", one, None, "ms", 1.0, at_least=False),
        Figure(
            "normalising 100 characters of a text forty times as long", many, one, "ms", 1.3, at_least=False
        ),
    ]


def _read_ms(text: str) -> float:
    """Processor milliseconds for each hundred characters."""
    began = time.process_time()
    spoken(text)
    return (time.process_time() - began) * 1000 / (len(text) / 100)


def personal(messages: int) -> list[str]:
    """Texts that nobody has been told yet, with a name, an amount and a date."""
    return [
        f"नमस्ते {NAMES[n % len(NAMES)]} जी, तपाईंको बाँकी रकम रु {1000 + n * 7} हो, कृपया 2026-12-01 सम्ममा बुझाउनुहोस्।"
        for n in (next(_serial) for _ in range(messages))
    ]


def alone_s(engine: Espeak, texts: Sequence[str]) -> float:
    """Seconds of synthesis alone, in this process, of words that were normalised before.

    One engine for every round: the library, begun again in the same process, has crashed.
    """
    voice = voice_named(_VOICE)
    words = [spoken(text) for text in texts]
    began = time.monotonic()
    for text in words:
        engine.synthesize(text, voice)
    return time.monotonic() - began


async def pool_s(folder: Path, texts: Sequence[str], processes: int) -> tuple[float, float]:
    """Wall and processor seconds of all that makes sound of the texts, the cache included."""
    store = folder / f"speech-{next(_serial)}"
    store.mkdir()
    pool = SpeechPool(processes)
    speech = Speech(pool, BlobStore.open(str(store)), _CACHE_BYTES)
    await speech.start()
    try:
        before = _cpu_s(pool)
        began = time.monotonic()
        await asyncio.gather(*(speech.say(text, _VOICE) for text in texts))
        return time.monotonic() - began, _cpu_s(pool) - before
    finally:
        await speech.close()


def _cpu_s(pool: SpeechPool) -> float:
    return time.process_time() + sum(tree_cpu_s(pid) for pid in (*pool.process_ids, pool.reader_id))
