"""Two channels change two items of one order at the same moment."""

import asyncio
from dataclasses import dataclass

from tests.e2e.channel import ORDER_PATH, Body, Channel, an_order

ITEM_IDS = ("1", "2")


@dataclass(frozen=True)
class ItemChange:
    """What one channel was answered, and whether the order has its change."""

    status: int
    kept: bool

    @property
    def honest(self) -> bool:
        """What was answered 200 is kept, what was refused is not."""
        return self.kept == (self.status == 200) and self.status in (200, 409, 412)


async def place_changeable(channel: Channel, customer: str) -> Body:
    """An order of two items without offerings, which waits for a person and may be changed."""
    bare = [{"id": id_, "action": "add", "quantity": 1, "note": []} for id_ in ITEM_IDS]
    return await channel.place(an_order(customer, productOrderItem=bare))


async def change_both(channel: Channel, order_id: str, note: str) -> list[ItemChange]:
    """Put a note on each item, at once."""
    wanted = [{"text": note}]
    answers = await asyncio.gather(
        *(
            channel.client.patch(
                channel.url("order", f"{ORDER_PATH}/{order_id}"),
                json={"productOrderItem": [{"id": id_, "note": wanted}]},
            )
            for id_ in ITEM_IDS
        )
    )
    items = (await channel.order(order_id))["productOrderItem"]
    notes = {one["id"]: one["note"] for one in items}
    return [
        ItemChange(answer.status_code, notes[id_] == wanted)
        for id_, answer in zip(ITEM_IDS, answers, strict=True)
    ]
