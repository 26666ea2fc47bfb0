"""Commands that can be pasted: whatever a name holds, a shell gets just that name."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visualsearch_cli.cli.output.shell import quote

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX paths and shells")
SHELLS = [shell for shell in ("bash", "zsh", "ksh", "busybox") if shutil.which(shell)]

names = st.one_of(
    st.binary(min_size=1, max_size=20).map(lambda raw: raw.replace(b"\0", b"0")),
    st.text(min_size=1, max_size=20, alphabet="a'\"\\$`! \n\t\x1b*?é日🎉-#~;&|\u202e\u00a0").map(str.encode),
)


@pytest.mark.slow
@pytest.mark.skipif(not SHELLS, reason="no shell that knows $''")
@settings(max_examples=60, deadline=None)
@given(st.lists(names, min_size=1, max_size=20))
def test_a_shell_reads_back_what_was_quoted(raw: list[bytes]) -> None:
    words = [quote(os.fsdecode(name)) for name in raw]
    for shell in SHELLS:
        command = [shell, "sh"] if shell == "busybox" else [shell]
        line = "printf '%s\\0' " + " ".join(words)
        done = subprocess.run([*command, "-c", line], capture_output=True, check=True)
        assert done.stdout.removesuffix(b"\0").split(b"\0") == raw


@pytest.mark.slow
@given(names)
def test_a_quoted_name_is_one_printable_line(raw: bytes) -> None:
    quoted = quote(os.fsdecode(raw))
    assert quoted.isprintable() and quoted.encode("utf-8")


def test_plain_names_stay_plain() -> None:
    assert quote(Path("/a/b.jpg")) == "/a/b.jpg"
    assert quote("=ls") == "'=ls'" and quote("a=b") == "a=b"  # to zsh, the one is the path of a program
    assert quote("it's") == "'it'\"'\"'s'"
    assert quote(os.fsdecode(b"caf\xe9\n1")) == "$'caf\\351\\0121'"
