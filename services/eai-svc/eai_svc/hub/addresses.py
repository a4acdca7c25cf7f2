"""Which addresses a callback may have: none inside, unless the operator allows it."""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a host, as texts. Raises OSError."""

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# All that IANA has given out of IPv6 for the public; is_global takes site-local addresses,
# IPv4-compatible ones and the NAT64 of inside networks for public too.
_UNICAST = ipaddress.IPv6Network("2000::/3")


class ForbiddenAddress(Exception):
    """The callback's host has an address inside; the message names it."""


async def resolve(host: str, port: int) -> Sequence[str]:
    """Ask the system's resolver."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[4][0]) for address in found))


async def checked_address(
    host: str, port: int, *, allowed: Sequence[Network], ask: Resolve = resolve
) -> str:
    """An address to connect to. Connect to this very one: a name may mean another one next time.

    Raises ForbiddenAddress if any address of the host is loopback, private, link-local or
    otherwise not for the public, and in none of the `allowed` networks; OSError if it has none.
    """
    addresses = [ipaddress.ip_address(text.partition("%")[0]) for text in await ask(host, port)]
    if not addresses:
        raise OSError(f"{host} has no address")
    for address in addresses:
        if not _permitted(address, allowed):
            raise ForbiddenAddress(f"{host} is {address}, which callbacks may not reach")
    return str(addresses[0])


def _permitted(address: Address, allowed: Sequence[Network]) -> bool:
    inner = _embedded(address)
    if any(inner.version == net.version and inner in net for net in allowed):
        return True
    # is_global leaves out loopback, private, link-local, shared, documentation and reserved ones.
    public = inner.is_global and not inner.is_multicast
    return public and (inner.version == 4 or inner in _UNICAST)


def _embedded(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for, by mapping, 6to4, Teredo or NAT64."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(address.packed[-4:])
    teredo = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or teredo or address
