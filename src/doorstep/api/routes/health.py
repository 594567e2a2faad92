"""Routes for those who look after the server."""

from doorstep.api import answers as a
from doorstep.api import health
from doorstep.api.routes.route import Route, Text


def health_routes() -> tuple[Route, ...]:
    """What those who run doorstep ask of each of its processes."""
    return (
        Route(
            "GET",
            ("/healthz",),
            "getHealth",
            "Whether the process answers",
            health.alive,
            {200: a.HealthAnswer},
            scopes=None,
        ),
        Route(
            "GET",
            ("/readyz",),
            "getReadiness",
            "Whether the database takes a write",
            health.ready,
            {200: a.HealthAnswer},
            scopes=None,
            refusals=(500, 503),
        ),
        Route(
            "GET",
            ("/metrics",),
            "getMetrics",
            "Figures for Prometheus",
            health.metrics,
            {200: Text("text/plain")},
            scopes=None,
        ),
    )
