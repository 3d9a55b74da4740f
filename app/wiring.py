"""The one place where parts are put together from the settings."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from arq.connections import ArqRedis
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.clock import Clock, SystemClock
from app.core.errors import InvalidError
from app.core.settings import Settings
from app.db.engine import Sessions, make_engine, make_sessions
from app.files.blobs import BlobStore
from app.queue.queue import Queue
from app.queue.redis import open_redis
from app.speech.engine import EngineOptions
from app.speech.pool import SpeechPool
from app.speech.service import Speech
from app.speech.voices import Voice, voice_named, with_engines


@dataclass(frozen=True, slots=True)
class Parts:
    """What a process works with; opened once, shared by all that runs in it."""

    settings: Settings
    clock: Clock
    engine: AsyncEngine
    sessions: Sessions
    redis: ArqRedis
    queue: Queue
    blobs: BlobStore
    speech: Speech


def blob_location(settings: Settings) -> str:
    """The blob store's URL or folder; by default `blobs` in the data folder, which is made."""
    if settings.blob_url:
        return settings.blob_url
    folder = Path(settings.home).resolve() / "blobs"
    folder.mkdir(parents=True, exist_ok=True)
    return str(folder)


def voices_of(settings: Settings) -> Mapping[str, Voice]:
    """Every voice with its engine, by name.

    Raises:
        ValueError: TINGTING_SPEECH_VOICES cannot be read, or TINGTING_DEFAULT_VOICE names no voice.
    """
    try:
        voice_named(settings.default_voice)
    except InvalidError as error:
        message = f"TINGTING_DEFAULT_VOICE is {settings.default_voice!r}. {error.items[0].message}"
        raise ValueError(message) from error
    return with_engines(settings.speech_voices)


def make_speech(settings: Settings, blobs: BlobStore) -> Speech:
    """The speech service as set; nothing is started.

    Raises:
        ValueError: as `voices_of`.
    """
    voices = voices_of(settings)
    options = EngineOptions(
        url=settings.speech_url,
        key=settings.speech_key.get_secret_value() if settings.speech_key else "",
        model=settings.speech_model,
        timeout_s=settings.speech_timeout_s,
    )
    pool = SpeechPool(settings.speech_processes, voices=voices.values(), options=options)
    return Speech(
        pool, blobs, settings.speech_cache_bytes, voices=voices, elsewhere_at_once=settings.speech_at_once
    )


@asynccontextmanager
async def open_parts(
    settings: Settings,
    *,
    application: str,
    speech: bool = True,
    pool_size: int = 10,
    clock: Clock | None = None,
) -> AsyncIterator[Parts]:
    """Open everything a process needs, and close it in the reverse order.

    Args:
        settings: of this process.
        application: name of the process, seen in ``pg_stat_activity``.
        speech: whether the process speaks; without, its speech processes are not started.
        pool_size: database connections kept.
        clock: the machine's by default; tests travel with another.

    Raises:
        ValueError: a setting that is required is missing, or a secret is one that others may guess.
        OUTAGES: Redis cannot be reached. The database is connected to when first used.
    """
    settings.refuse_weak_secrets()
    async with AsyncExitStack() as stack:
        engine = make_engine(settings.required("database_url"), application=application, pool_size=pool_size)
        stack.push_async_callback(engine.dispose)
        redis = await open_redis(settings.required("redis_url"))
        stack.push_async_callback(redis.aclose)
        blobs = BlobStore.open(blob_location(settings))
        speaker = make_speech(settings, blobs)
        if speech:
            await speaker.start()
            stack.push_async_callback(speaker.close)
        clock = clock or SystemClock()
        sessions, queue = make_sessions(engine), Queue(redis)
        yield Parts(settings, clock, engine, sessions, redis, queue, blobs, speaker)
