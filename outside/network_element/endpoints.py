"""The network element's HTTP: JSON, one activation at a time or a batch in one round trip.

Plain Starlette routes and orjson: these are on the path of every order, where models would cost
more than the work itself.
"""

from functools import partial

import orjson
from fastapi import FastAPI
from outside_program.app import answer_after, create_app
from starlette.requests import Request
from starlette.responses import Response

from network_element.element import Answer, NetworkElement, error_answer
from network_element.operations import (
    MalformedOperation,
    as_list,
    as_object,
    as_wait,
    read_activate,
    require_text,
)
from network_element.unanswered import Unanswered


def create_network_element_app(element: NetworkElement) -> FastAPI:
    """Make the app that serves `element`."""
    app = create_app(element, title="Network element")

    async def put_activation(request: Request) -> Response:
        activation_id = request.path_params["activation_id"]
        try:
            operation = read_activate(activation_id, await _json(request))
        except MalformedOperation as malformed:
            return _response(_malformed(malformed))
        return await _respond(element.activate(operation))

    async def delete_activation(request: Request) -> Response:
        return await _respond(element.deactivate(request.path_params["activation_id"]))

    async def get_activation(request: Request) -> Response:
        return _response(element.retrieve(request.path_params["activation_id"]))

    unanswered = Unanswered()

    async def post_batch(request: Request) -> Response:
        try:
            body = as_object(await _json(request), where="body")
            operations = as_list(body.get("operations"), where="operations")
            wait_ms = as_wait(body.get("waitMs"), where="waitMs")
        except MalformedOperation as malformed:
            return _response(_malformed(malformed))
        return await _respond(_perform_batch(element, operations, unanswered, wait_ms))

    app.add_route("/activations/batch", post_batch, methods=["POST"])
    app.add_route("/activations/{activation_id}", put_activation, methods=["PUT"])
    app.add_route("/activations/{activation_id}", delete_activation, methods=["DELETE"])
    app.add_route("/activations/{activation_id}", get_activation, methods=["GET"])
    return app


def _perform_batch(
    element: NetworkElement, operations: list[object], unanswered: Unanswered, wait_ms: float
) -> Answer:
    """Perform a batch in its order; it is answered when its slowest member would be.

    Members slower than `wait_ms` hold nobody up: they are pending until they are asked again.
    """
    results = []
    latency_ms = 0.0
    for operation in operations:
        answer = unanswered.answer(operation, partial(_perform, element, operation), wait_ms)
        latency_ms = max(latency_ms, answer.latency_ms)
        activation_id = operation.get("activationId") if isinstance(operation, dict) else None
        results.append({"activationId": activation_id, "httpStatus": answer.status, **answer.body})
    return Answer(200, {"results": results}, latency_ms)


def _perform(element: NetworkElement, operation: object) -> Answer:
    """Perform one member of a batch; a malformed one fails alone."""
    try:
        fields = dict(as_object(operation, where="operation"))
        op = fields.pop("op", None)
        activation_id = require_text(fields.pop("activationId", None), where="activationId")
        if op == "activate":
            return element.activate(read_activate(activation_id, fields))
        if op == "deactivate":
            return element.deactivate(activation_id)
        raise MalformedOperation("op must be activate or deactivate")
    except MalformedOperation as malformed:
        return _malformed(malformed)


async def _json(request: Request) -> object:
    try:
        content: object = orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        raise MalformedOperation(f"body is not JSON: {error}") from error
    return content


def _malformed(malformed: MalformedOperation) -> Answer:
    return error_answer(400, "malformedRequest", str(malformed))


async def _respond(answer: Answer) -> Response:
    await answer_after(answer.latency_ms)
    return _response(answer)


def _response(answer: Answer) -> Response:
    return Response(orjson.dumps(answer.body), answer.status, media_type="application/json")
