"""What is promised for later is kept by Postgres, whatever is restarted in between."""

from datetime import UTC, datetime, timedelta

from tests.live import running


def test_a_schedule_survives_a_restart_of_everything():
    with running() as stack:
        client = stack.client()
        soon, later = client.add(["9811111101"]), client.add(["9811111102"])
        at = datetime.now(UTC) + timedelta(seconds=2)
        due_while_down = client.begin(soon, message="नमस्ते", schedule_date=at.isoformat())
        at = datetime.now(UTC) + timedelta(seconds=30)
        due_after = client.begin(later, message="नमस्ते", schedule_date=at.isoformat())
        stack.stop()
        assert stack.dialled(["9811111101", "9811111102"]) == {}
        stack.start()
        client = stack.client()
        assert client.finish(soon, due_while_down)["status"] == "Completed"
        assert client.run(later, due_after)["status"] == "Scheduled"
        assert client.finish(later, due_after)["status"] == "Completed"
        assert stack.dialled(["9811111101", "9811111102"]) == {"9811111101": 1, "9811111102": 1}
        (invite,) = [e for e in stack.invites() if e["number"] == "+9779811111102"]
        assert datetime.fromisoformat(invite["time"]) >= at
