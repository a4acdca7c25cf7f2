"""The VAS platform's HTTP: one address that takes XML, and one that takes a batch of it."""

from xml.etree import ElementTree

from fastapi import FastAPI
from outside_program.app import answer_after, create_app
from starlette.requests import Request
from starlette.responses import Response

from vas_platform.platform import VasPlatform
from vas_platform.xml_format import (
    MalformedVasRequest,
    batch_xml,
    fault_xml,
    parse_xml,
    read_request,
    require_root,
    response_xml,
)


def create_vas_platform_app(platform: VasPlatform) -> FastAPI:
    """Make the app that serves `platform`."""
    app = create_app(platform, title="VAS platform")

    async def post_provisioning(request: Request) -> Response:
        try:
            vas_request = read_request(parse_xml(await request.body()))
        except MalformedVasRequest as malformed:
            return _xml(fault_xml(malformed), status=400)
        response = platform.provision(vas_request)
        await answer_after(response.latency_ms)
        return _xml(response_xml(response))

    async def post_batch(request: Request) -> Response:
        try:
            root = parse_xml(await request.body())
            require_root(root, "VasBatch")
        except MalformedVasRequest as malformed:
            return _xml(fault_xml(malformed), status=400)
        answers = [_provision_member(platform, member) for member in root]
        await answer_after(max((latency_ms for _, latency_ms in answers), default=0))
        return _xml(batch_xml([answer for answer, _ in answers]))

    app.add_route("/vas/provisioning", post_provisioning, methods=["POST"])
    app.add_route("/vas/provisioning/batch", post_batch, methods=["POST"])
    return app


def _provision_member(platform: VasPlatform, member: ElementTree.Element) -> tuple[str, float]:
    """Do one member of a batch; one that can't be read gets a fault in its place."""
    try:
        response = platform.provision(read_request(member))
    except MalformedVasRequest as malformed:
        return fault_xml(malformed), 0
    return response_xml(response), response.latency_ms


def _xml(content: str, *, status: int = 200) -> Response:
    return Response(content, status, media_type="application/xml")
