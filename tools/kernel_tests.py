"""Tests of disks and shares that the kernel at hand cannot mount, in one that runs as a program.

Debian's package `user-mode-linux` is a kernel with vfat, SMB and NFS. It starts within seconds, needs no
rights, and has a network of its own, in which nothing but its loopback is. Its root is this machine's, which
it may only read; what the tests write is on a disk in a file, which is deleted.

    python -m tools.kernel_tests [WHAT PYTEST IS TOLD]...
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).parents[1]
MODULES = Path("/usr/lib/uml/modules")
MEMORY = "3G"  # of which it takes what it uses
DISK = 4 << 30  # bytes, of which those count that are written
TIMEOUT = 3600  # seconds
NEEDED = {
    "linux.uml": "user-mode-linux",
    "mke2fs": "e2fsprogs",
    "modprobe": "kmod",
    "ip": "iproute2",
    "mkfs.vfat": "dosfstools",
    "mksquashfs": "squashfs-tools",
    "genisoimage": "genisoimage",
    "smbd": "samba",
    "mount.cifs": "cifs-utils",
    "mount.nfs4": "nfs-common",
    "rpc.nfsd": "nfs-kernel-server",
}
"""Programs, and the packages of Debian that they are in."""
TESTS = ("tests/e2e/test_disks.py", "-k", "vfat or smb or (nfs and not unionfs) or coarser")

INIT = """\
#!/bin/sh
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/mnt TMPDIR=/mnt LC_ALL=C.UTF-8
mount -t proc proc /proc
mount -t sysfs sysfs /sys
for folder in /run /var/lib/nfs /var/log; do mount -t tmpfs tmpfs $folder; done
mkdir -p /var/log/samba /run/sshd /run/host
mount -t hostfs -o {host} hostfs /run/host
mount -t ext4 /dev/ubda /mnt || exit
ip link set lo up
printf '#!/bin/sh\\nexec /usr/sbin/modprobe -d /run/host "$@"\\n' > /run/modprobe
chmod +x /run/modprobe
echo /run/modprobe > /proc/sys/kernel/modprobe
for module in {modules}; do /run/modprobe $module; done
mount -t nfsd nfsd /proc/fs/nfsd
echo 10 > /proc/fs/nfsd/nfsv4leasetime
echo 10 > /proc/fs/nfsd/nfsv4gracetime
touch /var/lib/nfs/etab /var/lib/nfs/rmtab
rpc.nfsd --no-nfs-version 3 --host 127.0.0.1 2
rpc.mountd --no-nfs-version 3 2>/dev/null
echo Y > /proc/fs/nfsd/v4_end_grace
cd {project}
{command}
echo $? > /run/host/status
sync
echo o > /proc/sysrq-trigger
sleep 60
"""
LOADED = "loop fuse vfat nls_cp437 nls_iso8859-1 nls_utf8 nls_ascii cifs nfsv4 nfsd isofs squashfs"


def missing() -> list[str]:
    """Return the packages that are to be installed."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    return sorted({package for program, package in NEEDED.items() if not shutil.which(program, path=path)})


def main(arguments: list[str]) -> int:
    """Start the kernel, and return what pytest ended with in it."""
    if packages := missing():
        print(f"apt-get install {' '.join(packages)}: these are needed, and Linux", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="kernel-") as name:
        host = Path(name)
        (host / "lib" / "modules").mkdir(parents=True)
        for modules in MODULES.iterdir():
            (host / "lib" / "modules" / modules.name).symlink_to(modules)
        disk, init = host / "disk", host / "init"
        with disk.open("wb") as stream:
            stream.truncate(DISK)
        subprocess.run(["/usr/sbin/mke2fs", "-q", "-t", "ext4", "-F", disk], check=True)
        test = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--basetemp=/mnt/tests"]
        command = shlex.join([*test, *(arguments or TESTS)])
        init.write_text(INIT.format(host=host, modules=LOADED, project=PROJECT, command=command), "ascii")
        init.chmod(0o700)
        kernel = [
            *(
                "linux.uml",
                f"mem={MEMORY}",
                "rootfstype=hostfs",
                "rootflags=/",
                "ro",
                "quiet",
                f"ubd0={disk}",
            ),
            *("con=null", "con0=null,fd:1", "ssl=null", f"init={init}"),
        ]
        subprocess.run(kernel, stdin=subprocess.DEVNULL, timeout=TIMEOUT, check=False)
        status = host / "status"
        return int(status.read_text()) if status.exists() else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
