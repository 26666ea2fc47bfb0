"""Whoever is not the tab that the user opened is refused, each in a way of its own."""

from __future__ import annotations

import http.client
from pathlib import Path

import pytest

from tests.helpers.reviewing import PATIENCE, Client

PAGES = ["/", "/g/1", "/g/1/c/1", "/p/1/0/thumb", "/rows", "/rule", "/apply", "/job", "/report.json"]
PAGES += ["/static/review.js"]
FORMS = ["/g/1", "/undo", "/rule", "/apply", "/return", "/language", "/end"]
DECIDE = {"keep": "0", "do": "remove"}


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_the_tab_of_the_user_is_answered(standing: Client, page: str) -> None:
    assert standing.get(page).status == 200
    assert standing.get(page, method="HEAD").status in (200, 405)


@pytest.mark.slow
@pytest.mark.parametrize("page", [*PAGES, "/favicon.ico", ""])
@pytest.mark.parametrize("token", ["", "/", "/wrong", "//"])
def test_without_the_token_nothing_is_told(standing: Client, page: str, token: str) -> None:
    answer = standing.get(page, token=token)
    assert answer.status == 403
    assert "missing token" in answer.text
    cut = standing.opened.door.base[:-1]
    assert standing.get(page, token=cut).status == 403
    assert standing.get(page, token=standing.opened.door.base + "x").status == 403


@pytest.mark.parametrize("page", PAGES)
def test_a_name_that_was_bound_anew_is_refused(standing: Client, page: str) -> None:
    port = standing.opened.door.port
    for host in ("evil.example", f"evil.example:{port}", f"localhost:{port}", "127.0.0.1", f"[::1]:{port}"):
        answer = standing.get(page, host=host)
        assert answer.status == 421, host
        assert b"Photos" not in answer.body
    assert standing.raw("GET", standing.opened.door.base + page, {}).status in (400, 421)
    two = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    two.putrequest("GET", standing.opened.door.base + page, skip_host=True)
    two.putheader("Host", standing.host)
    two.putheader("Host", "evil.example")
    two.endheaders()
    assert two.getresponse().status in (400, 421)
    two.close()


@pytest.mark.parametrize("page", PAGES)
def test_another_origin_reads_nothing(standing: Client, page: str) -> None:
    for origin in ("http://evil.example", "null", "http://127.0.0.1:1", f"https://{standing.host}"):
        assert standing.get(page, origin=origin).status == 403
    for site in ("cross-site", "same-site"):  # another port of this machine is of the same site
        assert standing.get(page, sec_fetch_site=site).status == 403
    for site in ("same-origin", "none"):
        assert standing.get(page, sec_fetch_site=site).status == 200


@pytest.mark.parametrize("form", FORMS)
def test_a_form_from_elsewhere_decides_nothing(standing: Client, form: str) -> None:
    for headers in (
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": ""},
        {"sec_fetch_site": "cross-site"},
        {"host": "evil.example"},
    ):
        answer = standing.post(form, DECIDE, None, **headers)
        assert answer.status in (403, 421), headers
    assert standing.review.sums().decided == 0
    assert not standing.memory.known
    assert standing.get("/").status == 200  # nobody ended it


@pytest.mark.slow
def test_a_form_from_here_decides(client: Client) -> None:
    assert client.post("/g/1", DECIDE).status == 303
    assert client.review.sums().decided == 1


@pytest.mark.parametrize("form", FORMS)
def test_a_link_is_no_form(standing: Client, form: str) -> None:
    standing.get(f"{form}?keep=0&do=remove&journal=x&folder=/")
    assert standing.review.sums().decided == 0
    assert standing.get("/").status == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
def test_other_methods_are_refused(standing: Client, method: str) -> None:
    assert standing.get("/g/1", method=method).status == 405


@pytest.mark.parametrize("length", ["99999999999999999999", "-1", "1e9", str(1 << 30)])
def test_what_is_too_large_is_refused(standing: Client, length: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", standing.opened.door.port, timeout=PATIENCE)
    connection.putrequest("POST", standing.opened.door.base + "/undo", skip_host=True)
    for name, value in (
        ("Host", standing.host),
        ("Origin", f"http://{standing.host}"),
        ("Content-Length", length),
    ):
        connection.putheader(name, value)
    connection.endheaders()
    assert connection.getresponse().status in (400, 413)
    connection.close()


@pytest.mark.slow
@pytest.mark.parametrize("page", [*PAGES, "/nothing"])
def test_every_answer_says_what_a_page_may_do(standing: Client, page: str) -> None:
    for answer in (
        standing.get(page),
        standing.get(page, token="/wrong"),
        standing.get(page, host="evil.example"),
    ):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert "access-control-allow-origin" not in answer.headers
        assert "set-cookie" not in answer.headers
    assert standing.get("/").headers["cache-control"] == "no-store"


def test_it_listens_to_this_machine_alone(standing: Client) -> None:
    assert standing.opened.door.socket.getsockname()[0] == "127.0.0.1"
    assert len(standing.opened.door.token) >= 32
    assert standing.opened.door.address == f"http://{standing.host}/{standing.opened.door.token}/"


def test_names_act_on_no_page(photos: Path, standing: Client) -> None:
    evil = "<script>alert(1)</script>"
    for path in (f"/rule?folder=/{evil}", f"/?folder={evil}&reason={evil}", "/g/1?folder=%22%3E" + evil):
        answer = standing.get(path.replace("<", "%3C").replace(">", "%3E"))
        assert answer.status == 200
        assert "<script>alert" not in answer.text
    assert photos.exists()
