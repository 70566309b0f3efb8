"""Ping-pong over a Unix socket pair between two processes."""

import os
import socket
from time import perf_counter

PING = b"x" * 32


def sample(spinning: bool = False, trips: int = 1000) -> float:
    """Seconds of a round trip. Blocking sides sleep meanwhile, spinning ones ask without pause."""
    ours, theirs = socket.socketpair()
    child = os.fork()
    if child == 0:
        ours.close()
        theirs.setblocking(not spinning)
        _echo(theirs)
        os._exit(0)
    theirs.close()
    ours.setblocking(not spinning)
    try:
        began = perf_counter()
        for _ in range(trips):
            ours.send(PING)
            _receive(ours)
        return (perf_counter() - began) / trips
    finally:
        ours.close()
        os.waitpid(child, 0)


def _receive(sock: socket.socket) -> bytes:
    while True:
        try:
            return sock.recv(64)
        except BlockingIOError:
            continue


def _echo(sock: socket.socket) -> None:
    while data := _receive(sock):
        sock.send(data)
