"""An operator that tries what an operator must not be able to do, and one that has something to lose.

Each attempt is told as a number: 0 when it succeeded, else the errno with which it was refused.
"""

import contextlib
import ctypes
import errno
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
from suanzi.sdk import Metrics, Table, operator

TREASURE = "treasure-of-the-other-task"
LARGEST_PID = 1 << 16
CLONE_NEWNS, CLONE_NEWUSER, MNT_DETACH = 0x20000, 0x10000000, 2
libc = ctypes.CDLL(None, use_errno=True)


@operator
def treasure() -> Table:
    """A result that nobody was given."""
    return pd.DataFrame({"word": [TREASURE] * 1_000})


@operator
def victim(*, seconds: float) -> Metrics:
    """Has its treasure in a file and in memory for a while."""
    began = time.time()
    file = Path(tempfile.mkdtemp()) / TREASURE
    file.write_text(TREASURE)
    time.sleep(seconds)
    return {"began": began, "ended": time.time(), "alive": int(file.read_text() == TREASURE)}


@operator
def attack(*, home: str, secret_file: str, mark: str, wait: float) -> Metrics:
    time.sleep(wait)
    began = time.time()
    ways: dict[str, Callable[[], object]] = {
        "environment": lambda: other_processes("environ", mark),
        "parent_environment": lambda: Path(f"/proc/{os.getppid()}/environ").read_bytes(),
        "command_line": lambda: other_processes("cmdline", "--isolation"),
        "memory": read_memory_of_others,
        "signals": signal_others,
        "database": lambda: Path(home, "suanzi.db").read_bytes(),
        "lock": lambda: Path(home, "engine.lock").read_bytes(),
        "token": lambda: Path(home, "token").read_bytes(),
        "secret_outside_the_home": lambda: Path(secret_file).read_bytes(),
        "socket": lambda: connect(Path(home, "engine.sock")),
        "listing": lambda: os.listdir(home),
        "logs": lambda: os.listdir(Path(home, "logs")),
        "other_task": lambda: find_treasure([tempfile.gettempdir(), os.path.join(home, "work")]),
        "artifacts": lambda: find_artifacts(Path(home, "artifacts")),
        "plant_in_home": lambda: Path(home, "executors.json").write_text("{}"),
        "plant_code": lambda: Path(__file__).with_name("planted.py").write_text("boom = 1"),
        "unmount": lambda: unmount(home),
        "unmount_in_own_namespace": lambda: in_child(lambda: unmount_nested(home)),
        "make_changeable": lambda: os.chmod(home, 0o777),
        "by_first_process": lambda: Path("/proc/1/root", home.lstrip("/"), "suanzi.db").read_bytes(),
        "descriptors_of_first_process": open_descriptors_of_first_process,
    }
    told = {name: refusal(way) for name, way in ways.items()}
    with contextlib.suppress(OSError):
        Path(__file__).with_name("planted.py").unlink()
    return {"began": began, "ended": time.time(), **told}


@operator
def leave_daemon(*, mark: str) -> Metrics:
    """A process in a session of its own, twice forked, deaf to what can be heard; and the task goes on."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
                signal.signal(number, signal.SIG_IGN)
            os.execv(sys.executable, [sys.executable, "-S", "-c", "import time; time.sleep(600)", mark])
        os._exit(0)
    subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(600)", mark], start_new_session=True)
    print("left", flush=True)
    time.sleep(600)
    return {}


def refusal(way: Callable[[], object]) -> int:
    try:
        way()
    except OSError as error:
        return error.errno or -1
    return 0


def others() -> Iterator[int]:
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) not in (1, os.getpid()):
            yield int(name)


def other_processes(file: str, mark: str) -> bool:
    """Finds the mark in what another process was started with."""
    last = OSError(errno.ENOENT, "nobody else is there")
    for pid in others():
        try:
            if mark.encode() in Path(f"/proc/{pid}/{file}").read_bytes():
                return True
        except OSError as error:
            last = error
    raise last


def read_memory_of_others() -> bool:
    last = OSError(errno.ENOENT, "nobody else is there")
    for pid in others():
        try:
            line = next(line for line in Path(f"/proc/{pid}/maps").read_text().splitlines() if " rw-p " in line)
            with open(f"/proc/{pid}/mem", "rb") as memory:
                memory.seek(int(line.split("-")[0], 16))
                memory.read(16)
                return True
        except StopIteration:
            continue
        except OSError as error:
            last = error
    raise last


def signal_others() -> bool:
    last = OSError(errno.ESRCH, "nobody else is there")
    for pid in range(2, LARGEST_PID):
        if pid == os.getpid():
            continue
        try:
            os.kill(pid, 0)
            return True
        except OSError as error:
            last = error
    raise last


def connect(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))


def find_treasure(roots: list[str]) -> str:
    last = OSError(errno.ENOENT, "nothing is there")

    def note(error: OSError) -> None:
        nonlocal last
        last = error

    for root in roots:
        for folder, _, names in os.walk(root, onerror=note):
            if TREASURE in names:
                return Path(folder, TREASURE).read_text()
    raise last


def find_artifacts(root: Path) -> bytes:
    last = OSError(errno.ENOENT, "nothing is there")
    for folder, _, names in os.walk(root):
        for name in names:
            try:
                return Path(folder, name).read_bytes()
            except OSError as error:
                last = error
    raise last


def open_descriptors_of_first_process() -> None:
    last = OSError(errno.ENOENT, "it has none")
    for name in os.listdir("/proc/1/fd"):
        try:
            with open(f"/proc/1/fd/{name}", "rb"):
                return
        except OSError as error:
            last = error
    raise last


def unmount(path: str) -> None:
    if libc.umount2(path.encode(), MNT_DETACH) != 0:
        raise OSError(ctypes.get_errno(), "umount2")


def unmount_nested(path: str) -> None:
    """With all rights in a user namespace of its own, as anybody may make."""
    if libc.unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    unmount(path)
    Path(path, "suanzi.db").read_bytes()


def in_child(way: Callable[[], object]) -> None:
    pid = os.fork()
    if pid == 0:
        os._exit(refusal(way) & 0xFF)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if status:
        raise OSError(status, os.strerror(status))
