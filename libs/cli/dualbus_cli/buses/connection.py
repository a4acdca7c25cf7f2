"""The way into Kafka, with one message when there is none."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiokafka.errors import KafkaError
from dualbus_events.lenient_records import read_leniently
from dualbus_events.log_spans import SpanReader, reading

from dualbus_cli.embedded.errors import ServerUnreachable


@asynccontextmanager
async def connected(bootstrap: str) -> AsyncIterator[SpanReader]:
    """A reader of the log, with its admin client. Raises ServerUnreachable."""
    # Whatever is in the log, this is where a person looks for it.
    read_leniently()
    try:
        async with reading(bootstrap) as reader:
            yield reader
    except KafkaError as error:
        raise ServerUnreachable(f"Kafka at {bootstrap} does not answer: {error!r}") from error
