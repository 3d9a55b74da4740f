"""What one recipient hears, from a message and values that may be of any size."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.calls.reasons import REASONS
from app.campaigns.content import Content
from app.files.blobs import BlobStore
from app.messages.composing import CannotComposeError, Composer, Script
from app.speech.pool import SpeechPool
from app.speech.service import Speech


@pytest.fixture
async def composer(tmp_path: Path) -> AsyncIterator[Composer]:
    blobs = BlobStore.open(str(tmp_path))
    speech = Speech(SpeechPool(1), blobs, 10**8)
    await speech.start()
    yield Composer(speech, blobs)
    await speech.close()


async def test_a_recipient_whose_text_swells_is_not_called_and_the_next_is(composer: Composer):
    own = (("क", ("रु १२,३४५,६७८.९० मिति २०८१/०५/१२ " * 8)[:200]),)
    swelling = Script(Content(message="{tags_x}" * 20, voice="np_rija"), own)
    for value in ("क " * 240, "क " * 10, "9" * 5_000):
        with pytest.raises(CannotComposeError) as caught:
            await composer.compose(swelling, {"tags_x": value})
        assert caught.value.reason == "message_too_long_when_read"
        assert caught.value.reason in REASONS
    assert (await composer.compose(swelling, {"tags_x": "नमस्ते "})).ms > 1_000
