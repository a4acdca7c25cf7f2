"""Sending: a durable call per message, and what its answer means (`dualbus_events.calls`)."""

import smtplib
from collections.abc import Sequence
from typing import Any, cast

from dualbus_events.calls import Answer, Call, NewCall, Perform, write_calls
from dualbus_events.contract.customer import CommunicationMessage
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.causation import caused_by
from dualbus_kit.settings import ServiceSettings
from dualbus_tmf.declaration import DeclaredAggregate

from customer_svc.communication.aggregate import (
    delivered,
    is_pending,
    not_delivered,
    wait_seconds,
)
from customer_svc.communication.channels import (
    Channel,
    Channels,
    FileChannel,
    SmtpChannel,
    Undeliverable,
)
from customer_svc.communication.declaration import MESSAGE_RESOURCE
from customer_svc.settings import CustomerSettings

KIND = "communication"
_TRIES = 5
"""Where a message does not say `tryTimes`; with the pauses of the call queue about 8 s."""


async def send_later(messages: Sequence[DeclaredAggregate], uow: UnitOfWork) -> None:
    """Have them sent after this commit: those with a `scheduledSendTime` not before it."""
    seconds = {m.id: wait_seconds(cast(CommunicationMessage, m.document)) for m in messages}
    uow.set_timers(KIND, {id_: wait for id_, wait in seconds.items() if wait})
    await write_calls(uow, [_call(m) for m in messages if not seconds[m.id]])


async def scheduled_time_came(message_ids: Sequence[str], uow: UnitOfWork) -> None:
    """Send those that are still to be sent."""
    found = await uow.find(MESSAGE_RESOURCE.repository, message_ids)
    await write_calls(uow, [_call(message) for message in found.values() if is_pending(message)])


def _call(message: DeclaredAggregate) -> NewCall:
    return NewCall(KIND, message.id, message.id, message.document.to_dict())


def perform_with_settings(settings: ServiceSettings) -> Perform:
    """Sending through the channels that the settings name."""
    if not isinstance(settings, CustomerSettings):
        raise TypeError("customer-svc runs with CustomerSettings")
    host, file = settings.smtp_host, settings.message_file
    smtp = SmtpChannel(host, settings.smtp_port, sender=settings.message_sender) if host else None
    return perform_through(Channels(email=smtp, others=FileChannel(file) if file else None))


def perform_through(channel: Channel) -> Perform:
    """Deliver a batch, one message's failure being nobody else's."""

    async def perform(batch: Sequence[Call]) -> Sequence[Answer]:
        return [await _deliver(channel, call) for call in batch]

    return perform


async def _deliver(channel: Channel, call: Call) -> Answer:
    try:
        await channel.deliver(call.request)
    except Undeliverable as error:
        return Answer({"error": str(error)})
    except (OSError, smtplib.SMTPException) as error:
        tries = int(call.request.get("tryTimes") or _TRIES)
        return Answer({"error": str(error)}, again=call.attempts < tries)
    return Answer({})


async def messages_answered(answered: Sequence[tuple[Call, Answer]], uow: UnitOfWork) -> None:
    """Say on each message what became of it; one that was deleted meanwhile is left alone."""
    found = await uow.find(MESSAGE_RESOURCE.repository, [call.key for call, _ in answered])
    for call, answer in answered:
        message = found.get(call.key)
        if message is None or not is_pending(message):
            continue
        with caused_by(call.cause):
            error: Any = answer.body.get("error")
            if error:
                not_delivered(message, error)
            else:
                delivered(message)
