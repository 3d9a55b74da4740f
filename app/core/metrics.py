"""What a process counts for Prometheus; `app.core.vitals_page` serves it."""

from prometheus_client import Counter, Gauge, Histogram

CALLS_ENDED = Counter("tingting_calls_ended", "Calls and messages that ended here.", ("status", "reason"))
CALLS_PASSED_ON = Counter(
    "tingting_calls_passed_on",
    "Calls that the trunk here did not take and that were left to another.",
    ("reason",),
)
RECEIVED = Counter(
    "tingting_messages_received",
    "What message centres sent by themselves: receipts that are final, on the way or unreadable, and messages to us.",
    ("kind",),
)
MESSAGES_PUT_OFF = Counter(
    "tingting_messages_put_off",
    "Messages that the centre refused for now, or that never left, by its status; each is tried again.",
    ("status",),
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
CONNECTIONS = Gauge("tingting_connections", "Open connections of clients.")
CONNECTIONS_CUT = Counter(
    "tingting_connections_limited",
    "Times that a limit on connections or on the head of a request was met.",
    ("reason",),
)
REQUEST_SECONDS = Histogram(
    "tingting_request_seconds",
    "Time from a request's head to the end of its answer.",
    ("method", "route", "status"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 60),
)
PART_OK = Gauge(
    "tingting_part_ok", "Whether what the process stands on works, as it saw last: 1 or 0.", ("part",)
)
