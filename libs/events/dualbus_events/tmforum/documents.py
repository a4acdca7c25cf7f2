"""Documents and topics made of TM Forum's definitions."""

import keyword
import re
from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import Field, create_model

from dualbus_events.document import Document
from dualbus_events.facts import REFERENCE_PARTITIONS, FactTopic
from dualbus_events.tmforum.attributes import Defined
from dualbus_events.tmforum.definition import resource_definition

D = TypeVar("D", bound=Document)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def defined(api: str, name: str | None = None) -> Callable[[type[D]], type[D]]:
    """Give a document every attribute of its definition that the class does not name itself.

        @defined("TMF651")
        class Agreement(Document):
            '''TMF651 Agreement.'''

    The class names only what rules read, with the types they need; `name` is the definition's name
    where it is not the class's. The result is a subclass, so type checkers see what was written.
    """

    def completed(document: type[D]) -> type[D]:
        definition = resource_definition(api, name or document.__name__)
        named = {info.alias for info in document.model_fields.values()}
        missing: dict[str, Any] = {
            _python_name(attribute, document): (
                Defined(definition, schema),
                Field(default=None, alias=attribute, description=schema.get("description")),
            )
            for attribute, schema in definition.attributes.items()
            if attribute not in named
        }
        whole: type[D] = create_model(
            document.__name__,
            __base__=document,
            __module__=document.__module__,
            __doc__=document.__doc__,
            **missing,
        )
        whole.definition = definition
        return whole

    return completed


def defined_topic(
    owner: str, document: type[D], *, partitions: int = REFERENCE_PARTITIONS
) -> FactTopic[D]:
    """The topic of a defined document, `customer.agreement.v1`, with the events it needs.

    `topic.event("AgreementStateChangeEvent")` is one of them. One partition is enough for what
    changes a few hundred times a second; its order is per key all the same.
    """
    definition = document.definition
    if definition is None:
        raise TypeError(f"{document.__name__} has no definition; decorate it with @defined")
    kebab = _HUMP.sub("-", definition.name).lower()
    topic = FactTopic(
        f"{owner}.{kebab}.v1", owner, definition.resource, document, partitions=partitions
    )
    for name in definition.events.values():
        topic.event(name)
    return topic


def _python_name(attribute: str, document: type[Document]) -> str:
    """`valid_for` of `validFor`; with an underscore where Python or pydantic has the name."""
    name = _HUMP.sub("_", attribute.lstrip("@")).lower()
    taken = keyword.iskeyword(name) or hasattr(document, name)
    return f"{name}_" if taken else name
