"""Encloses workers: own namespaces, a view of the files without the engine's, and in `service` a user of their own.

The zygote enters first (`enter`): it sees the host's files read-only and the engine's not at all. Each worker then gets
a process namespace of its own, in which it sees no other process, and a *room*, the only folder it can write (`admit`).
What ends: the engine's end ends the *gate*, whose end ends the zygote, which is the first process of its namespace; the
kernel then ends all that is in it, sessions and double forks included.

`python -m suanzi.worker.enclosure SETTING` tries all of it and says in JSON whether this host allows it.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import select
import signal
import stat
import struct
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from suanzi.worker.process import PR_SET_PDEATHSIG, libc, prctl

NAMESPACED = "namespaced"
SERVICE = "service"

CLONE_NEWNS = 0x0002_0000
CLONE_NEWIPC = 0x0800_0000
CLONE_NEWUSER = 0x1000_0000
CLONE_NEWPID = 0x2000_0000
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC, MS_PRIVATE = 2, 4, 8, 4096, 16384, 1 << 18
MNT_DETACH = 2
AT_FDCWD = -100
AT_RECURSIVE = 0x8000
SYS_MOUNT_SETATTR = 442
"""The same number on all architectures."""
MOUNT_ATTR_RDONLY = 1
PR_SET_DUMPABLE = 4
PR_SET_NO_NEW_PRIVS = 38
CAPABILITY_VERSION_3 = 0x2008_0522

INNER_ID = 1000
"""What root is called in a user namespace: not 0, which would get capabilities back by running a program."""
COVER = "size=1m,mode=0111"
"""Names are passed on the way, and not listed."""
SHARED_MEMORY = "/dev/shm"
STATUS = struct.Struct("i")


class EnclosureError(Exception):
    """This host doesn't allow the profile. The second argument is what to do about it."""


@dataclass(frozen=True)
class Setting:
    """What the engine asks for; made in `crates/executor-local/src/isolation.rs`."""

    profile: str
    hidden: list[str]
    """Folders and files that nobody in here may open. The first is the engine's home."""
    artifacts: str
    """Where a worker sees the results that its task was given."""
    room: str
    """Where a worker sees its own folder."""
    work: str
    """The folder with a folder for each worker."""
    trees: list[str]
    """Folders that workers must be able to read besides Python's: those of operators."""
    data: list[str]
    """Folders and files that they read where they lie, as far as their modes allow."""
    uid: int
    """Of a worker that is tried out; 0 in `namespaced`."""

    @classmethod
    def parse(cls, text: str) -> Setting:
        return cls(**json.loads(text))


@dataclass(frozen=True)
class Enclosure:
    """The zygote's, once it has entered."""

    setting: Setting
    processes: int
    """Descriptor of its own process namespace."""
    host_proc: int
    """Descriptor of the host's /proc, which tells the number that a process has there."""


# Entering: once, before anything is imported that may start threads.


def enter(setting: Setting) -> Enclosure:
    """Returns in the first process of new namespaces; the caller's process stays as the gate until that one ends."""
    uid, gid = os.getuid(), os.getgid()
    wanted = CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWPID
    try:
        _check(libc.unshare(wanted | (CLONE_NEWUSER if setting.profile == NAMESPACED else 0)))
        if setting.profile == NAMESPACED:
            _map_ids(uid, gid)
    except OSError as error:
        raise EnclosureError(f"namespaces can't be made: {error.strerror}", _hint_for(setting.profile)) from error
    _fork_behind_gate()
    try:
        return _settle(setting)
    except OSError as error:
        raise EnclosureError(f"the view of the files can't be made: {error}", _hint_for(setting.profile)) from error


def _hint_for(profile: str) -> str:
    if profile == SERVICE:
        return "the engine must be root and may mount: in a container add the capability SYS_ADMIN"
    return (
        "the host must allow unprivileged user namespaces: sysctl user.max_user_namespaces and, where it exists, "
        "kernel.unprivileged_userns_clone=1 or kernel.apparmor_restrict_unprivileged_userns=0; containers mostly don't"
    )


def _map_ids(uid: int, gid: int) -> None:
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid or INNER_ID} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid or INNER_ID} {gid} 1")


def _fork_behind_gate() -> None:
    """The caller becomes the gate, which ends as its child ends; the child goes on, and is ended when the gate is."""
    engine = os.getppid()
    alive, held = os.pipe()
    child = os.fork()
    if child:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != engine:
            os._exit(0)
        os.closerange(0, held)
        os.closerange(held + 1, 1 << 16)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        _end_as(os.waitpid(child, 0)[1])
    os.close(held)
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if select.select([alive], [], [], 0)[0]:
        os._exit(0)  # the gate was gone before that call
    os.close(alive)


def _end_as(status: int) -> NoReturn:
    if os.WIFSIGNALED(status):
        os.kill(os.getpid(), os.WTERMSIG(status))
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


