"""Names that lead where a test wants them to: the system's resolver is what is replaced."""

import socket
from collections.abc import Callable
from typing import Any

import pytest

Look = Callable[..., list[Any]]


def resolve_to(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Names under `.example` have these addresses, one answer after the other; what was asked."""
    asked: list[str] = []
    system: Look = socket.getaddrinfo

    def getaddrinfo(host: Any, *given: Any, **options: Any) -> list[Any]:
        if not str(host).endswith(".example"):
            return system(host, *given, **options)
        asked.append(host)
        addresses = answers[min(len(asked), len(answers)) - 1]
        return [entry for each in addresses for entry in system(each, *given, **options)]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked
