"""The image, built and run as far as that goes without an engine."""

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import pytest

from doorstep.client import Client
from tests.deploy.container import Container
from tests.deploy.dockerfile import words_of
from tests.deploy.tools import free_port


@pytest.fixture
def container(installed: Path, tmp_path: Path) -> Iterator[Container]:
    made = Container(installed, tmp_path, free_port())
    yield made
    made.close()


def test_the_image_runs_from_a_read_only_root_without_privileges(
    container: Container, tmp_path: Path
) -> None:
    container.start()
    made = container.execute("doorstep", "account", "create", "Shop", "--json")
    with Client(container.url, json.loads(made.stdout)["access_key"]) as client:
        client.create_order("A", order_items=[{"sku": "B"}])
    assert container.written_outside() == []
    assert (tmp_path / "doorstep.db").stat().st_mode & 0o777 == 0o600
    assert container.stop() == 0
    container.start()
    with Client(container.url, json.loads(made.stdout)["access_key"]) as client:
        assert client.order("A").order_items[0].sku == "B"
    assert container.execute("doorstep", "verify").stdout == "1 orders replayed, 0 faults\n"


def test_the_image_holds_the_code_that_was_copied_and_no_installer(container: Container) -> None:
    place = container.execute("python", "-c", "import doorstep; print(doorstep.__file__)")
    assert place.stdout.startswith("/opt/doorstep/lib/")
    programs = container.execute("ls", "/opt/doorstep/bin").stdout.split()
    assert words_of("ENTRYPOINT")[0] in programs
    assert not [name for name in programs if name.startswith("pip")]


def test_the_health_check_tells_a_server_from_none(container: Container) -> None:
    assert container.health() == 1
    container.start()
    assert httpx.get(f"{container.url}/healthz").status_code == 200
    assert container.health() == 0


def test_the_health_check_fails_by_any_answer_but_200(container: Container) -> None:
    # The bare handler knows no method, and answers 501.
    with HTTPServer(("127.0.0.1", container.port), BaseHTTPRequestHandler) as refusing:
        answering = threading.Thread(target=refusing.handle_request)
        answering.start()
        assert container.health() == 1
        answering.join()


def test_the_health_check_fails_while_the_server_hangs(container: Container) -> None:
    with socket.create_server(("127.0.0.1", container.port)):
        assert container.health() == 1