def _settle(setting: Setting) -> Enclosure:
    host_proc = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    _mount(None, "/", None, MS_REC | MS_PRIVATE)
    work = os.open(setting.work, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    data = [path for path in setting.data if os.path.exists(path)]
    needed = _roots([*_python_needs(), *setting.trees, *data])
    trees = [(path, os.open(path, os.O_PATH | os.O_CLOEXEC)) for path in needed]
    names = {path: _names(path) for path in setting.hidden if os.path.exists(path)}
    ways = [path for path, _ in trees] + [setting.artifacts, setting.room]
    covered = _closed_ways(ways, setting.hidden) if setting.profile == SERVICE else []
    for path in covered:
        _mount("suanzi", path, "tmpfs", MS_NOSUID | MS_NODEV, COVER)
    for path, entries in names.items():
        if entries is None:
            if os.path.exists(path):
                _cover_file(path)
        else:
            os.makedirs(path, mode=0o711, exist_ok=True)
            _cover_folder(path, entries)
            covered.append(path)
    for path, fd in trees:
        if _is_below_any(path, covered):
            _place_for(path, stat.S_ISDIR(os.fstat(fd).st_mode))
            _mount(f"/proc/self/fd/{fd}", path, None, MS_BIND)
        os.close(fd)
    for path in (setting.artifacts, setting.room, setting.work):
        os.makedirs(path, mode=0o711, exist_ok=True)
    _mount(f"/proc/self/fd/{work}", setting.work, None, MS_BIND)
    os.close(work)
    _set_read_only("/", True, AT_RECURSIVE)
    _set_read_only(setting.work, False)
    # Libraries look when they are imported whether semaphores can be made.
    _mount("suanzi", SHARED_MEMORY, "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777")
    _mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    # A working directory from before is a way around what covers it.
    os.chdir("/")
    return Enclosure(setting, os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC), host_proc)


def _python_needs() -> list[str]:
    """What Python reads: its library, the environment, the folders of imports; by both names where links lead there."""
    paths = [sys.prefix, sys.base_prefix, sys.exec_prefix, os.path.dirname(os.path.realpath(sys.executable)), *sys.path]
    there = [path for path in paths if path and os.path.exists(path)]
    return [os.path.abspath(path) for path in there] + [os.path.realpath(path) for path in there]


def _roots(paths: Iterable[str]) -> list[str]:
    """Without those that lie in others."""
    found = set(paths)
    return sorted(path for path in found if not _is_below_any(path, found - {path}))


def _closed_ways(paths: list[str], hidden: list[str]) -> list[str]:
    """Folders on the way to these that other users may not pass. They are covered by ones that these may pass, in which
    only what is needed is put again."""
    closed = set()
    for path in paths:
        for parent in reversed(Path(path).parents):
            if not parent.stat().st_mode & stat.S_IXOTH and not _is_below_any(str(parent), hidden):
                closed.add(str(parent))
                break
    return _roots(closed)


def _names(path: str) -> list[tuple[str, bool]] | None:
    """A folder's entries and whether they are folders too; None for a file."""
    if not os.path.isdir(path):
        return None
    with os.scandir(path) as entries:
        return [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]


def _place_for(path: str, is_folder: bool) -> None:
    """Something to put a mount on, below a cover."""
    os.makedirs(path if is_folder else os.path.dirname(path), exist_ok=True)
    if not is_folder:
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0))


def _cover_folder(path: str, entries: list[tuple[str, bool]]) -> None:
    """By one with the same names in it, none of which can be opened: who tries is refused instead of finding none."""
    _mount("suanzi", path, "tmpfs", MS_NOSUID | MS_NODEV, COVER)
    for name, is_folder in entries:
        inside = os.path.join(path, name)
        if is_folder:
            os.mkdir(inside, 0)
        else:
            os.close(os.open(inside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0))


def _cover_file(path: str) -> None:
    """By an empty one that can't be opened, made in a place that is covered for that moment."""
    _mount("suanzi", SHARED_MEMORY, "tmpfs", MS_NOSUID | MS_NODEV, COVER)
    empty = os.path.join(SHARED_MEMORY, "empty")
    os.close(os.open(empty, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0))
    _mount(empty, path, None, MS_BIND)
    _check(libc.umount2(os.fsencode(SHARED_MEMORY), MNT_DETACH))


# A worker: three steps in three processes.


def fork_init(enclosure: Enclosure, status: int, run: Callable[[], NoReturn]) -> int:
    """Forks the first process of a new process namespace, and that one `run`, the worker-to-be. Returns the pid of the
    first, which writes how the other ended to the descriptor `status` and ends, and all that is left with it."""
    _check(libc.unshare(CLONE_NEWPID))
    pid = os.fork()
    if pid == 0:
        try:
            _be_init(status, run)
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            os._exit(70)
    _check(libc.setns(enclosure.processes, CLONE_NEWPID))
    return pid


def _be_init(status: int, run: Callable[[], NoReturn]) -> None:
    worker = os.fork()
    if worker == 0:
        run()
    os.closerange(0, status)
    os.closerange(status + 1, 1 << 16)
    _give_up_capabilities()
    prctl(PR_SET_DUMPABLE, 0)
    os.write(status, STATUS.pack(os.waitpid(worker, 0)[1]))
    os._exit(0)


