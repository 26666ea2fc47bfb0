"""--exclude: one meaning, whoever asks."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visualsearch_cli.errors import VisualSearchError
from visualsearch_cli.index.exclusion import Exclusion, Patterns
from visualsearch_cli.indexing.scanner import Scanner, ScanOptions, native

FILES = [
    "a.jpg",
    "b.png",
    "skipme/a.jpg",
    "skipme/deep/b.png",
    "sub/c.jpg",
    "sub/skipme/d.jpg",
    "sub/x y/e.jpg",
]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = Path(os.path.realpath(tmp_path)) / "Photos [1]"
    for name in FILES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


def left(root: Path, *patterns: str) -> list[str]:
    """Return what is not left out, as the catalog's files are asked and as the scanner finds it: the same."""
    exclusion = Exclusion(Patterns(patterns), [str(root)])
    asked = [name for name in FILES if not exclusion.leaves_out(os.path.join(root, *name.split("/")))]
    scanner = Scanner(ScanOptions(exclude=patterns))
    met = [Path(file.path).relative_to(root).as_posix() for file in scanner.files(str(root))]
    assert asked == met
    return asked


def without(*names: str) -> list[str]:
    return [name for name in FILES if not name.startswith(names)]


@pytest.mark.parametrize(
    ("pattern", "gone"),
    [
        ("skipme", ("skipme/", "sub/skipme/")),
        ("skipme/", ("skipme/", "sub/skipme/")),  # what Tab types
        ("./skipme", ("skipme/",)),
        ("./skipme/", ("skipme/",)),
        ("/skipme", ("skipme/",)),
        ("sub/skipme", ("sub/skipme/",)),
        ("sub/skipme/", ("sub/skipme/",)),
        ("**/skipme", ("skipme/", "sub/skipme/")),
        ("sub/**/d.jpg", ("sub/skipme/d.jpg",)),
        ("a.jpg", ("a.jpg", "skipme/a.jpg")),
        ("a.jpg/", ()),  # a folder of that name
        ("/a.jpg", ("a.jpg",)),
        ("*.png", ("b.png", "skipme/deep/b.png")),
        ("*/*.png", ()),  # a star stands for no slash
        ("*/*/*.png", ("skipme/deep/b.png",)),
        ("sub/*", ("sub/",)),
        ("[ab].*", ("a.jpg", "b.png", "skipme/a.jpg", "skipme/deep/b.png")),
        ("A.JPG", ()),
        ("Photos [1]/skipme", ()),
        ("../skipme", ()),
        ("x y", ("sub/x y/",)),
        ("*", FILES),
    ],
)
def test_patterns_are_those_of_gitignore(root: Path, pattern: str, gone: tuple[str, ...]) -> None:
    assert left(root, pattern) == without(*gone)
    assert left(root, "nothing", pattern) == without(*gone)


def test_patterns_can_be_taken_back(root: Path) -> None:
    assert left(root, "*.jpg", "!c.jpg", "!e.jpg") == without("a.jpg", "skipme/a.jpg", "sub/skipme/d.jpg")
    assert left(root, "sub", "!sub/c.jpg") == without("sub/"), "nothing below a folder that is left out"
    assert left(root, "sub/*", "!./sub/c.jpg") == without("sub/skipme", "sub/x")


@pytest.mark.parametrize("end", ["", os.sep])
def test_absolute_paths_below_the_root(root: Path, end: str) -> None:
    assert left(root, f"{root}/skipme{end}") == without("skipme/")
    assert left(root, f"{root}/./sub/../skipme{end}") == without("skipme/")
    assert left(root, f"{root}/*/deep{end}") == without("skipme/deep/")
    assert left(root, f"!{root}/skipme{end}") == FILES
    assert left(root, f"{root}{end}") == []
    assert left(root, f"{root.parent}/elsewhere{end}") == FILES


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_absolute_paths_through_a_link(root: Path) -> None:
    link = root.with_name("link")
    link.symlink_to(root)
    assert left(root, f"{link}/skipme") == without("skipme/")


def test_the_characters_of_an_absolute_path_that_is_there_stand_for_themselves(root: Path) -> None:
    (root / "sub" / "[a].jpg").touch()
    (root / "sub" / "a.jpg").touch()
    exclusion = Exclusion(Patterns([f"{root}/sub/[a].jpg"]), [str(root)])
    assert exclusion.leaves_out(f"{root}/sub/[a].jpg")
    assert not exclusion.leaves_out(f"{root}/sub/a.jpg")


def test_a_name_is_no_comment(root: Path) -> None:
    exclusion = Exclusion(Patterns(["#recycle"]), [str(root)])
    assert exclusion.leaves_out(f"{root}/sub/#recycle/a.jpg")
    assert not exclusion.leaves_out(f"{root}/sub/a.jpg")


