"""The process that reads files: giving up what it doesn't need, then answering calls.

Belongs here: what the process may do, and its side of the conversation. Doesn't: starting it, and
what its end means (`sandbox`). It is run as a script, before anything that starts a thread is
imported, because Landlock binds only the thread that asks for it and those that it starts.

What is closed, where Linux gives it without rights of its own (docs/security.md):
- seccomp: sockets, new processes and programs, signals to others, System V and io_uring.
- Landlock: every file but those of Python and its packages, which can be read only. The raw file
  and the file for its rows come as open files with a call.
"""

import contextlib
import ctypes
import errno
import gc
import json
import math
import os
import pickle
import platform
import resource
import signal
import socket
import struct
import sys
import time
from collections.abc import Iterator
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import Any

HEAD = struct.Struct("!Q")  # before each message: its length
_MODES = ("rb", "wb")  # of the files that come with a call

_LIBC = ctypes.CDLL(None, use_errno=True)
_NO_NEW_PRIVILEGES = 38  # prctl
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446  # on every architecture
_READ_FILE, _READ_FOLDER = 1 << 2, 1 << 3
# What a version of Landlock can forbid, as bits: of files, of TCP, of other processes' sockets and
# signals. All of it is forbidden.
_FORBIDDEN = (
    *((1, 13, 0, 0), (2, 14, 0, 0), (3, 15, 0, 0)),
    *((4, 15, 2, 0), (5, 16, 2, 0), (6, 16, 2, 2)),
)

# What compiled code of any package looks for besides Python's own folders.
_SYSTEM = (
    *("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/share/zoneinfo", "/etc/ld.so.cache"),
    *("/dev/null", "/dev/urandom", "/proc/cpuinfo", "/sys/devices/system/cpu"),
)

# Numbers of an architecture's system calls: its own, seccomp; those that are forbidden, in the
# order of the names; clone; kill and tgkill.
_CALLS = {
    # socket socketpair fork vfork execve execveat ptrace shmget msgget semget mq_open keyctl
    # add_key process_vm_readv process_vm_writev
    "x86_64": (
        (0xC000003E, 317),
        (41, 53, 57, 58, 59, 322, 101, 29, 68, 64, 240, 250, 248, 310, 311),
        *(56, (62, 234)),
    ),
    # the same but fork and vfork, which it doesn't have
    "aarch64": (
        (0xC00000B7, 277),
        (198, 199, 221, 281, 117, 194, 186, 190, 180, 219, 217, 270, 271),
        *(220, (129, 131)),
    ),
}
# io_uring_setup pidfd_open pidfd_send_signal, and clone3: the same everywhere
_CALLS_ANYWHERE, _CLONE3 = (425, 434, 424), 435
_X32, _CLONE_THREAD = 0x40000000, 0x00010000
_LOAD, _EQUALS, _HAS_BIT, _AT_LEAST, _RETURN = 0x20, 0x15, 0x45, 0x35, 0x06  # of BPF
_ALLOW, _ERROR = 0x7FFF0000, 0x00050000
_ARCHITECTURE_AT, _NUMBER_AT, _ARGUMENT_AT = 4, 0, 16  # in seccomp_data


def give_up_rights(folders: list[str]) -> None:
    """Close files but those in some folders, the network and other processes, for good.

    Where the system has no such means, the limits of memory and time have to do.
    """
    with contextlib.suppress(OSError, AttributeError):
        _system_call(None, _NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        _restrict_files(folders)
    with contextlib.suppress(OSError, AttributeError, KeyError):
        _restrict_calls()


def _system_call(number: int | None, *arguments: object) -> int:
    """Make a system call; without a number prctl. Raises OSError."""
    longs = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    call, first = (_LIBC.prctl, []) if number is None else (_LIBC.syscall, [ctypes.c_long(number)])
    result = int(call(*first, *longs))
    if result < 0:
        raise OSError(ctypes.get_errno(), "the system refuses")
    return result


def _restrict_files(folders: list[str]) -> None:
    version = _system_call(_LANDLOCK_CREATE, None, 0, 1)
    _, *bits = max(known for known in _FORBIDDEN if known[0] <= version)
    fields = [(1 << count) - 1 for count in bits if count]
    ruleset = _system_call(
        _LANDLOCK_CREATE, struct.pack(f"={len(fields)}Q", *fields), 8 * len(fields), 0
    )
    for name in (*folders, *_SYSTEM):
        with contextlib.suppress(OSError):
            handle = os.open(name, os.O_PATH)
            rights = _READ_FILE | (_READ_FOLDER if Path(name).is_dir() else 0)
            _system_call(_LANDLOCK_ADD, ruleset, 1, struct.pack("=Qi", rights, handle), 0)
            os.close(handle)
    _system_call(_LANDLOCK_RESTRICT, ruleset, 0)
    os.close(ruleset)


def _restrict_calls() -> None:
    program = [struct.pack("HBBI", *step) for step in _filter()]
    steps = ctypes.create_string_buffer(b"".join(program))
    described = struct.pack("HP", len(program), ctypes.addressof(steps))
    (_, seccomp), *_ = _CALLS[platform.machine()]
    _system_call(seccomp, 1, 1, described)  # for every thread


def _filter() -> Iterator[tuple[int, int, int, int]]:
    """Return a program of BPF: code, steps to skip if so, if not, value."""
    (architecture, _), forbidden, clone, signals = _CALLS[platform.machine()]
    refuse, allow = (_RETURN, 0, 0, _ERROR | errno.EPERM), (_RETURN, 0, 0, _ALLOW)
    yield from [(_LOAD, 0, 0, _ARCHITECTURE_AT), (_EQUALS, 1, 0, architecture), refuse]
    yield from [(_LOAD, 0, 0, _NUMBER_AT), (_AT_LEAST, 0, 1, _X32), refuse]
    for number in (*forbidden, *_CALLS_ANYWHERE):
        yield from [(_EQUALS, 0, 1, number), refuse]
    # glibc then starts its threads by clone, whose flags can be looked at.
    yield from [(_EQUALS, 0, 1, _CLONE3), (_RETURN, 0, 0, _ERROR | errno.ENOSYS)]
    own = [(clone, _HAS_BIT, _CLONE_THREAD), *((n, _EQUALS, os.getpid()) for n in signals)]
    for number, test, value in own:
        argument = (_LOAD, 0, 0, _ARGUMENT_AT)
        yield from [(_EQUALS, 0, 4, number), argument, (test, 1, 0, value), refuse, allow]
    yield allow


class _WithoutPandas(MetaPathFinder):
    """Keeps Arrow from importing pandas, half a second a process, only to look at a list's type."""

    def find_spec(self, fullname: str, *_: object) -> None:
        if fullname == "pandas":
            raise ModuleNotFoundError(fullname)


def _limit(memory_bytes: int, file_bytes: int) -> None:
    limits = ((resource.RLIMIT_DATA, memory_bytes), (resource.RLIMIT_FSIZE, file_bytes))
    for which, most in (*limits, (resource.RLIMIT_CORE, 0)):
        with contextlib.suppress(ValueError, OSError):  # a lower limit is already in force
            resource.setrlimit(which, (most, most))


def _call(message: bytes, files: list[Any]) -> dict[str, Any]:
    """Call a function within a time; return its value, or the error that it raised, as data."""
    from orchestration.reading import ReadError  # noqa: PLC0415 - it imports Arrow

    used, (_, most) = time.process_time(), resource.getrlimit(resource.RLIMIT_CPU)
    try:
        # What is unpickled is of the parent's making; what goes back is JSON.
        function, seconds, arguments = pickle.loads(message)  # noqa: S301
        resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(used + seconds), most))
        return {"value": function(*arguments, *files)}
    except ReadError as error:
        return {"error": "ReadError", "text": str(error), "columns_found": error.columns_found}
    except MemoryError:  # pyarrow's out-of-memory error is one too
        return {"error": "MemoryError"}
    except Exception as error:
        return {"error": type(error).__name__, "text": str(error)}
    except BaseException:  # a panic of compiled code
        return {"error": "gave up"}


def _received(connection: socket.socket, length: int) -> bytes:
    data = b""
    while len(data) < length:
        piece = connection.recv(length - len(data))
        if not piece:
            sys.exit()
        data += piece
    return data


def main() -> None:
    """Answer calls on the socket that is standard input, until it is closed."""
    settings = json.loads(sys.argv[1])
    sys.path[:] = settings["path"]
    import orchestration  # noqa: F401, PLC0415 - its folder can't be looked for afterwards

    _limit(settings["memory_bytes"], settings["file_bytes"])
    give_up_rights(settings["folders"])
    sys.meta_path.insert(0, _WithoutPandas())
    import pyarrow as pa  # noqa: PLC0415 - only now may it start threads

    # Arrow's own allocator takes a gigabyte at once: that counts as used, and costs half a second.
    pa.set_memory_pool(pa.system_memory_pool())
    gc.set_threshold(200_000)  # a file's rows are no garbage, and many
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started this ends it
    connection = socket.socket(fileno=0)
    while True:
        head, handles, *_ = socket.recv_fds(connection, HEAD.size, len(_MODES))
        if not head:
            return
        message = _received(connection, *HEAD.unpack(head))
        files = [os.fdopen(handle, mode) for handle, mode in zip(handles, _MODES, strict=False)]
        reply = _call(message, files)
        for file in files:
            with contextlib.suppress(OSError):
                file.close()
        try:
            data = json.dumps(reply).encode()
        except (TypeError, ValueError):
            data = json.dumps({"error": "TypeError", "text": "no data came back"}).encode()
        connection.sendall(HEAD.pack(len(data)) + data)


if __name__ == "__main__":
    main()
