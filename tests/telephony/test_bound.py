"""What a line listens on: its chosen address, and nothing that takes SIP or sound from elsewhere."""

from pathlib import Path

from tests.telephony.peers import carrier, free_port

_LOOPBACK = "0100007F"
_DNS_CLIENT = 2
"""The SIP stack asks DNS from one socket for IPv4 and one for IPv6, which it binds to no address."""


def _ours(table: str, listening: str) -> list[str]:
    """Local addresses of this process's sockets in one of the kernel's tables, as it writes them."""
    inodes = set()
    for entry in Path("/proc/self/fd").iterdir():
        target = str(entry.readlink()) if entry.is_symlink() else ""
        if target.startswith("socket:["):
            inodes.add(target[len("socket:[") : -1])
    rows = [line.split() for line in Path(f"/proc/self/net/{table}").read_text().splitlines()[1:]]
    return [row[1].partition(":")[0] for row in rows if row[9] in inodes and row[3] == listening]


async def test_sip_is_taken_on_the_chosen_address_alone():
    before = {table: _ours(table, state) for table, state in _TABLES.items()}
    async with carrier(free_port()):
        after = {table: _ours(table, state) for table, state in _TABLES.items()}
    opened = {table: sorted(_without(after[table], before[table])) for table in _TABLES}

    assert set(opened["tcp"]) == {_LOOPBACK}
    assert opened["tcp6"] == []
    assert _LOOPBACK in opened["udp"]
    assert len([a for a in (*opened["udp"], *opened["udp6"]) if a != _LOOPBACK]) <= _DNS_CLIENT


_TABLES = {"tcp": "0A", "tcp6": "0A", "udp": "07", "udp6": "07"}


def _without(those: list[str], these: list[str]) -> list[str]:
    left = list(those)
    for one in these:
        if one in left:
            left.remove(one)
    return left
