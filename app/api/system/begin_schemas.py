"""What a begin answers."""

from app.actions.begin import Begun
from app.api.system.concern_schemas import concern_out
from app.api.system.run_schemas import ChangedField, StartedData, begun
from app.api.system.sms_preview import size_out
from app.messages.concerns import different


def started_data(made: Begun, most_segments: int) -> StartedData:
    """The run with what is to be known about it; `most_segments`: that a recipient may be sent."""
    return StartedData(
        run=begun(made.run, at_once=made.at_once).run,
        warnings=len(made.concerns),
        concerns=[concern_out(concern) for concern in different(made.concerns)],
        changed=_changed(made),
        sms=None if made.size is None else size_out(made.size, most_segments),
    )


def _changed(made: Begun) -> list[ChangedField]:
    """What was taken otherwise than it was sent."""
    if made.lowered is None:
        return []
    given = made.run.queue_priority.name.lower()
    message = (
        f"The operator gave this account the priority {given}; the run has that one and not "
        f"{made.lowered.name.lower()}."
    )
    return [ChangedField(field="queue_priority", code="priority_lowered", message=message)]
