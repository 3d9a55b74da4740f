"""What a process counts for Prometheus, and the page that it is read from.

The page has a port of its own, on loopback unless the settings say otherwise: the counts tell strangers how much is
called, and a scraper needs no account.
"""

from prometheus_client import Counter, Gauge, Histogram, start_http_server

from app.core.logging import get_logger

log = get_logger(__name__)

CALLS_ENDED = Counter("tingting_calls_ended", "Calls and messages that ended here.", ("status", "reason"))
CALLS_PASSED_ON = Counter(
    "tingting_calls_passed_on",
    "Calls that the trunk here did not take and that were left to another.",
    ("reason",),
)
STARVED_FRAMES = Counter(
    "tingting_starved_frames",
    "Frames of 20 ms that left without their sound, for a busy machine fed it too late.",
)
LEDGER_GROUP = Histogram(
    "tingting_ledger_group_steps",
    "Steps written by one statement.",
    buckets=(1, 2, 5, 10, 25, 50, 100, 250, 1000),
)
LEDGER_SECONDS = Histogram(
    "tingting_ledger_write_seconds",
    "Time of one group's write with its commit.",
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5),
)
LOOK_SECONDS = Histogram(
    "tingting_look_seconds",
    "Time of one look of the leading dispatcher.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5),
)
CLAIMED = Counter("tingting_calls_claimed", "Calls that this leader gave to lines.", ("channel",))
QUEUED = Gauge(
    "tingting_calls_queued", "Calls of running runs that wait, as the leader saw last.", ("channel",)
)
PLACES = Gauge("tingting_places", "Places of open lines, as the leader saw last.", ("trunk",))
HELD = Gauge("tingting_calls_held", "Calls that lines have in hand, as the leader saw last.", ("trunk",))
REQUEST_SECONDS = Histogram(
    "tingting_request_seconds",
    "Time from a request's head to the end of its answer.",
    ("method", "route", "status"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 60),
)


def serve(host: str, port: int) -> None:
    """Answer ``/metrics`` from a thread, for as long as the process lives; 0 is no port.

    A port that is taken costs the page and not the process: calls matter more than their figures.
    """
    if not port:
        return
    try:
        start_http_server(port, host)
    except OSError as error:
        log.warning("metrics_not_served", host=host, port=port, error=str(error))
    else:
        log.info("metrics_served", host=host, port=port)
