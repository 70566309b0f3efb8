"""Frames between the server and the process that holds a model.

A frame is two little-endian 32-bit lengths (of all that follows, and of the header), a header in JSON, and bytes.
"""

from __future__ import annotations

import json
import socket
import struct
from contextlib import suppress
from typing import Any

MAX_FRAME_BYTES = 256 << 20
"""More is a defect of the other side."""
RECEIVE_BYTES = 1 << 18
LENGTHS = struct.Struct("<II")

Frame = tuple[dict[str, Any], memoryview]


class Connection:
    """The socket's frames. Ends with `EOFError` when the server does."""

    def __init__(self, link: socket.socket) -> None:
        self.link = link
        self.kept = bytearray()

    def receive(self) -> list[Frame]:
        """All frames that have come, at least one: waits for the first, never for more."""
        found: list[Frame] = []
        while not found:
            self._read(0)
            self._take(found)
        # What came before the end is answered; the next call finds the end again.
        with suppress(EOFError):
            while self._read(socket.MSG_DONTWAIT):
                self._take(found)
        return found

    def send(self, headers: list[dict[str, Any]], content: bytes = b"") -> None:
        """Answers in one write, each a frame; the last one's bytes are `content`."""
        out = bytearray()
        for number, header in enumerate(headers, 1):
            text = json.dumps(header, ensure_ascii=False, allow_nan=False).encode()
            follows = content if number == len(headers) else b""
            out += LENGTHS.pack(len(text) + 4 + len(follows), len(text)) + text + follows
        self.link.sendall(out)

    def _read(self, flags: int) -> bool:
        try:
            piece = self.link.recv(RECEIVE_BYTES, flags)
        except BlockingIOError:
            return False
        if not piece:
            raise EOFError
        self.kept += piece
        return True

    def _take(self, found: list[Frame]) -> None:
        at = 0
        while len(self.kept) - at >= LENGTHS.size:
            length, text = LENGTHS.unpack_from(self.kept, at)
            if length > MAX_FRAME_BYTES or text + 4 > length:
                raise EOFError
            end = at + 4 + length
            if len(self.kept) < end:
                break
            body = at + LENGTHS.size
            header = json.loads(self.kept[body : body + text])
            found.append((header, memoryview(bytes(self.kept[body + text : end]))))
            at = end
        if at:
            del self.kept[:at]
