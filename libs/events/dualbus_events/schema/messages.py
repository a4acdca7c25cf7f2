"""The values and headers of messages as models, for their schemas; the hot path builds bytes."""

from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


class _Message(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class TaskMessage(_Message):
    """One piece of work for one participant, who does it once however often it arrives."""

    task_id: str = Field(description="The idempotency key: a task that comes twice is done once.")
    process_id: str = Field(description="The process that waits for the answer; the record's key.")
    type: str = Field(description="`<participant>.<verb>`, or `<participant>.<verb>.undo`.")
    deadline: AwareDatetime = Field(description="After this the process stops waiting.")
    reply_to: str = Field(description="The topic that the answer goes to.")
    payload: dict[str, Any] = Field(description="What the task is about, by its type.")


class TaskErrorMessage(_Message):
    """Why a task was not done."""

    code: str
    message: str
    kind: Literal["business", "technical"] = Field(
        alias="class", description="business: refused by a rule; technical: a fault."
    )
    retryable: bool = Field(description="Whether the same task may be sent again.")


class TaskReplyMessage(_Message):
    """A participant's answer to one task."""

    task_id: str
    process_id: str
    outcome: Literal["done", "rejected", "failed"]
    result: dict[str, Any] = Field(description="Handed to the tasks that come after.")
    error: TaskErrorMessage | None = Field(
        default=None, description="There unless the outcome is done."
    )


class MessageHeaders(BaseModel):
    """CloudEvents 1.0 in Kafka's binary mode; every value is UTF-8 text."""

    model_config = ConfigDict(alias_generator=lambda name: f"ce_{name}", populate_by_name=True)

    specversion: Literal["1.0"]
    id: UUID = Field(description="Made once; a record that comes twice has the same.")
    source: str = Field(description="`/<service>`: who wrote it.")
    type: str = Field(description="The event's type; for tasks, the task's.")
    time: AwareDatetime
    subject: str = Field(description="The record's key.")
    dataschema: str = Field(description="Where the writer serves the JSON Schema of the value.")
    sequence: str = Field(
        pattern="^[0-9]+$",
        description="The resource's version after this change, without gaps; 0 on the EAI bus.",
    )
    correlationid: str = Field(description="The same in everything that one request led to.")
    causationid: str | None = Field(default=None, description="The `ce_id` that led to this.")
    customerid: str | None = Field(default=None, description="The customer it is about.")
    content_type: Literal["application/json"] = Field(alias="content-type")
    traceparent: str | None = Field(
        default=None, alias="traceparent", description="W3C Trace Context."
    )
