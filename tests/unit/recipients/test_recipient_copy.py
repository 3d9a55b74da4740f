from hypothesis import given
from hypothesis import strategies as st

from app.recipients import repository


@given(st.lists(st.text("ab\t\\7", max_size=6), max_size=8), st.integers(1, 9), st.integers(1, 10**6))
async def test_every_line_gets_its_campaign_wherever_a_block_ends(lines, block, campaign):
    rows = "".join(f"{line}\n" for line in lines).encode()

    async def blocks():
        for at in range(0, len(rows), block):
            yield rows[at : at + block]

    sent = b"".join([part async for part in repository._with_campaign(blocks(), campaign)])
    assert sent.decode() == "".join(f"{campaign}\t{line}\n" for line in lines)
