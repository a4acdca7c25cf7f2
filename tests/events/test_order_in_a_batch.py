"""Within a batch, handlers get lists by kind, and each key's messages keep their order."""

from collections import defaultdict
from collections.abc import Sequence

from dualbus_events.batches import in_order
from dualbus_events.broker import ReceivedRecord
from dualbus_events.facts import Fact
from dualbus_events.handlers import Handlers
from dualbus_events.messages import Envelope
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.causation import Cause
from dualbus_kit.ids import new_uuid
from hypothesis import given
from hypothesis import strategies as st

from tests.events.gadgets import (
    GADGET,
    GadgetAttributeValueChangeEvent,
    GadgetCreateEvent,
    GadgetDeleteEvent,
    GadgetDocument,
)

handlers = Handlers()


@handlers.on(GadgetCreateEvent, GadgetDeleteEvent)
async def born_or_gone(events: Sequence[Fact[GadgetDocument]], uow: UnitOfWork) -> None: ...


@handlers.on(GadgetAttributeValueChangeEvent)
async def changed(events: Sequence[Fact[GadgetDocument]], uow: UnitOfWork) -> None: ...


TYPES = [GadgetCreateEvent.name, GadgetAttributeValueChangeEvent.name, GadgetDeleteEvent.name]


def envelopes(kinds: Sequence[tuple[str, str]]) -> list[Envelope]:
    return [
        Envelope(
            record=ReceivedRecord(GADGET.name, 0, offset, key.encode(), b"{}", (), 0),
            event_id=new_uuid(),
            event_type=event_type,
            version=offset,
            customer_id=None,
            cause=Cause("c"),
            time="",
        )
        for offset, (key, event_type) in enumerate(kinds)
    ]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(TYPES)), max_size=60))
def test_every_message_is_handled_once_and_in_the_order_of_its_key(
    kinds: list[tuple[str, str]],
) -> None:
    batch = envelopes(kinds)

    groups = in_order(batch, handlers)

    handled = [envelope for _, group in groups for envelope in group]
    by_key: dict[bytes, list[int]] = defaultdict(list)
    for envelope in handled:
        by_key[envelope.record.key].append(envelope.record.offset)
    assert sorted(e.record.offset for e in handled) == list(range(len(batch)))
    assert all(offsets == sorted(offsets) for offsets in by_key.values())


@given(st.lists(st.sampled_from("abcdefgh"), unique=True, min_size=1))
def test_messages_of_different_keys_are_handled_in_one_list_per_handler(keys: list[str]) -> None:
    batch = envelopes([(key, TYPES[n % 2]) for n, key in enumerate(keys)])

    groups = in_order(batch, handlers)

    assert len(groups) <= 2
