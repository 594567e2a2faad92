"""Valid requests as bytes, and what can befall bytes."""

import json
from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import quote

DEEP = 100_000
LONG = 70_000
"""Beyond what a head may have, and beyond one read of a socket."""

TOKENS = [
    *(b"\x00", b"\\u0000", b"\\ud800", b"\\udc00", b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf"),
    *(b"1e400", b"-1e400", b"NaN", b"Infinity", b"-1", b"-0", b"9007199254740993", b"9" * 5_000),
    *(
        b"null",
        b"true",
        b'""',
        b"{}",
        b"[]",
        b'{"',
        b'"',
        b",",
        b"\\",
        b"2024-02-30",
        b"9999-12-31",
    ),
    *(b"\r\n", b"\r\n\r\n", b"\n", b"\r", b" ", b"\t", b":", b"%00", b"%FF", b"%", b"%2F", b"%2e"),
    *(b"/", b"../", b"?", b"#", b"*", b"&", b"=", b"[", b"]", b";", b"'; DROP TABLE orders; --"),
    *("é😀".encode(), b"GET / HTTP/1.1\r\n\r\n", b"HEAD", b"HTTP/9.9", b"0\r\n\r\n", b"limit=0&"),
]
LARGE = [b"[" * DEEP, b'{"a":' * DEEP, b"A" * LONG, b"\r\nX: " + b"y" * LONG, b"1" * LONG]
HEADERS = [
    *(b"Expect: 100-continue", b"Connection: close", b"Connection: upgrade\r\nUpgrade: websocket"),
    *(b"Transfer-Encoding: chunked", b"Transfer-Encoding: gzip", b"Content-Length: 0"),
    *(b"Content-Length: 99999999999999999999", b"Content-Length: -1", b"Content-Length: 5"),
    *(
        b"Authorization: Bearer x",
        b"Authorization: Basic eDp4",
        b"Host: [::1",
        b"Idempotency-Key: k",
    ),
    *(b"X-Forwarded-For: \xff, ::1", b"X-Forwarded-Proto: wss", b"Content-Encoding: gzip"),
    *(b"Content-Type: multipart/form-data", b"Range: bytes=0-1", b": ", b"X", b" folded: yes"),
]
METHODS = [b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"PATCH", b"OPTIONS", b"CONNECT", b"get"]


class Request(NamedTuple):
    line: bytes
    headers: bytes
    body: bytes

    def data(self) -> bytes:
        return self.line + b"\r\n" + self.headers + b"\r\n" + self.body


def valid_requests(document: dict[str, Any], path: dict[str, str], token: str) -> list[Request]:
    """One for every path and method of an OpenAPI document, those that remove things last."""
    found = []
    for template, methods in document["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {}).get("*/*")
            body = b"" if content is None else json.dumps(content["example"]).encode()
            target = template.format(**{name: quote(value) for name, value in path.items()})
            query = "?limit=2&order_by=-id&state=new" if "parameters" in operation else ""
            line = f"{method.upper()} {target}{query} HTTP/1.1".encode()
            headers = f"Host: localhost\r\nAuthorization: Bearer {token}\r\n".encode()
            found.append(Request(line, headers + _length(body), body))
    return sorted(found, key=lambda one: one.line.startswith(b"DELETE"))


def _length(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n" % len(body)


def mutated(request: Request, random: Random) -> bytes:
    """The request with one to three things done to it; the same `random` does the same."""
    for _ in range(random.randint(1, 3)):
        request = random.choice(WAYS)(request, random)
    data = request.data()
    return random.choice(ENDINGS)(data, random) if random.random() < 0.2 else data


def _spoilt(data: bytes, random: Random) -> bytes:
    """One stretch of the bytes removed, repeated, changed or filled with something else."""
    start = random.randint(0, len(data))
    end = min(len(data), start + random.choice((0, 1, 1, 2, 8, 40)))
    before, middle, after = data[:start], data[start:end], data[end:]
    changed = bytes(byte ^ 1 << random.randrange(8) for byte in middle)
    large = random.choice(LARGE) if random.random() < 0.1 else b""
    filled = large or random.choice(TOKENS)
    return before + random.choice((b"", middle * 2, changed, filled, middle + filled)) + after


def _line(request: Request, random: Random) -> Request:
    return request._replace(line=_spoilt(request.line, random))


def _method(request: Request, random: Random) -> Request:
    rest = request.line.partition(b" ")[2]
    return request._replace(line=random.choice(METHODS) + b" " + rest)


def _headers(request: Request, random: Random) -> Request:
    return request._replace(headers=_spoilt(request.headers, random))


def _one_more_header(request: Request, random: Random) -> Request:
    return request._replace(headers=random.choice(HEADERS) + b"\r\n" + request.headers)


def _body(request: Request, random: Random) -> Request:
    """With a length that is right, else it would rarely get as far as the JSON."""
    return _with_body(request, _spoilt(request.body, random), _length)


def _wrong_length(request: Request, random: Random) -> Request:
    length = max(0, len(request.body) + random.choice((-100, -2, -1, 1, 2, 100, 10**6, 2**64)))
    return _with_body(request, request.body, lambda _: b"Content-Length: %d\r\n" % length)


def _chunks(request: Request, random: Random) -> Request:
    """In two chunks, which are then spoilt half of the time."""
    half = len(request.body) // 2
    parts = (request.body[:half], request.body[half:], b"")
    body = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)
    body = _spoilt(body, random) if random.random() < 0.5 else body
    return _with_body(request, body, lambda _: b"Transfer-Encoding: chunked\r\n")


def _with_body(request: Request, body: bytes, length: Callable[[bytes], bytes]) -> Request:
    headers = request.headers.replace(_length(request.body), length(body))
    return request._replace(headers=headers, body=body)


Way: TypeAlias = Callable[[Request, Random], Request]
WAYS: list[Way] = [_line, _method, _headers, _one_more_header, _wrong_length, _chunks, *[_body] * 6]
ENDINGS: list[Callable[[bytes, Random], bytes]] = [
    lambda data, random: data[: random.randint(0, len(data))],
    lambda data, random: data + data,
    lambda data, random: data + random.choice(TOKENS),
]
