"""File systems to mount for a test: one tree under two paths, and kinds on which links and inodes differ.

What cannot be mounted here says why, which the test gives as the reason of its being skipped.
"""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

SBIN = "/usr/sbin:/sbin"
PREPARED = 40  # folders, of which each is for one test
PATIENCE = 10.0  # seconds until what was mounted has to be there, or gone


class NotHere(Exception):
    """Something cannot be mounted on this machine. Why is its text."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One tree under two paths."""

    near: Path  # the folder itself, or the first of two ways to it
    far: Path  # through what was mounted

    def folder(self, number: int) -> str:
        """Return the name of a folder that is empty and has not been looked into."""
        name = f"work{number}"
        (self.near / name).mkdir(exist_ok=True)
        return name


def program(*names: str) -> str:
    """Return the path of the first program that is here."""
    path = f"{os.environ.get('PATH', '')}:{SBIN}"
    for name in names:
        if found := shutil.which(name, path=path):
            return found
    raise NotHere(f"{names[0]} is not here")


def run(*command: str | Path, text: str = "") -> None:
    """Run a command that ends. Raises NotHere with its last words."""
    done = subprocess.run(
        [os.fspath(part) for part in command],
        input=text,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if done.returncode:
        words = (done.stderr.strip() or done.stdout.strip() or f"ended with {done.returncode}").splitlines()
        raise NotHere(f"{Path(command[0]).name} cannot mount here: {words[0]}")


@contextmanager
def mounted(point: Path, *command: str | Path, text: str = "") -> Iterator[None]:
    """Mount something at a folder that is made, with a command that ends when it is there."""
    point.mkdir(parents=True, exist_ok=True)
    run(*command, text=text)
    try:
        _wait(lambda: os.path.ismount(point), f"{point} was not mounted")
        yield
    finally:
        unmount(point)


def unmount(point: Path) -> None:
    """Unmount what lies at a folder, at the latest when nothing uses it any more."""
    if os.geteuid() == 0:
        command = ["umount", os.fspath(point)]
    else:
        command = [program("fusermount3", "fusermount"), "-u", os.fspath(point)]
    for lazy in ([], ["-l"] if os.geteuid() == 0 else ["-z"]):
        if (
            subprocess.run([command[0], *lazy, *command[1:]], capture_output=True, check=False).returncode
            == 0
        ):
            break
    _wait(lambda: not os.path.ismount(point), f"{point} is still mounted")


def _wait(happened: Callable[[], bool], otherwise: str) -> None:
    until = time.monotonic() + PATIENCE
    while not happened():
        if time.monotonic() > until:
            raise NotHere(otherwise)
        time.sleep(0.02)


def _prepare(folder: Path) -> None:
    """Make folders where only those are seen later that were there from the beginning."""
    for number in range(PREPARED):
        (folder / f"work{number}").mkdir()


def _folders(base: Path, *names: str) -> list[Path]:
    folders = [base / name for name in names]
    for folder in folders:
        folder.mkdir()
    return folders


@contextmanager
def bindfs(base: Path) -> Iterator[Seen]:
    """A folder and a mirror of it."""
    real, seen = _folders(base, "real", "seen")
    with mounted(seen, program("bindfs"), real, seen):
        yield Seen(real, seen)


@contextmanager
def mergerfs(base: Path) -> Iterator[Seen]:
    """A branch of a pool of two, and the pool."""
    branch, other, pool = _folders(base, "branch", "other", "pool")
    with mounted(pool, program("mergerfs"), "-o", "category.create=ff", f"{branch}:{other}", pool):
        yield Seen(branch, pool)


@contextmanager
def unionfs(base: Path) -> Iterator[Seen]:
    """A branch of a union of two, and the union."""
    branch, other, union = _folders(base, "branch", "other", "union")
    with mounted(union, program("unionfs", "unionfs-fuse"), f"{branch}=RW:{other}=RO", union):
        yield Seen(branch, union)


@contextmanager
def overlay(base: Path) -> Iterator[Seen]:
    """The upper folder of an overlay, and the overlay."""
    lower, upper, work, merged = _folders(base, "lower", "upper", "work", "merged")
    if os.geteuid() != 0:
        raise NotHere("only root may mount an overlay here")
    options = f"lowerdir={lower},upperdir={upper},workdir={work}"
    with mounted(merged, program("mount"), "-t", "overlay", "overlay", "-o", options, merged):
        yield Seen(upper, merged)


@contextmanager
def fuse_overlayfs(base: Path) -> Iterator[Seen]:
    """The upper folder of an overlay over FUSE, and the overlay."""
    lower, upper, work, merged = _folders(base, "lower", "upper", "work", "merged")
    _prepare(upper)
    options = f"lowerdir={lower},upperdir={upper},workdir={work}"
    with mounted(merged, program("fuse-overlayfs"), "-o", options, merged):
        yield Seen(upper, merged)


@contextmanager
def gocryptfs(base: Path) -> Iterator[Seen]:
    """Encrypted files, mounted twice."""
    cipher, first, second = _folders(base, "cipher", "first", "second")
    gocrypt, word = program("gocryptfs"), base / "password"
    word.write_text("secret\n", encoding="ascii")
    run(gocrypt, "-q", "-init", "-scryptn", "10", "-passfile", word, cipher)
    command = (gocrypt, "-q", "-passfile", word, cipher)
    with mounted(first, *command, first), mounted(second, *command, second):
        yield Seen(first, second)


@contextmanager
def rclone(base: Path) -> Iterator[Seen]:
    """A folder, and the folder through rclone."""
    real, seen = _folders(base, "real", "seen")
    _prepare(real)
    command = (program("rclone"), "mount", "--daemon", "--vfs-cache-mode", "writes")
    cache = ("--cache-dir", base / "cache", "--config", base / "rclone.conf")
    (base / "rclone.conf").write_text("")
    with mounted(seen, *command, *cache, real, seen):
        yield Seen(real, seen)


@contextmanager
def sshfs(base: Path, *options: str) -> Iterator[Seen]:
    """A folder, and the folder through an sshd on loopback."""
    real, seen = _folders(base, "real", "seen")
    with sshd(base) as (port, key):
        given = [f"port={port}", f"IdentityFile={key}", "StrictHostKeyChecking=no", *options]
        given += ["UserKnownHostsFile=/dev/null", "LogLevel=ERROR"]
        words = [word for option in given for word in ("-o", option)]
        remote = f"{getpass.getuser()}@127.0.0.1:{real}"
        with mounted(seen, program("sshfs"), *words, remote, seen):
            yield Seen(real, seen)


@contextmanager
def sshd(base: Path) -> Iterator[tuple[int, Path]]:
    """A server for whoever runs the tests; gives its port and the key that opens it."""
    server, keygen = program("sshd"), program("ssh-keygen")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    for name in ("host", "user"):
        run(keygen, "-q", "-t", "ed25519", "-N", "", "-f", base / name)
    (base / "user.pub").chmod(0o600)
    port = _free_port()
    lines = (
        f"Port {port}",
        "ListenAddress 127.0.0.1",
        f"HostKey {base / 'host'}",
        f"AuthorizedKeysFile {base / 'user.pub'}",
        f"PidFile {base / 'sshd.pid'}",
        "StrictModes no",
        "UsePAM no",
        "PermitRootLogin yes",
        "Subsystem sftp internal-sftp",
    )
    (base / "sshd.conf").write_text("\n".join(lines) + "\n", encoding="utf-8")
    with subprocess.Popen([server, "-D", "-q", "-f", base / "sshd.conf"]) as process:
        try:
            _wait(lambda: _listens(port), "sshd does not answer here")
            yield port, base / "user"
        finally:
            process.terminate()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _image(base: Path, mebibytes: int) -> Path:
    image = base / "disk.img"
    with image.open("wb") as stream:
        stream.truncate(mebibytes << 20)
    return image


@contextmanager
def attached(image: Path) -> Iterator[str]:
    """A block device that is a file."""
    if os.geteuid() != 0:
        raise NotHere("only root may make a block device of a file")
    command = [program("losetup"), "--show", "--find", os.fspath(image)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotHere(f"losetup makes no block device here: {done.stderr.strip()}")
    device = done.stdout.strip()
    try:
        yield device
    finally:
        subprocess.run([command[0], "--detach", device], check=False)


@contextmanager
def exfat(base: Path) -> Iterator[Seen]:
    """A disk that ignores case, over FUSE: two spellings of a folder on it."""
    image, point = _image(base, 32), base / "disk"
    driver = program("mount.exfat-fuse")
    run(program("mkfs.exfat"), image)
    with attached(image) as device, mounted(point, driver, device, point):
        (point / "Photos").mkdir()
        yield Seen(point / "Photos", point / "PHOTOS")


@contextmanager
def ntfs(base: Path) -> Iterator[Seen]:
    """A disk of Windows, asked to ignore case: two spellings of a folder on it."""
    image, point = _image(base, 32), base / "disk"
    driver = program("lowntfs-3g")
    run(program("mkfs.ntfs", "mkntfs"), "-q", "-F", "-f", image)
    with mounted(point, driver, "-o", "ignore_case", image, point):
        (point / "Photos").mkdir()
        yield Seen(point / "Photos", point / "PHOTOS")


@contextmanager
def loop(base: Path, maker: str, *options: str, mebibytes: int = 128) -> Iterator[Seen]:
    """A disk in a file, through a loop device: a folder on it, and the folder bound to another place."""
    if os.geteuid() != 0:
        raise NotHere("only root may mount a disk in a file")
    image, point, bound = _image(base, mebibytes), base / "disk", base / "bound"
    run(program(maker), *options, image)
    with mounted(point, program("mount"), "-o", "loop", image, point):
        (point / "Photos").mkdir()
        with mounted(bound, program("mount"), "--bind", point / "Photos", bound):
            yield Seen(point / "Photos", bound)


@contextmanager
def btrfs(base: Path) -> Iterator[Seen]:
    """Btrfs."""
    with loop(base, "mkfs.btrfs", "-q") as seen:
        yield seen


@contextmanager
def xfs(base: Path) -> Iterator[Seen]:
    """XFS."""
    with loop(base, "mkfs.xfs", "-q", mebibytes=320) as seen:
        yield seen


@contextmanager
def vfat(base: Path) -> Iterator[Seen]:
    """FAT, as cards have it."""
    with loop(base, "mkfs.vfat") as seen:
        yield seen


SHARES = """\
[global]
server role = standalone server
map to guest = Bad User
guest account = {user}
bind interfaces only = yes
interfaces = lo
smb ports = {port}
disable netbios = yes
load printers = no
private dir = {state}
lock directory = {state}
state directory = {state}
cache directory = {state}
pid directory = {state}
ncalrpc dir = {state}
[photos]
path = {folder}
guest ok = yes
read only = no
force user = {user}
"""
"""What an smbd for whoever runs the tests is told."""


@contextmanager
def smbd(base: Path, folder: Path) -> Iterator[int]:
    """A server that shares a folder as `photos`; gives its port."""
    state, port = base / "state", _free_port()
    state.mkdir()
    settings = SHARES.format(user=getpass.getuser(), port=port, state=state, folder=folder)
    (base / "smb.conf").write_text(settings, encoding="utf-8")
    command = [program("smbd"), "--foreground", "--no-process-group", "--debuglevel=0"]
    command += [f"--log-basename={state}", f"--configfile={base / 'smb.conf'}"]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True) as process:
        try:
            _wait(lambda: _listens(port), "smbd does not answer here")
            yield port
        finally:
            process.terminate()


def _has_cifs() -> bool:
    """Tell whether the kernel has it, or can load it."""
    with suppress(NotHere, OSError):
        if "cifs" not in Path("/proc/filesystems").read_text().split():
            run(program("modprobe"), "cifs")
        return "cifs" in Path("/proc/filesystems").read_text().split()
    return False


@contextmanager
def share(base: Path, *options: str) -> Iterator[Seen]:
    """A folder, and the share that it is over SMB 3.1.1, mounted as it is if nothing else is said."""
    if os.geteuid() != 0:
        raise NotHere("only root may mount a share")
    if not _has_cifs():
        raise NotHere("mount.cifs cannot mount here: this kernel has no cifs (make test-kernel starts one)")
    program("mount.cifs")
    real, seen = _folders(base, "real", "seen")
    with smbd(base, real) as port:
        given = ",".join(("guest", f"port={port}", *options))
        with mounted(seen, program("mount"), "-t", "cifs", "//127.0.0.1/photos", seen, "-o", given):
            yield Seen(real, seen)


@contextmanager
def smb(base: Path) -> Iterator[Seen]:
    """A folder, and the share that it is."""
    with share(base) as seen:
        yield seen


@contextmanager
def smb_spelled(base: Path) -> Iterator[Seen]:
    """Two spellings of a folder on a share."""
    with share(base) as seen:
        (seen.far / "Photos").mkdir()
        yield Seen(seen.far / "Photos", seen.far / "PHOTOS")


@contextmanager
def nfs(base: Path) -> Iterator[Seen]:
    """A folder, and the folder over NFS 4.2, by the server in the kernel: where that was started for this."""
    threads = Path("/proc/fs/nfsd/threads")
    if os.geteuid() != 0 or not threads.exists() or int(threads.read_text()) < 1:
        raise NotHere(
            "nfsd cannot mount here: its server is part of the kernel, and only started in one of "
            "its own (make test-kernel)"
        )
    real, seen = _folders(base, "real", "seen")
    exported = f"127.0.0.1:{real}"  # as the root of what is served: above it, there may be what cannot be
    run(program("exportfs"), "-o", "rw,no_root_squash,insecure,no_subtree_check,fsid=0", exported)
    try:
        with mounted(seen, program("mount"), "-t", "nfs4", "-o", "vers=4.2", "127.0.0.1:/", seen):
            yield Seen(real, seen)
    finally:
        run(program("exportfs"), "-u", exported)


TWO_PATHS: dict[str, Callable[[Path], AbstractContextManager[Seen]]] = {
    "bindfs": bindfs,
    "mergerfs": mergerfs,
    "unionfs": unionfs,
    "overlay": overlay,
    "fuse-overlayfs": fuse_overlayfs,
    "gocryptfs": gocryptfs,
    "rclone": rclone,
    "sshfs": sshfs,
    "exfat": exfat,
    "ntfs": ntfs,
    "btrfs": btrfs,
    "xfs": xfs,
    "vfat": vfat,
    "smb": smb,
    "smb-spelled": smb_spelled,
    "nfs": nfs,
}
"""All of the above, by name."""
