"""How audio is fed to a call, on a stack whose frames leave when the test says so."""

from dataclasses import dataclass, replace

from baresip import AudioStats

from app.carriers.sip_playback import AHEAD_BYTES, BYTES_PER_SECOND, FRAME_S, Playback

FRAME = int(BYTES_PER_SECOND * FRAME_S)
MESSAGE = bytes(5 * BYTES_PER_SECOND)


@dataclass
class Stack:
    """The transmit side of one call's audio.

    Attributes:
        before_a_write: frames that leave between a look at the counters and the write behind it.
    """

    stats_now: AudioStats
    before_a_write: int = 0

    def stats(self) -> AudioStats:
        return self.stats_now

    def write(self, pcm: memoryview) -> int:
        self.leave(self.before_a_write)
        self.before_a_write = 0
        held = self.stats_now.tx_buffered + len(pcm)
        self.stats_now = replace(
            self.stats_now, tx_buffered=held, tx_high_water=max(held, self.stats_now.tx_high_water)
        )
        return len(pcm)

    def flush_tx(self) -> None:
        self.stats_now = replace(self.stats_now, tx_buffered=0)

    def leave(self, frames: int) -> None:
        """So many frames go out, of silence when nothing is held."""
        for _ in range(frames):
            held = self.stats_now.tx_buffered
            silent = self.stats_now.tx_silence_frames + (held == 0)
            self.stats_now = replace(
                self.stats_now, tx_buffered=max(0, held - FRAME), tx_silence_frames=silent
            )


def a_call() -> tuple[Stack, Playback]:
    stack = Stack(AudioStats(0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
    return stack, Playback(stack, memoryview(MESSAGE))


def test_a_call_is_kept_ahead():
    stack, playback = a_call()
    for look in range(15):
        playback.feed(look * 0.2)
        assert stack.stats_now.tx_buffered == AHEAD_BYTES
        stack.leave(10)
    assert playback.starved_frames == 0


def test_silence_before_the_first_sound_is_no_lack_of_sound():
    stack, playback = a_call()
    stack.leave(7)
    stack.before_a_write = 1
    playback.feed(0.0)
    stack.leave(10)
    playback.feed(0.2)
    assert playback.starved_frames == 0


def test_silence_before_the_first_sound_may_be_counted_after_it():
    stack, playback = a_call()
    playback.feed(0.0)
    stack.stats_now = replace(stack.stats_now, tx_silence_frames=1)
    stack.leave(10)
    playback.feed(0.2)
    assert playback.starved_frames == 0


def test_a_look_that_comes_too_late_is_counted():
    stack, playback = a_call()
    playback.feed(0.0)
    stack.leave(AHEAD_BYTES // FRAME + 3)
    playback.feed(1.66)
    assert playback.starved_frames == 3
