"""What is asked of a begin, as it came, read into an order."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol, TypeVar

from app.campaigns import rules
from app.campaigns.content import Content
from app.core.errors import InvalidError, Item, all_invalid
from app.dispatch.limits import parse_queue_priority
from app.runs.begin_fields import (
    parse_failover,
    parse_individual,
    parse_priority,
    parse_statuses,
)
from app.runs.orders import BeginOrder
from app.runs.schedule_date import parse_schedule
from app.speech.voices import voice_named

T = TypeVar("T")


class Asked(Protocol):
    """The fields of a begin as a client writes them; None: not sent."""

    @property
    def message(self) -> str | None: ...
    @property
    def priority(self) -> Any: ...
    @property
    def voice_input(self) -> str | None: ...
    @property
    def schedule_date(self) -> Any: ...
    @property
    def status(self) -> Any: ...
    @property
    def individual(self) -> Any: ...
    @property
    def sms_message(self) -> str | None: ...
    @property
    def failover_target(self) -> Any: ...
    @property
    def queue_priority(self) -> Any: ...


def read_order(asked: Asked, now: datetime) -> BeginOrder:
    """The order in `asked` less its audio; one InvalidError for all that is wrong with it."""
    faults: list[Item] = []

    def parsed(parse: Callable[[Any], T], value: Any) -> T | None:
        try:
            return parse(value)
        except InvalidError as error:
            faults.extend(error.items)
            return None

    content = Content(
        message=parsed(rules.check_message, asked.message or ""),
        first=parsed(parse_priority, asked.priority),
        voice=parsed(_voice, asked.voice_input),
        sms_message=parsed(_sms_message, asked.sms_message or ""),
        failover=parsed(parse_failover, asked.failover_target),
    )
    order = BeginOrder(
        content,
        schedule_date=parsed(lambda value: parse_schedule(value, now), asked.schedule_date),
        statuses=parsed(parse_statuses, asked.status),
        individual=parsed(parse_individual, asked.individual),
        queue_priority=parsed(parse_queue_priority, asked.queue_priority),
    )
    named = {(fault.field or "").partition(".")[0] for fault in faults}
    faults += [blank for blank in _blanks(asked, order) if blank.field not in named]
    if faults:
        raise all_invalid(faults)
    return order


def _blanks(asked: Asked, order: BeginOrder) -> list[Item]:
    """Fields that were sent and say nothing.

    Such a blank is a mistake of the client's, and one that would have everybody called, or at once.
    """
    instead = {
        "message": "the campaign's own message",
        "schedule_date": "a begin at once",
        "status": "a run of all recipients",
        "individual": "a run of all recipients",
        "sms_message": "the campaign's own text",
        "failover_target": "the campaign's own",
    }
    content = order.content
    read = {
        "message": content.message,
        "schedule_date": order.schedule_date,
        "status": order.statuses,
        "individual": order.individual,
        "sms_message": content.sms_message,
        "failover_target": content.failover,
    }
    return [
        Item(field, "empty", f"{field} is empty; leave the field out for {meant}.")
        for field, meant in instead.items()
        if getattr(asked, field) is not None and read[field] is None
    ]


def _sms_message(value: str) -> str | None:
    return rules.check_message(value, "sms_message")


def _voice(value: str | None) -> str | None:
    return voice_named(value).name if value else None
