from pathlib import Path

import pytest

from app.files.blobs import BlobStore
from app.runs import uploaded_audio
from app.runs.uploaded_audio import store_audio
from tests.unit.audio.sounds import encoded, melody, written


async def test_the_same_file_is_decoded_and_stored_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    decoded = []

    async def counting(path: Path):
        decoded.append(path)
        return await decode(path)

    decode = uploaded_audio.decode_upload
    monkeypatch.setattr(uploaded_audio, "decode_upload", counting)
    blobs = BlobStore.open(str(tmp_path / "blobs"))
    first = written(tmp_path, "notice.wav", encoded("wav", melody(1.5, 16_000)))
    again = written(tmp_path, "other name", first.read_bytes())
    other = written(tmp_path, "other.wav", encoded("wav", melody(2.0, 16_000)))

    one, two, three = [await store_audio(blobs, path, path.name) for path in (first, again, other)]

    assert (one.key, one.ms) == (two.key, two.ms)
    assert (one.name, two.name) == ("notice.wav", "other name")
    assert three.key != one.key
    assert decoded == [first, other]
    assert len([info async for info in blobs.list("audio")]) == 2