def test_patterns_are_about_what_is_below_each_root(root: Path) -> None:
    inner = root / "sub"
    both = Exclusion(Patterns(["/skipme", "/x y"]), [str(root), str(inner)])
    assert both.leaves_out(str(root / "skipme"), is_folder=True)
    assert both.leaves_out(str(inner / "skipme" / "d.jpg"))
    assert not both.leaves_out(str(root / "x y.jpg"))
    assert not both.leaves_out(str(root)) and not both.leaves_out("/elsewhere/skipme/a.jpg")
    above = Exclusion(Patterns(["sub"]), [str(inner), str(root)])
    assert above.leaves_out(str(inner), is_folder=True) and above.leaves_out(str(inner / "c.jpg"))
    assert not Exclusion(Patterns(["sub"]), [str(inner)]).leaves_out(str(inner / "c.jpg"))


def test_patterns_that_fitted_nothing_are_known(root: Path) -> None:
    given = ["skipme", "nothing", "*.gif", "!c.jpg", "!none", "skipme", "a.jpg"]
    patterns = Patterns(given)
    exclusion = Exclusion(patterns, [str(root)])
    assert patterns.unmatched == ["skipme", "nothing", "*.gif", "!c.jpg", "!none", "a.jpg"]
    for name in FILES:
        exclusion.leaves_out(os.path.join(root, *name.split("/")))
    assert patterns.unmatched == ["nothing", "*.gif", "!none"]


@pytest.mark.parametrize("pattern", ["!", "a\\", "[z-a]"])
def test_what_is_no_pattern_is_named(root: Path, pattern: str) -> None:
    with pytest.raises(VisualSearchError) as caught:
        left(root, "a.jpg", pattern)
    assert f"--exclude {pattern}: this is not a pattern" in str(caught.value)


def test_names_need_not_be_text(root: Path) -> None:
    exclusion = Exclusion(Patterns(["\udcff*"]), [str(root)])
    assert exclusion.leaves_out(f"{root}/\udcffx\n.jpg")


def test_what_is_remembered_comes_before_what_is_given(root: Path) -> None:
    patterns = Patterns(["./skipme", "!b.png", "#x"], {str(root): ["*.png", "/skipme"]})
    assert patterns.lines(str(root)) == ["*.png", "/skipme", "!b.png", "\\#x"]
    again = Patterns((), {str(root): patterns.lines(str(root))})
    for each in (patterns, again):
        exclusion = Exclusion(each, [str(root)])
        assert [name for name in FILES if exclusion.leaves_out(f"{root}/{name}")] == FILES[2:4]
    assert again.unmatched == [], "nobody typed them now"
    assert Patterns(["x"], {str(root): ["x", "!x"]}).lines(str(root)) == ["!x", "x"]
    elsewhere = Exclusion(Patterns((), {"/elsewhere": ["*"]}), [str(root)])
    assert not elsewhere.leaves_out(f"{root}/a.jpg")


def test_what_is_remembered_and_no_pattern_is_named(root: Path) -> None:
    with pytest.raises(VisualSearchError, match=r"remembered of .*--no-exclude"):
        Exclusion(Patterns((), {str(root): ["!"]}), [str(root)]).leaves_out(f"{root}/a.jpg")


# Files in folders


def met(root: Path, *exclude: str, start: str = ".") -> list[str]:
    """Return what a walk meets, which is what is not left out if one asks of each file alone."""
    scanner = Scanner(ScanOptions(exclude=exclude))
    starts = os.path.normpath(root / start)
    found = [
        native(path).removeprefix(f"{root}{os.sep}").replace(os.sep, "/")
        for paths, *_ in scanner.listings(starts, [str(root)])
        for path in paths
    ]
    exclusion = Exclusion(Patterns(exclude), [str(root)], [])
    below = [name for name in FILES if start == "." or name.startswith(start)]
    assert found == [name for name in below if not exclusion.leaves_out(f"{root}/{name}")]
    assert scanner.unread == []
    return found


def test_a_folder_says_what_is_left_out_of_it(root: Path) -> None:
    (root / "sub" / ".visualsearchignore").write_text("# a comment\n/c.jpg\nskipme/\n")
    assert met(root) == without("sub/c.jpg", "sub/skipme")
    assert met(root, start="sub") == ["sub/x y/e.jpg"]
    assert met(root, start="sub/skipme") == []
    (root / ".visualsearchignore").write_bytes(b"\xef\xbb\xbfsub/*.jpg\r\nskipme/\r\n")
    assert met(root) == without("sub/c.jpg", "sub/skipme", "skipme")


