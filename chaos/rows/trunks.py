"""Row 12: trunks that are gone, or odd."""

from collections import Counter

from app.local import ports
from chaos.campaign import begin, finish
from chaos.memory import held_by
from chaos.oddpeer import DIGITS, Oddity, OddPeer
from chaos.rig import Rig
from chaos.rows.drains import MESSAGE
from chaos.scale import Scale
from chaos.witness import BUSY, LISTENS, Numbers, Report, judge, outcomes

_GROWTH_KIB = 24 * 1024
_MOST_DIGITS = 64
_EXPECTED: dict[Oddity | None, set[tuple[str, str]]] = {
    None: {("failed", "no_route")},
    Oddity.SILENT: {("failed", "no_route")},
    # The ring timeout of a trial is shorter than SIP's own patience (32 s): a trunk that never rang is no trunk.
    Oddity.TRYING: {("failed", "no_route")},
    Oddity.RINGING: {("unanswered", "declined")},
    Oddity.YES: {("completed", "played")},
    Oddity.GARBAGE: {("failed", "no_route"), ("failed", "carrier_error")},
    Oddity.DIGITS: {("completed", "played")},
}
_QUICK = {None, Oddity.TRYING, Oddity.RINGING, Oddity.DIGITS}


async def odd_trunks(rig: Rig, numbers: Numbers, scale: Scale) -> Report:
    """Row 12: calls end with the right reason, places come back, memory stays."""
    report = Report()
    line, others = rig.lines[0], rig.lines[1:]
    trunk = rig.trunk
    await rig.hold_down(*others)
    for oddity, expected in _EXPECTED.items():
        if scale.quick and oddity not in _QUICK:
            continue
        await _one(rig, numbers, scale, line, oddity, expected, report)
    await rig.restart(line, TINGTING_SIP_TRUNK=trunk)
    rig.let_up(*others)
    await rig.until(lambda: rig.all_up(*rig.lines), "all lines")
    await _still_whole(rig, numbers, report)
    return report


async def _one(
    rig: Rig,
    numbers: Numbers,
    scale: Scale,
    line: str,
    oddity: Oddity | None,
    expected: set[tuple[str, str]],
    report: Report,
) -> None:
    name = oddity.value if oddity else "gone"
    peer = OddPeer(oddity) if oddity else None
    if peer:
        await peer.start()
    port = peer.port if peer else ports.free_port(None, "udp")
    await rig.restart(line, TINGTING_SIP_TRUNK=f"sip:{ports.LOOPBACK}:{port}")
    pid = rig.parts[line].process.pid
    few = oddity is Oddity.DIGITS
    count = 2 if few else scale.times(100, 20)
    # Twice: what the first calls of a process take for good (codecs, caches) is no leak.
    for nth in range(1 if scale.quick else 2):
        run = await begin(rig, numbers.take(count, [LISTENS]), message=MESSAGE * 3 if few else "नमस्ते")
        await finish(rig, run)
        said = Counter(
            (a[-1][0].name.lower(), str(a[-1][1])) for a in (await outcomes(rig, run.run_id)).values()
        )
        wrong = {end: n for end, n in said.items() if end not in expected}
        report.must(not wrong, f"trunk {name}: {wrong}")
        report.must(await _places_back(rig), f"trunk {name}: places are still taken")
        if nth == 0:
            before = held_by(pid).memory_kib
    grown = held_by(pid).memory_kib - before
    report.must(grown <= _GROWTH_KIB, f"trunk {name}: the line grew by {grown // 1024} MiB")
    report.must(rig.parts[line].process.pid == pid, f"trunk {name}: the line died")
    report.figures[f"calls, {name}"] = (1 if scale.quick else 2) * count
    if few:
        await _digits_kept(rig, report)
    if peer:
        peer.close()


async def _places_back(rig: Rig) -> bool:
    rows = await rig.fetch("SELECT count(*) AS n FROM calls WHERE status BETWEEN 1 AND 4")
    return bool(rows[0]["n"] == 0)


async def _digits_kept(rig: Rig, report: Report) -> None:
    rows = await rig.fetch("SELECT coalesce(max(length(digits)), 0) AS most FROM calls")
    report.figures[f"digits kept of {DIGITS}"] = rows[0]["most"]
    report.must(0 < rows[0]["most"] <= _MOST_DIGITS, f"digits kept: {rows[0]['most']}")


async def _still_whole(rig: Rig, numbers: Numbers, report: Report) -> None:
    """After all that a full load of calls goes through."""
    run = await begin(rig, numbers.take(60, [BUSY, LISTENS]))
    await finish(rig, run)
    part = Report()
    counts = await judge(rig, run.run_id, run.numbers, part)
    report.broken += part.broken
    report.must(counts["completed"] == counts["unanswered"] == 30, f"after odd trunks: {dict(counts)}")
