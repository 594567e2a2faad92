"""Several processes on one port: who dies is replaced, and told to stop all go in order."""

import json
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import httpx
import psutil
import pytest

from doorstep.processes import EXIT_TOO_MANY_DEATHS, MOST_DEATHS
from tests.conftest import Server, clean_environment, new_access_key, serve_command
from tests.databases import Databases, execute, locked
from tests.e2e.promises import Rounds, loaded, settle, verify
from tests.e2e.several import clients_of_each, kill_one, processes_of, until
from tests.e2e.signed_in import signed_in

TWO = ("--processes", "2")
WAITING = 24
ACKNOWLEDGED_BEFORE = 60
MOST_SECONDS = 10


@pytest.fixture
def url(postgres_databases: Databases) -> str:
    return postgres_databases.again()


@pytest.fixture
def server(url: str) -> Iterator[Server]:
    with Server(url, *TWO) as started:
        yield started


def all_gone(processes: list[psutil.Process]) -> bool:
    return not psutil.wait_procs(processes, timeout=30)[1]


def test_it_says_once_that_it_serves_and_makes_one_first_account(url: str) -> None:
    with Server(url, *TWO, "--quickstart") as server:
        with clients_of_each(server) as clients:
            assert len(clients) == 2
        assert server.stop() == 0
    said = "".join(server.log)
    assert said.count(" serves ") == said.count("A first account was made") == 1
    assert execute(url, "SELECT count(*) FROM accounts") == [(1,)]


def test_dead_processes_are_replaced_up_to_a_limit_while_the_others_go_on(server: Server) -> None:
    with clients_of_each(server) as clients:
        dies, stays = clients
        for _ in range(MOST_DEATHS):
            kill_one(server, dies)
            assert clients[stays].get("/healthz").status_code == 200
            (dies,) = set(processes_of(server)) - {stays}
    with clients_of_each(server) as clients:
        assert set(clients) == {dies, stays}
    dies.kill()
    assert server.process.wait(MOST_SECONDS) == EXIT_TOO_MANY_DEATHS
    assert all_gone([dies, stays])
    server.stop()
    *deaths, end = [json.loads(line) for line in server.log[1:]]
    assert [(death["message"], death["by"]) for death in deaths] == [
        ("a process ended unasked", "SIGKILL")
    ] * (MOST_DEATHS + 1)
    assert end["message"] == "more than 10 processes ended within 60 seconds: giving up"


def test_connections_that_a_dead_process_had_not_taken_in_wait_for_the_next(
    server: Server,
) -> None:
    stopped = processes_of(server)
    for process in stopped:
        process.suspend()
    until(lambda: all(one.status() == psutil.STATUS_STOPPED for one in stopped), server)
    address = (httpx.URL(server.url).host, httpx.URL(server.url).port)
    waiting = [socket.create_connection(address) for _ in range(WAITING)]  # type: ignore[arg-type]
    for connection in waiting:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: doorstep\r\n\r\n")
    for process in stopped:
        process.kill()
    for connection in waiting:
        with connection:
            assert connection.recv(1000).startswith(b"HTTP/1.1 200 OK")
    assert all_gone(stopped)


def test_a_process_starts_while_the_database_is_away(url: str) -> None:
    key = {"access_key": new_access_key(url)}
    name = url.rpartition("/")[2]
    beside = url.removesuffix(name) + "postgres"
    allow = f"ALTER DATABASE {name} ALLOW_CONNECTIONS"
    with Server(url, *TWO) as server:
        execute(beside, f"{allow} false")
        try:
            for process in processes_of(server):
                kill_one(server, process)
            with clients_of_each(server) as clients:
                for client in clients.values():
                    assert client.post("/v2/token", json=key).status_code == 503
                execute(beside, f"{allow} true")
                for client in clients.values():
                    assert client.post("/v2/token", json=key).status_code == 200
        finally:
            execute(beside, f"{allow} true")


def kill_and_stop(server: Server, acknowledged: threading.Semaphore, chance: Random) -> None:
    """Under load one process is killed, and when it is replaced, all are told to stop."""
    for _ in range(ACKNOWLEDGED_BEFORE):
        if not acknowledged.acquire(timeout=30):
            return  # the clients failed, and say why
    kill_one(server, processes_of(server)[0])
    processes = processes_of(server)
    began = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(30) == 0
    assert time.monotonic() - began < MOST_SECONDS
    assert all_gone(processes)


def test_a_kill_and_a_stop_under_load_lose_nothing(url: str) -> None:
    access_key = new_access_key(url)
    with Server(url, *TWO) as server:
        rounds: Rounds = {"1": loaded(server, access_key, "1", kill_and_stop, Random(1))}
    assert "Traceback" not in "".join(server.log)
    with Server(url) as server:
        settle(server, access_key, rounds)
    verify(url)


def test_told_to_stop_again_and_while_a_process_is_replaced_it_ends_in_order(
    server: Server,
) -> None:
    processes_of(server)[0].kill()
    for how in (signal.SIGTERM, signal.SIGTERM, signal.SIGINT):
        server.process.send_signal(how)
    assert server.process.wait(MOST_SECONDS) == 0


def test_told_to_stop_during_the_start_it_ends_in_order(url: str) -> None:
    with subprocess.Popen(
        serve_command(url, *TWO), stderr=subprocess.PIPE, text=True, env=clean_environment()
    ) as starting:
        parent = psutil.Process(starting.pid)
        while not (processes := parent.children()):
            assert starting.poll() is None
        starting.send_signal(signal.SIGTERM)
        assert starting.communicate()[1] == ""
    assert starting.returncode == 0
    assert all_gone(processes)


def test_a_terminal_that_interrupts_all_of_them_ends_them_in_order(url: str) -> None:
    with Server(url, *TWO, under=["setsid"]) as server:
        processes = processes_of(server)
        os.killpg(server.process.pid, signal.SIGINT)
        assert server.process.wait(MOST_SECONDS) == 0
    assert all_gone(processes)
    assert server.log[1:] == []


@pytest.mark.parametrize(
    ("how", "exit_code", "said"),
    [(signal.SIGTERM, 0, 0), (signal.SIGKILL, -signal.SIGKILL, 2)],
    ids=["stopped", "without-parent"],
)
def test_they_finish_what_they_took_in(
    url: str, tmp_path: Path, how: signal.Signals, exit_code: int, said: int
) -> None:
    access_key = new_access_key(url)
    with Server(url, *TWO, environ={"TMPDIR": str(tmp_path)}) as server:
        processes = processes_of(server)
        assert any(tmp_path.iterdir())
        with (
            signed_in(server.url, access_key) as http,
            ThreadPoolExecutor(1) as clients,
            locked(url),
        ):
            taken_in = clients.submit(http.post, "/v2/order", json={"order_id": "LAST"})
            until(lambda: waits(url), server)
            server.process.send_signal(how)
            until_refused(server.url)
        assert taken_in.result().status_code == 201
        assert server.process.wait(MOST_SECONDS) == exit_code
        assert all_gone(processes)
    assert "".join(server.log).count("the parent process is gone") == said
    assert not any(tmp_path.iterdir())


def waits(url: str) -> bool:
    """Whether somebody waits for a lock."""
    return execute(url, "SELECT count(*) FROM pg_locks WHERE NOT granted") != [(0,)]


def until_refused(url: str) -> None:
    """Until no process takes connections any more."""
    address = (httpx.URL(url).host, httpx.URL(url).port)
    while True:
        try:
            socket.create_connection(address).close()  # type: ignore[arg-type]
        except ConnectionError:
            return
