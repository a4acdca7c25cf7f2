"""Structured logs: one JSON object a line, with the ids of request and trace."""

import logging
import sys
from typing import TextIO

import orjson
import structlog


def configure_logging(*, service: str, level: str, stream: TextIO | None = None) -> None:
    """Send everything, structlog's and the standard library's, to `stream` as JSON lines.

    That is standard output; a command whose output is read by a program logs elsewhere.
    """
    stream = stream or sys.stdout
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        structlog.processors.format_exc_info,
        _named(service),
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(serializer=_to_json)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.PrintLoggerFactory(stream),
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(serializer=_to_json),
            ],
        )
    )
    logging.basicConfig(
        handlers=[handler], level=max(logging.INFO, logging.getLevelName(level.upper()))
    )
    # aiokafka reports every rebalance and reconnect itself; ours are in the metrics.
    logging.getLogger("aiokafka").setLevel(logging.ERROR)


def _named(service: str) -> structlog.typing.Processor:
    def add_service(
        _: object, __: str, event: structlog.typing.EventDict
    ) -> structlog.typing.EventDict:
        event["service"] = service
        return event

    return add_service


def _to_json(event: object, **_: object) -> str:
    return orjson.dumps(event, default=str).decode()
