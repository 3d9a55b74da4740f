"""Which connection gives way when there are too many."""

from app.core.addresses import NamedProxies
from app.server.connections import Connections


class Peer:
    def __init__(self) -> None:
        self.gone = False

    def give_way(self) -> None:
        self.gone = True


def register(most: int = 100, per_address: int = 100, proxies: str = "") -> Connections:
    return Connections(most=most, per_address=per_address, proxies=NamedProxies(proxies))


def connected(connections: Connections, address: str, count: int) -> list[Peer]:
    peers = [Peer() for _ in range(count)]
    assert [connections.enter(peer, address) for peer in peers] == [(True, None)] * count
    return peers


def test_the_one_that_waits_longest_gives_way_to_a_new_one_of_its_address():
    connections = register(per_address=3)
    first, second, third = connected(connections, "192.0.2.1", 3)
    connections.works(first)
    assert connections.enter(Peer(), "192.0.2.1") == (True, "per_address")
    assert [peer.gone for peer in (first, second, third)] == [False, True, False]
    assert len(connections) == 3


def test_one_that_never_asked_gives_way_before_one_that_has_been_answered():
    connections = register(per_address=2)
    asked, _ = connected(connections, "192.0.2.1", 2)
    connections.works(asked)
    connections.idles(asked)
    connections.enter(Peer(), "192.0.2.1")
    assert not asked.gone


def test_nobody_gives_way_who_is_at_work():
    connections = register(per_address=2)
    peers = connected(connections, "192.0.2.1", 2)
    for peer in peers:
        connections.works(peer)
    assert connections.enter(Peer(), "192.0.2.1") == (False, "per_address")
    assert not any(peer.gone for peer in peers)
    assert len(connections) == 2


def test_an_address_does_not_count_for_another():
    connections = register(per_address=2)
    connected(connections, "192.0.2.1", 2)
    connected(connections, "192.0.2.2", 2)


def test_addresses_of_one_ipv6_network_count_as_one():
    connections = register(per_address=2)
    connected(connections, "2001:db8::1", 1)
    connected(connections, "2001:db8::2", 1)
    assert connections.enter(Peer(), "2001:db8::3") == (True, "per_address")


def test_a_named_proxy_has_as_many_as_there_are():
    connections = register(most=5, per_address=2, proxies="10.0.0.0/8, 192.0.2.9")
    connected(connections, "192.0.2.9", 2)
    connected(connections, "10.1.2.3", 3)
    assert connections.enter(Peer(), "10.1.2.3") == (True, "in_all")


def test_those_that_leave_make_room():
    connections = register(per_address=2)
    for peer in connected(connections, "192.0.2.1", 2):
        connections.leave(peer)
        connections.leave(peer)
    assert len(connections) == 0
    connected(connections, "192.0.2.1", 2)
