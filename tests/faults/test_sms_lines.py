"""The short form of `python -m chaos.sms`."""

from chaos.scale import Scale
from chaos.sms import killed_lines, sms_rig
from chaos.witness import Numbers


async def test_lines_that_die_while_they_send_send_nothing_twice_and_forget_nobody():
    async with sms_rig() as rig:
        report = await killed_lines(rig, Numbers(), Scale(quick=True))
    assert not report.broken, f"{report.broken}: {report.line}"
    assert report.figures["lines that died"] >= report.figures["kills"]
