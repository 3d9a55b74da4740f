"""The short forms of the rows of `python -m chaos.sms`."""

from chaos import sms
from chaos.witness import Numbers


async def test_lines_that_die_or_are_stopped_while_they_send_send_nothing_twice_and_forget_nobody(scale):
    numbers = Numbers()
    async with sms.sms_rig(**sms.PATIENT) as rig:
        killed = await sms.killed_lines(rig, numbers, scale)
        drained = await sms.drained_lines(rig, numbers, scale)
    assert (killed.broken, killed.line) == ([], killed.line)
    assert killed.figures["lines that died"] >= killed.figures["kills"]
    assert (drained.broken, drained.line) == ([], drained.line)


async def test_a_message_centre_that_goes_away_gets_each_message_once_all_the_same(scale):
    async with sms.sms_rig(**sms.BRIEF) as rig:
        report = await sms.absent_centre(rig, Numbers(), scale)
    assert (report.broken, report.line) == ([], report.line)


async def test_inboxes_that_stay_full_hold_up_nobody_and_end_with_their_validity(scale):
    async with sms.sms_rig(TINGTING_SMS_VALIDITY_S="60") as rig:
        report = await sms.full_inboxes(rig, Numbers(), scale)
    assert (report.broken, report.line) == ([], report.line)