def test_the_deeper_file_decides_and_the_command_before_all(root: Path) -> None:
    (root / ".visualsearchignore").write_text("*.jpg\n")
    (root / "sub" / ".visualsearchignore").write_text("!c.jpg\n")
    assert met(root) == ["b.png", "skipme/deep/b.png", "sub/c.jpg"]
    assert met(root, "sub/c.jpg", "!/a.jpg") == ["a.jpg", "b.png", "skipme/deep/b.png"]


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")
def test_git_leaves_out_the_same_by_files_in_folders(root: Path) -> None:
    subprocess.run(["git", "init", "--quiet", root], check=True)
    for folder, text in {".": "*.png\nsub/skipme\n", "skipme": "!b.png\na.*\n", "sub": "!skipme\n"}.items():
        for name in (".gitignore", ".visualsearchignore"):
            (root / folder / name).write_text(text)
    command = ["git", "-C", str(root), "check-ignore", "--no-index", "--stdin"]
    done = subprocess.run(command, input="\n".join(FILES).encode(), capture_output=True, check=False)
    ignored = done.stdout.decode().splitlines()
    assert 0 < len(ignored) < len(FILES)
    assert met(root) == [name for name in FILES if name not in ignored]


def test_only_files_below_a_root_are_read(root: Path) -> None:
    (root.parent / ".visualsearchignore").write_text("*\n")
    assert met(root) == FILES


@pytest.mark.skipif(os.name == "nt", reason="pipes and links of POSIX systems")
@pytest.mark.parametrize("kind", ["folder", "pipe", "link", "large", "bad line"])
def test_what_is_no_file_of_patterns_is_named(root: Path, kind: str) -> None:
    path = root / "sub" / ".visualsearchignore"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "link":
        (root / "text").write_text("*")
        path.symlink_to(root / "text")
    else:
        path.write_text("*\n" + 1_000_000 * "x" if kind == "large" else "[z-a]\nskipme\n")
    scanner = Scanner()
    found = [Path(file.path).relative_to(root).as_posix() for file in scanner.files(str(root))]
    assert found == (without("sub/skipme") if kind == "bad line" else FILES)
    (named,) = scanner.unread
    assert named.path == str(path)
    assert named.reason.startswith("line 1 is no pattern" if kind == "bad line" else "cannot be read: ")


parts = st.sampled_from(["a", "b", "ab", "*", "?", "**", "a*", "*.jpg", "[ab]", "x y", "[!a]*"])
lines = st.builds(
    lambda before, middle, after: before + "/".join(middle) + after,
    st.sampled_from(["", "", "/", "!", "./"]),
    st.lists(parts, min_size=1, max_size=3),
    st.sampled_from(["", "/"]),
)
names = st.lists(st.sampled_from(["a", "b", "ab", "a.jpg", "x y", "c"]), min_size=1, max_size=3)


@pytest.mark.slow
@settings(max_examples=200)
@given(st.lists(lines, max_size=3), st.lists(names.map("/".join), max_size=8))
def test_a_file_is_left_out_as_the_walk_leaves_it_out(patterns: list[str], files: list[str]) -> None:
    """A walk asks of each folder first; who asks of a file alone must come to the same."""
    walk = Exclusion(Patterns(patterns), ["/root"])
    alone = Exclusion(Patterns(patterns), ["/root"])
    for file in files:
        above = [f"/root/{'/'.join(file.split('/')[:n])}" for n in range(1, file.count("/") + 1)]
        met = not any(walk.leaves_out(folder, is_folder=True) for folder in above)
        met = met and not walk.leaves_out(f"/root/{file}")
        assert met is not alone.leaves_out(f"/root/{file}")


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")
@pytest.mark.parametrize(
    "patterns",
    [
        ["skipme/"],
        ["/skipme", "*.png"],
        ["sub/*", "!sub/c.jpg"],
        ["**/skipme/*.jpg"],
        ["sub/**"],
        ["*.jpg", "!a.jpg", "skipme/deep"],
        ["[!s]*"],
        ["a.???", "x\\ y"],
    ],
    ids=" ".join,
)
def test_git_leaves_out_the_same(root: Path, patterns: list[str]) -> None:
    subprocess.run(["git", "init", "--quiet", root], check=True)
    (root / ".gitignore").write_text("\n".join(patterns) + "\n")
    command = ["git", "-C", str(root), "check-ignore", "--no-index", "--stdin"]
    done = subprocess.run(command, input="\n".join(FILES).encode(), capture_output=True, check=False)
    ignored = done.stdout.decode().splitlines()
    assert left(root, *patterns) == [name for name in FILES if name not in ignored]
