"""The ports of a run: the gateway's and the four after it, looked at before anything is started."""

import socket
from collections.abc import Mapping

from launcher.errors import PortTaken
from launcher.topics import GATEWAY, SERVICES

HOST = "127.0.0.1"


def ports_from(first: int) -> dict[str, int]:
    """Which service listens where."""
    return {name: first + number for number, name in enumerate((GATEWAY, *SERVICES))}


def refuse_taken(ports: Mapping[str, int]) -> None:
    """Raise PortTaken for the first port on which something listens already."""
    for service, port in ports.items():
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            # As the services bind: a port whose last connections are only fading away is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError as error:
                raise PortTaken(port, service) from error
