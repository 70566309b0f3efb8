"""A network and a process tree of one's own: clusters listen on all addresses, and their processes outlive them.

Standard library only.
"""

import contextlib
import ctypes
import fcntl
import os
import signal
import socket
import struct
import subprocess
import time
from pathlib import Path

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
PR_SET_CHILD_SUBREAPER = 36
SIOCSIFFLAGS, IFF_UP_RUNNING = 0x8914, 0x1 | 0x40
END_SECONDS = 20
libc = ctypes.CDLL(None, use_errno=True)


def own_network():
    """True where this process has a network of its own now, with loopback alone."""
    uid, gid = os.getuid(), os.getgid()
    if libc.unshare(CLONE_NEWNET) != 0:
        if libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0:
            return False
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", IFF_UP_RUNNING))
    return True


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def children(pid):
    found = []
    for thread in Path(f"/proc/{pid}/task").iterdir():
        found += [int(word) for word in (thread / "children").read_text().split()]
    return found


def end_descendants():
    """Whatever was started below this process, and what that left behind: it comes back here when its parent ends."""
    deadline = time.monotonic() + END_SECONDS
    while time.monotonic() < deadline:
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        for pid in children("self"):
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)
    raise SystemExit("processes of the cluster are left")


def below(kept):
    """Whatever was started below this process and what that left behind, but for the process `kept` and its own."""
    waiting, found = [pid for pid in children("self") if pid != kept], []
    while waiting:
        found.append(waiting.pop())
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it ended meanwhile
            waiting += children(found[-1])
    return found


def send(pids, number):
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def end_all_but(kept):
    """Ends all of `below` as a power cut does: none of them sees another end before it."""
    deadline = time.monotonic() + END_SECONDS
    frozen = set()
    while new := set(below(kept)) - frozen:
        send(new, signal.SIGSTOP)
        frozen |= new
    while left := below(kept):
        if time.monotonic() > deadline:
            raise SystemExit("processes of the cluster are left")
        send(left, signal.SIGKILL)
        for pid in children("self"):
            if pid != kept:
                os.waitpid(pid, os.WNOHANG)
        time.sleep(0.05)


def run_beside(command, environment, asked, restart):
    """Runs the command to its end. Whenever it makes the file `asked`, `restart` is called and the file removed."""
    process = subprocess.Popen(command, env=environment)
    while True:
        try:
            return process.wait(timeout=0.1)
        except subprocess.TimeoutExpired:
            if asked.exists():
                end_all_but(process.pid)
                restart()
                asked.unlink()


def adopt_orphans():
    """Whatever is started below comes back to this process when its parent ends."""
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
