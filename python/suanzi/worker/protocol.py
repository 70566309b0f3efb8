"""Frames to and from the engine: a 4-byte big-endian length, then one MessagePack map whose `t` names the frame.

The Rust side and the list of frames is `crates/protocol`; its `golden/` samples are read by the tests of both.
"""

from __future__ import annotations

import array
import socket
import threading
from collections import deque
from typing import Any

import msgpack

PROTOCOL_VERSION = 1
MAX_FRAME_BYTES = 64 << 20
LENGTH_BYTES = 4
READ_BYTES = 64 << 10
FDS_PER_READ = 2

Frame = dict[str, Any]


class ProtocolError(Exception):
    """The engine sent something that is no frame of this protocol."""


def encode(frame: Frame) -> bytes:
    """The frame with its length in front. Raises ProtocolError when it is over MAX_FRAME_BYTES."""
    body: bytes = msgpack.packb(frame, use_bin_type=True)
    if len(body) > MAX_FRAME_BYTES:
        raise ProtocolError(f"a frame of {len(body)} bytes is longer than {MAX_FRAME_BYTES}")
    return len(body).to_bytes(LENGTH_BYTES, "big") + body


def decode(body: bytes | memoryview) -> Frame:
    """Reads a frame's body (without its length)."""
    try:
        frame = msgpack.unpackb(body, raw=False)
    except Exception as error:
        raise ProtocolError(f"not a frame of this protocol: {error}") from error
    if not isinstance(frame, dict) or not isinstance(frame.get("t"), str):
        raise ProtocolError("a frame is a map with a text `t`")
    return frame


class Channel:
    """One blocking socket to the engine. Only `send` may be called by several threads: it writes a frame whole."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self._sending = threading.Lock()
        self._buffer = bytearray(READ_BYTES)
        self._start = 0
        self._end = 0
        self.fds: deque[int] = deque()
        """Descriptors that came with frames, in their order."""

    def send(self, frame: Frame) -> None:
        data = encode(frame)
        with self._sending:
            self.sock.sendall(data)

    def send_with_fd(self, frame: Frame, fd: int) -> None:
        data = encode(frame)
        sent = self.sock.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd]))])
        if sent < len(data):
            self.sock.sendall(data[sent:])

    def buffered(self) -> Frame | None:
        """The next frame that was read already, or None."""
        have = self._end - self._start
        if have < LENGTH_BYTES:
            return None
        body = self._start + LENGTH_BYTES
        length = int.from_bytes(self._buffer[self._start : body], "big")
        if length > MAX_FRAME_BYTES:
            raise ProtocolError(f"a frame of {length} bytes is longer than {MAX_FRAME_BYTES}")
        end = body + length
        if self._end < end:
            self._make_room(LENGTH_BYTES + length)
            return None
        frame = decode(memoryview(self._buffer)[body:end])
        self._start = end
        if self._start == self._end:
            self._start = self._end = 0
            if len(self._buffer) > 16 * READ_BYTES:
                self._buffer = bytearray(READ_BYTES)
        return frame

    def receive(self) -> Frame | None:
        """The next frame; waits for it. None when the engine closed the channel."""
        while True:
            frame = self.buffered()
            if frame is not None:
                return frame
            if self._end == len(self._buffer):
                self._make_room(READ_BYTES)
            count = self.sock.recv_into(memoryview(self._buffer)[self._end :])
            if count == 0:
                return None
            self._end += count

    def read_with_fds(self) -> bool:
        """Reads once, frames into the buffer and descriptors into `fds`. False when the engine closed the channel."""
        if self._end == len(self._buffer):
            self._make_room(READ_BYTES)
        data, fds, _flags, _address = socket.recv_fds(
            self.sock, len(self._buffer) - self._end, FDS_PER_READ, socket.MSG_CMSG_CLOEXEC
        )
        self.fds.extend(fds)
        self._buffer[self._end : self._end + len(data)] = data
        self._end += len(data)
        return bool(data)

    def _make_room(self, size: int) -> None:
        kept = self._buffer[self._start : self._end]
        if self._start or len(self._buffer) < size:
            larger = bytearray(max(size, READ_BYTES, len(self._buffer)))
            larger[: len(kept)] = kept
            self._buffer = larger
            self._start, self._end = 0, len(kept)
        if self._end == len(self._buffer):
            self._buffer.extend(bytes(READ_BYTES))
