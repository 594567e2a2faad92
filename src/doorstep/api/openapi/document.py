"""The document itself: made anew from a table of routes and the limits in force."""

from typing import Any

from doorstep import __version__
from doorstep.api.openapi import responses, texts
from doorstep.api.openapi.operations import operation
from doorstep.api.openapi.schemas import answer_schemas, request_schemas
from doorstep.api.problems import ProblemAnswer, UnauthorizedAnswer
from doorstep.api.routes.route import Route, Text
from doorstep.domain.limits import Limits

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def document(routes: tuple[Route, ...], limits: Limits, public_url: str) -> dict[str, Any]:
    """The OpenAPI 3.1 document of what the routes serve."""
    paths: dict[str, Any] = {}
    for route in routes:
        for path in route.paths:
            paths.setdefault(path, {})[route.method.lower()] = operation(route, path, limits)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": texts.TITLE,
            "version": __version__,
            "summary": "A self-hosted order-lifecycle service.",
            "description": texts.ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "jsonSchemaDialect": DIALECT,
        "servers": [{"url": public_url}],
        "security": [{"bearer": []}],
        "tags": [{"name": name, "description": text} for name, text in texts.TAGS.values()],
        "paths": paths,
        "components": _components(routes, limits),
    }


def _components(routes: tuple[Route, ...], limits: Limits) -> dict[str, Any]:
    answers = [answer for route in routes for answer in route.answers.values()]
    types = [one for one in answers if one is not None and not isinstance(one, Text)]
    _, known = answer_schemas([*types, ProblemAnswer, UnauthorizedAnswer])
    return {
        "schemas": {**request_schemas(limits), **known},
        "responses": responses.refusals(),
        "headers": responses.headers(),
        "securitySchemes": {
            "bearer": {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "JWT",
                "description": "A token of `POST /v2/token`, valid 60 minutes.",
            }
        },
    }
