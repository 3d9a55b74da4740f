"""Addresses of clients: which of them count as one, and which are reverse proxies of ours."""

from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network


def network_of(address: str) -> str:
    """The address; of IPv6 the /64, which one customer has whole. ``unknown`` for what is no address."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(IPv6Address(int(parsed) >> 64 << 64))
    return str(parsed)


class NamedProxies:
    """The addresses and networks of TINGTING_PROXY_ADDRESSES; ``*`` names every address.

    Args:
        named: comma-separated; what is neither an address nor a network names nobody.
    """

    def __init__(self, named: str) -> None:
        words = [word.strip() for word in named.split(",") if word.strip()]
        self._everyone = "*" in words
        self._networks = [network for word in words if (network := _network(word)) is not None]
        self._holds = lru_cache(maxsize=4096)(self._looked_up)

    def __contains__(self, address: str) -> bool:
        return self._everyone or (bool(self._networks) and self._holds(address))

    def _looked_up(self, address: str) -> bool:
        try:
            parsed = ip_address(address)
        except ValueError:
            return False
        mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
        return any(parsed in network or (mapped and mapped in network) for network in self._networks)


def _network(word: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(word, strict=False)
    except ValueError:
        return None
