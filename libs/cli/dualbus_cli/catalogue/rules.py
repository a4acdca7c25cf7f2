"""Rules beyond types: prices that can be charged, pools that hold values, plans that end."""

import re
from collections.abc import Iterator
from decimal import Decimal
from graphlib import CycleError, TopologicalSorter
from typing import Final

from dualbus_events.catalogue import TASK_TOPICS
from dualbus_events.contract.catalog import FulfilmentPlan, PlanTask, ProductOfferingPrice
from dualbus_events.tasks import participant_of, task_topic

from dualbus_cli.catalogue.kinds import PooledResourceSpecification
from dualbus_cli.catalogue.yaml_source import Problem, Source

_PRICE_TYPES: Final = ("recurring", "oneTime")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_TASK_TYPE: Final = re.compile(r"[a-z][A-Za-z0-9]*\.[a-z][A-Za-z0-9]*")
_TOPICS: Final = frozenset(topic.name for topic in TASK_TOPICS)


def check_rules(kind: str, body: dict[str, object], source: Source) -> Iterator[Problem]:
    """What is wrong with a resource whose types are right."""
    if kind == "productOfferingPrice":
        yield from _check_price(ProductOfferingPrice.model_validate(body), source)
    elif kind == "fulfilmentPlan":
        yield from _check_plan(FulfilmentPlan.model_validate(body), source)
    elif kind == "resourceSpecification":
        yield from _check_pool(PooledResourceSpecification.model_validate(body), source)


def _check_price(price: ProductOfferingPrice, source: Source) -> Iterator[Problem]:
    if price.price_type not in _PRICE_TYPES:
        where = source.at(["priceType"])
        yield where.problem(f"priceType: {price.price_type!r} is none of {', '.join(_PRICE_TYPES)}")
    if price.price_type == "recurring" and price.recurring_charge_period_type != "month":
        where = source.at(["recurringChargePeriodType"])
        yield where.problem("recurringChargePeriodType: only month can be charged")
    if price.price is None:
        yield source.problem("price: missing; give unit and value")
        return
    value, unit = price.price.value, price.price.unit
    where = source.at(["price", "value"])
    if value < 0:
        yield where.problem(f"price.value: {where.text} is less than 0")
    elif value != value.quantize(Decimal("0.01")):
        yield where.problem(f"price.value: {where.text} has fractions of a cent")
    if not _CURRENCY.fullmatch(unit):
        where = source.at(["price", "unit"])
        yield where.problem(f"price.unit: {unit!r} is no currency (ISO 4217, such as USD)")


def _check_pool(specification: PooledResourceSpecification, source: Source) -> Iterator[Problem]:
    pool = specification.pool
    if pool is None:
        return
    if not 0 <= pool.first <= pool.last:
        where = source.at(["pool", "first"])
        yield where.problem(f"pool: from {pool.first} to {pool.last} there is no value")
    elif 0 < pool.width < len(str(pool.last)):
        where = source.at(["pool", "width"])
        yield where.problem(f"pool.width: {pool.last} has more than {pool.width} digits")


def _check_plan(plan: FulfilmentPlan, source: Source) -> Iterator[Problem]:
    tasks: dict[str, PlanTask] = {}
    for position, task in enumerate(plan.task):
        where = source.at(["task", position])
        if task.id in tasks:
            yield where.at(["id"]).problem(f"task {task.id}: the id is used twice in this plan")
        tasks[task.id] = task
        yield from _check_type(task, where.at(["type"]))
    for position, task in enumerate(plan.task):
        where = source.at(["task", position])
        yield from _check_after(task, tasks, where.at(["after"]))
    yield from _check_acyclic(plan, source)


def _check_type(task: PlanTask, where: Source) -> Iterator[Problem]:
    if not _TASK_TYPE.fullmatch(task.type):
        yield where.problem(f"task {task.id}: type {task.type!r} is not <participant>.<verb>")
        return
    participant = participant_of(task.type)
    if task_topic(participant) not in _TOPICS:
        yield where.problem(f"task {task.id}: there is no participant {participant!r}")


def _check_after(task: PlanTask, tasks: dict[str, PlanTask], where: Source) -> Iterator[Problem]:
    for position, other in enumerate(task.after):
        at = where.at([position])
        if other not in tasks:
            yield at.problem(f"task {task.id}: after {other!r}, which is no task of this plan")
        elif task.scope == "order" and tasks[other].scope == "item":
            yield at.problem(
                f"task {task.id}: done once per order, can't wait for {other}, done per item"
            )


def _check_acyclic(plan: FulfilmentPlan, source: Source) -> Iterator[Problem]:
    try:
        TopologicalSorter({task.id: task.after for task in plan.task}).prepare()
    except CycleError as error:
        circle = list(reversed(error.args[1]))
        position = [task.id for task in plan.task].index(circle[0])
        where = source.at(["task", position])
        yield where.problem(f"task {circle[0]}: waits for itself: {' → '.join(circle)}")
