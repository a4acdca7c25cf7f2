"""Free TCP ports on 127.0.0.1."""

import socket
from collections.abc import Container, Iterable
from typing import Final

HOST: Final = "127.0.0.1"
_TRIES_AFTER_PREFERRED: Final = 20


def is_free(port: int) -> bool:
    # SO_REUSEADDR ignores connections that linger in TIME_WAIT, as the servers themselves do.
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def free_port(preferred: Iterable[int | None] = (), *, taken: Container[int] = ()) -> int:
    """The first of `preferred`, or of the 20 ports after each, that is free; else any free port.

    `taken` are ports promised to others that may not listen yet.
    """
    for first in preferred:
        if first is None:
            continue
        for port in range(first, first + _TRIES_AFTER_PREFERRED):
            if port not in taken and is_free(port):
                return port
    while True:
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            port = int(probe.getsockname()[1])
        if port not in taken:
            return port
