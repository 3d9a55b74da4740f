"""What a person should see to, as clients read it."""

from pydantic import BaseModel, Field

from app.messages.concerns import Concern


class ConcernOut(BaseModel):
    """Something that may go wrong."""

    code: str = Field(
        description="`missing_tag`, `nothing_to_say`, `latin_guessed`, `preeti_text`, `too_long`; of SMS "
        "`many_segments`, `too_many_segments`."
    )
    message: str
    suggestion: str | None = Field(
        None,
        description="For `preeti_text`: the text in Unicode, to be sent instead; null when that is not certain.",
    )


def concern_out(concern: Concern) -> ConcernOut:
    """A concern for an answer."""
    return ConcernOut(code=concern.code, message=concern.message, suggestion=concern.suggestion)
