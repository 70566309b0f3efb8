"""Frames: the golden samples that Rust writes, and what a broken peer sends."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest

from suanzi.worker.protocol import LENGTH_BYTES, MAX_FRAME_BYTES, Channel, ProtocolError, decode, encode

GOLDEN = Path(__file__).resolve().parents[3] / "crates" / "protocol" / "golden"


def samples() -> list[Any]:
    return json.loads((GOLDEN / "frames.json").read_text(encoding="utf-8"))


def as_json(value: Any) -> Any:
    """As the listing has it: bytes as numbers, no infinity."""
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    if isinstance(value, bytes):
        return list(value)
    return None if value == float("inf") else value


@pytest.mark.parametrize("sample", samples(), ids=lambda sample: sample["name"])
def test_golden_frames_read_and_written_alike(sample: Any) -> None:
    data = (GOLDEN / f"{sample['name']}.msgpack").read_bytes()
    frame = decode(data[LENGTH_BYTES:])
    assert as_json(frame) == sample["frame"]
    assert encode(frame) == data


@pytest.mark.parametrize(
    "body", [b"", b"\xc0", b"\x80", b"\x81\xa1t\x05", b"\x81\xa1t\xa1", b"\x81\xa1t\xa1x\xc0", b"\xdf\xff\xff\xff\xff"]
)
def test_malformed_frames_are_refused(body: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode(body)


def test_frames_arrive_whole_however_they_are_cut() -> None:
    ours, theirs = socket.socketpair()
    ours.settimeout(30)
    frames = [{"t": "a", "x": "y" * size} for size in (0, 1, 70_000, 200_000, 3)]
    data = b"".join(encode(frame) for frame in frames)
    channel = Channel(theirs)
    received = []
    at = 0
    while len(received) < len(frames):
        frame = channel.buffered()
        if frame is not None:
            received.append(frame)
            continue
        ours.sendall(data[at : at + 40_001])
        at += 40_001
        assert channel.read_with_fds()
    assert received == frames
    ours.close()
    assert channel.receive() is None


def test_a_frame_over_the_limit_is_an_error_at_once() -> None:
    ours, theirs = socket.socketpair()
    ours.sendall((MAX_FRAME_BYTES + 1).to_bytes(LENGTH_BYTES, "big"))
    with pytest.raises(ProtocolError):
        Channel(theirs).receive()
    with pytest.raises(ProtocolError):
        encode({"t": "a", "x": bytes(MAX_FRAME_BYTES)})
