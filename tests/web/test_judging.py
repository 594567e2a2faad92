"""A visit finds each fault that a page may have, and none on a good one."""

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

import pytest

from tests.web.judging import AXE, PHONE, Visit, require_axe

GOOD = "<h1>Good</h1><p>Text</p>"

FAULTS = (
    ("<script>console.error('broken')</script>", "console error: broken"),
    ("<script>console.warn('old')</script>", "console warning: old"),
    ("<script>throw new Error('thrown')</script>", "page error: .*thrown"),
    ("<script>Promise.reject(new Error('denied'))</script>", "page error: .*denied"),
    ("<script>alert('hello')</script>", "dialog: hello"),
    ("<img alt='' src='http://127.0.0.1:1/a'>", "request to another origin: http://127.0.0.1:1/a"),
    ("", "console error: Failed to load resource: net::"),  # the same one
    ("<img alt='' src='/404'>", "answered 404: .*/404"),
    ("<p style='width: 399px; margin-left: -8px'>Text</p>", "scrolls sideways: 399 pixels, 390 "),
    ("<p style='color: silver; background: white'>Text</p>", "not accessible: color-contrast .ser"),
    ("<input>", "not accessible: label .critical. at input"),
)
POLICY = "default-src 'none'"
AGAINST_IT = "<p onclick='x()'>Text</p>"


class Pages(BaseHTTPRequestHandler):
    """Shows what its own path holds."""

    def do_GET(self) -> None:
        shown = unquote(self.path[1:])
        self.send_response(404 if shown == "404" else 200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        if shown.endswith(AGAINST_IT):
            self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        head = "<!doctype html><html lang=en><meta name=viewport content='width=device-width'>"
        self.wfile.write(f"{head}<title>Page</title><main>{shown}</main>".encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_a_good_page_has_no_fault(visit: Visit, url: str) -> None:
    with visit(url + GOOD, width=PHONE) as page:
        assert page.title() == "Page"


def faults_of(visit: Visit, url: str) -> list[str]:
    with pytest.raises(AssertionError) as found, visit(url, width=PHONE):
        pass
    return str(found.value).splitlines()


def test_each_fault_is_found(visit: Visit, url: str) -> None:
    require_axe()
    faults = faults_of(visit, url + GOOD + "".join(shown for shown, _ in FAULTS))
    for _, message in FAULTS:
        assert len([fault for fault in faults if re.match(message, fault)]) == 1, message
    assert len(faults) == len(FAULTS), faults


def test_what_a_policy_forbids_is_found_under_it(visit: Visit, url: str) -> None:
    (fault,) = faults_of(visit, url + GOOD + AGAINST_IT)
    assert re.match("console error: .*Content Security Policy", fault)


def test_a_refusal_is_no_fault_where_it_is_looked_for(visit: Visit, url: str) -> None:
    with visit(url + "404", refusals=[404]):
        pass
    with pytest.raises(AssertionError, match="never answered 404"), visit(url, refusals=[404]):
        pass


def test_the_lock_names_no_registry() -> None:
    """It is installed from whichever one npm is set to."""
    lock = json.loads(AXE.parents[2].joinpath("package-lock.json").read_text())
    packages = [package for path, package in lock["packages"].items() if path]
    assert [sorted(package.keys() & {"integrity", "resolved"}) for package in packages] == [
        ["integrity"]
    ]
