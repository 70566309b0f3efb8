"""An environment for each system, below `target/peers`: no system's requirements meet another's, or Suanzi's."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from peers.systems import HERE, System

INSTALL_SECONDS = 1200
PLACE = HERE.parent.parent / "target" / "peers"
ASK = "import importlib.metadata, sys; print(importlib.metadata.version(sys.argv[1]))"


class NotInstalledError(Exception):
    """A system that can't be installed here, with pip's reason."""


def python(system: System) -> Path:
    """The interpreter of the system's environment, which is made at first, or when its requirements changed."""
    place = PLACE / system.name
    found, stamp = place / "bin" / "python", place / "requirements.installed"
    wanted = "".join(path.read_text() for path in (HERE / "same" / "requirements.txt", system.requirements()))
    if found.exists() and stamp.exists() and stamp.read_text() == wanted:
        return found
    print(f"installing {system.title} into {os.path.relpath(place)} (up to a minute or two)", flush=True)
    began = time.monotonic()
    _do([sys.executable, "-m", "venv", "--clear", place])
    _do([found, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", system.requirements()])
    stamp.write_text(wanted)
    print(f"{'':4}{time.monotonic() - began:.0f} s", flush=True)
    return found


def version(system: System, interpreter: Path) -> str | None:
    if system.distribution is None:
        return None
    done = subprocess.run([interpreter, "-c", ASK, system.distribution], capture_output=True, text=True)
    return done.stdout.strip() or None


def _do(command: list[str | Path]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotInstalledError(f"{type(error).__name__}: {error}") from error
    if done.returncode != 0:
        raise NotInstalledError(reason(done.stderr))


def reason(said: str) -> str:
    """The line in which pip tells why."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR:").strip() for line in lines if line.startswith("ERROR:")]
    return (errors or lines or ["pip failed without a word"])[-1]
