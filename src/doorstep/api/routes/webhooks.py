"""Routes of webhook endpoints."""

from typing import Any

from doorstep.api import webhook_answers as w
from doorstep.api import webhook_attempts, webhook_endpoints
from doorstep.api.routes.route import READ, Handler, Route
from doorstep.service.forms import webhook_bodies

ENDPOINTS = ("/v2/webhook_endpoints",)
ONE_ENDPOINT = "/v2/webhook_endpoints/{webhook_endpoint_id}"


def webhook_endpoint_routes() -> tuple[Route, ...]:
    return (
        Route(
            "POST",
            ENDPOINTS,
            "createWebhookEndpoint",
            "Have events sent to a URL, from now on",
            webhook_endpoints.create,
            {201: w.WebhookEndpointAnswer},
            webhook_bodies.WEBHOOK_ENDPOINT,
            replays=True,
            refusals=(409,),
        ),
        Route(
            "GET",
            ENDPOINTS,
            "listWebhookEndpoints",
            "The webhook endpoints, the oldest first",
            webhook_endpoints.listing,
            {200: list[w.WebhookEndpointAnswer]},
            scopes=READ,
        ),
        Route(
            "GET",
            (ONE_ENDPOINT,),
            "getWebhookEndpoint",
            "One webhook endpoint",
            webhook_endpoints.get,
            {200: w.WebhookEndpointAnswer},
            scopes=READ,
        ),
        Route(
            "PUT",
            (ONE_ENDPOINT,),
            "changeWebhookEndpoint",
            "Change the given fields of a webhook endpoint",
            webhook_endpoints.update,
            {200: w.WebhookEndpointAnswer},
            webhook_bodies.WEBHOOK_ENDPOINT_CHANGE,
        ),
        Route(
            "DELETE",
            (ONE_ENDPOINT,),
            "deleteWebhookEndpoint",
            "Send nothing there any more",
            webhook_endpoints.delete,
            {204: None},
        ),
    )


def webhook_routes() -> tuple[Route, ...]:
    """What is done with an endpoint."""

    def post(path: str, name: str, summary: str, handler: Handler, **more: Any) -> Route:
        answers = more.pop("answers", {200: w.WebhookEndpointAnswer})
        more = {"refusals": (409,), "replays": True, **more}
        return Route("POST", (f"{ONE_ENDPOINT}/{path}",), name, summary, handler, answers, **more)

    return (
        post(
            "rotate_secret",
            "rotateWebhookSecret",
            "A new secret",
            webhook_endpoints.rotate_secret,
            body=webhook_bodies.ROTATION,
        ),
        post(
            "test",
            "testWebhookEndpoint",
            "Send a test at once",
            webhook_endpoints.test,
            answers={200: w.WebhookAttemptAnswer},
        ),
        post("pause", "pauseWebhookEndpoint", "Send nothing for now", webhook_endpoints.pause),
        post(
            "resume",
            "resumeWebhookEndpoint",
            "Go on, with all that waits",
            webhook_endpoints.resume,
        ),
        post(
            "replay",
            "replayEvents",
            "Send past events again",
            webhook_endpoints.replay,
            answers={202: w.WebhookReplayAnswer},
            body=webhook_bodies.REPLAY,
        ),
        Route(
            "GET",
            (f"{ONE_ENDPOINT}/deliveries",),
            "listWebhookAttempts",
            "What was attempted, the newest first, or what waits",
            webhook_attempts.listing,
            {200: list[w.WebhookAttemptAnswer]},
            scopes=READ,
            parameters=webhook_attempts.PARAMETERS,
        ),
    )
