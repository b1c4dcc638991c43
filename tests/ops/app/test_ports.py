from __future__ import annotations

import socket

from ops.app.ports import free_ports


def test_free_ports_differ_and_can_be_bound() -> None:
    ports = free_ports(4)
    assert len(set(ports)) == 4
    for port in ports:
        with socket.socket() as each:
            each.bind(("127.0.0.1", port))
