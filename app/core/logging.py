"""Structured logs: one event a line, values apart from the text so that no value can forge a line."""

import logging
import sys
from typing import TextIO

import structlog

TRAIL = "trail"
"""Logger of `app.core.trail`, whose lines are written whatever the level."""


def configure_logging(level: str, style: str) -> None:
    """Set up structlog and the standard library's loggers for this process.

    Args:
        level: debug, info, warning or error.
        style: ``json`` for machines, ``console`` for people.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    last: structlog.typing.Processor = _as_json if style == "json" else _for_people
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # arq reports each job at info (two lines a call), baresip each call: the calls' own log says it better. Alembic
    # reports its own imports.
    for chatty in ("arq.worker", "baresip", "uvicorn.access", "httpx", "alembic.runtime.plugins"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, logging.getLevelName(level.upper())))
    logging.getLogger(TRAIL).setLevel(logging.INFO)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


_json = structlog.processors.JSONRenderer(ensure_ascii=False)
_console = structlog.dev.ConsoleRenderer(colors=False)

# What a terminal obeys or takes for the end of a line, and what turns text round: ASCII and Latin-1 controls, the
# separators of lines and paragraphs, marks of direction. Shown by their code instead.
_UNSEEN = {
    code: f"\\u{code:04x}"
    for code in (
        *range(32),
        *range(0x7F, 0xA0),
        0x2028,
        0x2029,
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
    )
}
_UNSEEN_BUT_NEWLINES = {code: shown for code, shown in _UNSEEN.items() if code != ord("\n")}


def _as_json(logger: structlog.typing.WrappedLogger, name: str, event: structlog.typing.EventDict) -> str:
    # JSON itself escapes the ASCII ones; the others stand only inside its strings, where a code means the same.
    return str(_json(logger, name, event)).translate(_UNSEEN)


def _for_people(logger: structlog.typing.WrappedLogger, name: str, event: structlog.typing.EventDict) -> str:
    # A logged text must not begin a line of its own: it could pass for another event.
    event["event"] = str(event.get("event", "")).translate(_UNSEEN)
    if "exception" in event:
        event["exception"] = "    " + str(event["exception"]).replace("\n", "\n    ")
    return str(_console(logger, name, event)).translate(_UNSEEN_BUT_NEWLINES)


def write_line(stream: TextIO, style: str, logger: str, event: str, values: dict[str, object]) -> None:
    """Write one line to `stream` alone, for a command whose standard error is for people."""
    last = _as_json if style == "json" else _for_people
    processors: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        last,
    ]
    structlog.wrap_logger(structlog.WriteLogger(stream), processors=processors).info(
        event, logger=logger, **values
    )


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger whose events are snake_case names with values beside them."""
    logger: structlog.stdlib.BoundLogger = structlog.get_logger(name)
    return logger
