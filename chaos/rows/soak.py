"""Row 14: hours of calls, and nothing that grows."""

import time
from statistics import median

import redis.asyncio as redis

from chaos.campaign import Begun, begin, finish
from chaos.memory import Held, held_by_parts
from chaos.rig import Rig
from chaos.rows.drains import MESSAGE
from chaos.scale import Scale
from chaos.witness import LISTENS, Numbers, Report, judge

AT_ONCE = 50
_SETTLED_S = 600.0
_QUICK_SETTLED_S = 12.0
_GROWTH = 0.05
# In seconds nothing settles: there only what leaks with each call would show.
_QUICK_GROWTH = 0.25
_PER_RUN = 1_500
_QUICK_PER_RUN = 60
_TOLERATED_FILES = 12
_TOLERATED_KEYS = 20


async def soak(rig: Rig, numbers: Numbers, scale: Scale, minutes: float) -> Report:
    """Row 14: `AT_ONCE` calls at once for so many minutes; memory is compared from the tenth minute on."""
    report = Report()
    others = rig.lines[1:]
    await rig.hold_down(*others)
    await rig.restart(rig.lines[0], TINGTING_LINE_PLACES=str(AT_ONCE))
    keys = await _keys(rig)
    started, graves = time.monotonic(), len(rig.graves)
    settled_s = _QUICK_SETTLED_S if scale.quick else min(_SETTLED_S, minutes * 60 / 3)
    seen: list[dict[str, Held]] = []
    runs: list[Begun] = []
    while time.monotonic() - started < minutes * 60:
        runs.append(
            await begin(
                rig, numbers.take(_QUICK_PER_RUN if scale.quick else _PER_RUN, [LISTENS]), message=MESSAGE
            )
        )
        await finish(rig, runs[-1], within_s=1200)
        if time.monotonic() - started > settled_s or not seen:
            seen.append(held_by_parts(rig))
    for run in runs:
        part = Report()
        await judge(rig, run.run_id, run.numbers, part)
        report.broken += part.broken
    report.figures.update({"minutes": round(minutes, 1), "calls": sum(len(run.numbers) for run in runs)})
    _nothing_grew(seen[1:] if len(seen) > 2 else seen, _QUICK_GROWTH if scale.quick else _GROWTH, report)
    await _nothing_left(rig, report, keys)
    report.must(len(rig.graves) == graves, f"parts that died: {rig.graves[graves:][:5]}")
    rig.settings.pop("TINGTING_LINE_PLACES")
    rig.let_up(*others)
    await rig.restart(*rig.lines)
    return report


def _nothing_grew(seen: list[dict[str, Held]], most: float, report: Report) -> None:
    """The last third of the looks against the first."""
    third = max(1, len(seen) // 3)
    for part in seen[0]:
        first, last = (
            [look[part] for look in looks if part in look] for looks in (seen[:third], seen[-third:])
        )
        before, after = median(h.memory_kib for h in first), median(h.memory_kib for h in last)
        growth = after / before - 1 if before else 0.0
        report.figures[f"% growth of {part}"] = round(100 * growth, 1)
        report.must(growth < most, f"{part} grew by {100 * growth:.1f} % to {after // 1024:.0f} MiB")
        files = median(h.files for h in last) - median(h.files for h in first)
        report.must(files <= _TOLERATED_FILES, f"{part} holds {files:.0f} more files and sockets")
        processes = last[-1].processes - first[0].processes
        report.must(processes == 0, f"{part} has {processes} more processes")


async def _keys(rig: Rig) -> int:
    client: redis.Redis = redis.Redis.from_url(rig.valkey.url())
    try:
        return int(await client.dbsize())
    finally:
        await client.aclose()


async def _nothing_left(rig: Rig, report: Report, keys: int) -> None:
    """No call holds a place, no transaction a row, no job a key."""
    held = await rig.fetch("SELECT count(*) AS n FROM calls WHERE status BETWEEN 1 AND 4")
    locks = await rig.fetch(
        "SELECT count(*) AS n FROM pg_locks JOIN pg_stat_activity USING (pid) "
        "WHERE application_name LIKE 'tingting%' AND state = 'idle in transaction' "
        "AND now() - state_change > interval '5 s'"
    )
    more = await _keys(rig) - keys
    report.figures.update({"calls that hold a place": held[0]["n"], "row locks left": locks[0]["n"]})
    report.figures["more keys in Redis"] = more
    report.must(held[0]["n"] == 0, f"{held[0]['n']} calls hold a place")
    report.must(locks[0]["n"] == 0, f"{locks[0]['n']} locks are left")
    report.must(more < _TOLERATED_KEYS, f"{more} more keys are left in Redis")