def host_pid(enclosure: Enclosure) -> int:
    """The number that this process has outside."""
    return int(os.readlink("self", dir_fd=enclosure.host_proc))


def admit(enclosure: Enclosure, worker: str, uid: int) -> None:
    """Makes this process's view that of a worker: its room, what it was given to read, its own processes; and no right
    to change that. `worker` names its folder in `work`."""
    setting = enclosure.setting
    own = os.path.join(setting.work, worker)
    _check(libc.unshare(CLONE_NEWNS | CLONE_NEWIPC))
    _mount(os.path.join(own, "given"), setting.artifacts, None, MS_BIND)
    _set_read_only(setting.artifacts, True)
    _mount(os.path.join(own, "room"), setting.room, None, MS_BIND)
    _check(libc.umount2(os.fsencode(setting.work), MNT_DETACH))
    _mount("suanzi", SHARED_MEMORY, "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777")
    _mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    if setting.profile == SERVICE:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    _give_up_capabilities()
    # Who changes user loses this, and could not open its own /proc/self any more.
    prctl(PR_SET_DUMPABLE, 1)
    temporary, home = os.path.join(setting.room, "tmp"), os.path.join(setting.room, "home")
    os.chdir(temporary)
    os.environ.update(TMPDIR=temporary, HOME=home, XDG_CACHE_HOME=f"{home}/.cache", MPLCONFIGDIR=f"{home}/matplotlib")
    tempfile.tempdir = None


def _give_up_capabilities() -> None:
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    header = struct.pack("Ii", CAPABILITY_VERSION_3, 0)
    _check(libc.capset(header, bytes(24)))


# Trying: does this host allow the profile, and may workers read what they need?


def try_out(setting: Setting) -> None:
    """Raises EnclosureError. Never returns in the caller's process otherwise than by ending it."""
    if setting.profile == SERVICE and os.geteuid() != 0:
        raise EnclosureError("only root can give workers users of their own", "start as root, or choose namespaced")
    enclosure = enter(setting)
    answer, told = os.pipe()

    def probe() -> NoReturn:
        found = _probe(enclosure)
        os.write(told, json.dumps(found).encode())
        os._exit(0)

    status, ended = os.pipe()
    pid = fork_init(enclosure, ended, probe)
    os.close(told)
    os.close(ended)
    os.waitpid(pid, 0)
    text = os.read(answer, 1 << 16)
    os.close(status)
    found = json.loads(text) if text else ["a worker can't be started", "the log of the engine says why"]
    if found:
        raise EnclosureError(*found)


def _probe(enclosure: Enclosure) -> list[str]:
    """What is wrong and what to do about it, seen from where a worker is; empty when nothing is."""
    setting = enclosure.setting
    needed = _roots([*_python_needs(), *setting.trees])
    try:
        admit(enclosure, "try", setting.uid)
    except OSError as error:
        return [f"a worker can't be enclosed: {error}", _hint_for(setting.profile)]
    for path in needed:
        if not os.access(path, os.R_OK | (os.X_OK if os.path.isdir(path) else 0)):
            return [
                f"workers (user {os.getuid()}) can't read {path}",
                f"let others read it, as by `chmod -R o+rX {path}`, or put it where they can",
            ]
    for path in setting.hidden:
        try:
            with os.scandir(path) if os.path.isdir(path) else open(path, "rb"):
                return [f"{path} can be read in spite of all", "choose another profile, and tell the maintainers"]
        except OSError:
            continue
    with open(os.path.join(os.environ["TMPDIR"], "try"), "w"):
        return []


# System calls.


def _mount(source: str | None, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    encoded = [None if text is None else os.fsencode(text) for text in (source, target, kind)]
    options = None if data is None else data.encode()
    _check(libc.mount(encoded[0], encoded[1], encoded[2], ctypes.c_ulong(flags), options), target)


def _set_read_only(path: str, on: bool, flags: int = 0) -> None:
    change = (MOUNT_ATTR_RDONLY, 0) if on else (0, MOUNT_ATTR_RDONLY)
    attributes = struct.pack("QQQQ", *change, 0, 0)
    result = libc.syscall(
        SYS_MOUNT_SETATTR, AT_FDCWD, os.fsencode(path), flags, attributes, ctypes.c_size_t(len(attributes))
    )
    if result != 0 and ctypes.get_errno() == errno.ENOSYS:
        raise OSError(errno.ENOSYS, "the kernel is older than 5.12")
    _check(result, path)


def _check(result: int, path: str | None = None) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), path)


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _is_below_any(path: str, folders: Iterable[str]) -> bool:
    return any(_is_below(path, folder) for folder in folders)


def main(arguments: list[str]) -> int:
    """Tries the setting that is the only argument."""
    try:
        try_out(Setting.parse(arguments[0]))
        found = {"ok": True}
    except EnclosureError as error:
        found = {"ok": False, "reason": error.args[0], "hint": error.args[1]}
    print(json.dumps(found), flush=True)
    return 0


if __name__ == "__main__":
    os._exit(main(sys.argv[1:]))
