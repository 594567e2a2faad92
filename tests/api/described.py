"""Holds requests and answers against the OpenAPI document that the server itself gives."""

import copy
import json
from typing import Any
from urllib.parse import unquote

import httpx
from jsonschema import Draft202012Validator, FormatChecker

from tests.conftest import Api

ALWAYS_THERE = {"content-type", "content-length"}
OF_THE_PAGE = {"content-security-policy", "x-content-type-options", "referrer-policy"}


class Described:
    """Every answer that goes through `check` must be as the document says, and no other."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.seen: set[tuple[str, str, str]] = set()
        self._components = closed_components(document["components"])

    def find(self, raw_path: str) -> str | None:
        """The path template, those with fewer parameters first."""
        given = raw_path.partition("?")[0].removesuffix("/").split("/")
        for template in sorted(self.document["paths"], key=lambda one: one.count("{")):
            parts = template.split("/")
            if len(parts) == len(given) and all(
                part.startswith("{") or part == unquote(segment)
                for part, segment in zip(parts, given, strict=True)
            ):
                return str(template)
        return None

    def faults(self, schema: dict[str, Any], value: Any) -> list[str]:
        validator = Draft202012Validator(
            {**schema, "components": self._components}, format_checker=FormatChecker()
        )
        return [f"{list(error.path)}: {error.message}" for error in validator.iter_errors(value)]

    def check(self, response: httpx.Response) -> None:
        request = response.request
        template = self.find(request.url.raw_path.decode())
        method = "get" if request.method == "HEAD" else request.method.lower()
        operation = self.document["paths"].get(template, {}).get(method)
        if operation is None:
            status = 404 if template is None else 405
            assert response.status_code == status, response.text
            name = {404: "NotFound", 405: "MethodNotAllowed"}[status]
            self._check_answer(self.document["components"]["responses"][name], response)
            return
        status_text = str(response.status_code)
        where = f"{request.method} {template} {status_text}"
        assert status_text in operation["responses"], f"{where} is not documented"
        self._check_answer(self._resolved(operation["responses"][status_text]), response)
        if response.is_success and "requestBody" in operation:
            self._check_body(operation, request)
        self.seen.add((request.method, str(template), status_text))

    def _resolved(self, found: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in found:
            target: Any = self.document
            for part in found["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            found = target
        return found

    def _check_answer(self, said: dict[str, Any], response: httpx.Response) -> None:
        where = f"{response.request.method} {response.request.url} {response.status_code}"
        headers = {
            name.lower(): self._resolved(one) for name, one in said.get("headers", {}).items()
        }
        unknown = set(response.headers) - set(headers) - ALWAYS_THERE
        kind = response.headers.get("content-type", "").partition(";")[0]
        assert unknown <= (OF_THE_PAGE if kind == "text/html" else set()), (where, unknown)
        for name, header in headers.items():
            assert name in response.headers or not header["required"], f"{where} lacks {name}"
            if name in response.headers:
                text = response.headers[name]
                value = int(text) if header["schema"].get("type") == "integer" else text
                assert self.faults(header["schema"], value) == [], where
        content = said.get("content", {})
        assert (kind in content) if content else kind == "", f"{where}: {kind}"
        if content and response.request.method != "HEAD":
            value = response.json() if kind.endswith("json") else response.text
            assert self.faults(content[kind]["schema"], value) == [], where

    def _check_body(self, operation: dict[str, Any], request: httpx.Request) -> None:
        content = operation["requestBody"]["content"]
        assert content["application/json"] == content["*/*"]
        value = json.loads(request.content.removeprefix(b"\xef\xbb\xbf"))
        if isinstance(value, list):
            return  # Its entries are accepted or refused one by one.
        faults = self.faults(content["*/*"]["schema"], value)
        assert faults == [], f"accepted, but not documented: {value}: {faults}"


def closed_components(components: dict[str, Any]) -> dict[str, Any]:
    """Answers may get more fields one day; today's have no others than those documented."""
    closed = copy.deepcopy(components)
    for name, schema in closed["schemas"].items():
        if name.endswith("Answer") or name in ("Violation", "CloudEvent"):
            schema["additionalProperties"] = False
    return closed


def watched(api: Api, described: Described) -> Described:
    """From here on every answer that the API gives is checked."""

    async def check(response: httpx.Response) -> None:
        await response.aread()
        described.check(response)

    api.http.event_hooks["response"].append(check)
    return described
