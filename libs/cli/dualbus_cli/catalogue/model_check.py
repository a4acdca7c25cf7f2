"""Checks a resource against its model: types, what is missing, names nobody knows."""

import difflib
from collections.abc import Iterator
from typing import Any, get_args

from dualbus_events.document import WireModel
from pydantic import ValidationError

from dualbus_cli.catalogue.kinds import Kind
from dualbus_cli.catalogue.yaml_source import Problem, Source


def check_model(kind: Kind, source: Source) -> tuple[dict[str, Any], list[Problem]]:
    """The resource in its normal JSON form (empty if it has none), and what is wrong with it."""
    problems = list(_unknown_keys(kind.model, source, kind.name))
    try:
        document = kind.model.model_validate(source.value())
    except ValidationError as error:
        problems += [_problem(kind, source, one["loc"], one["msg"]) for one in error.errors()]
        return {}, problems
    return document.to_dict(), problems


def _problem(kind: Kind, source: Source, path: tuple[str | int, ...], message: str) -> Problem:
    # For a key that is missing this is the mapping that lacks it.
    where = ".".join((kind.name, *(str(step) for step in path)))
    return source.at(path).problem(f"{where}: {message}")


def _unknown_keys(model: type[WireModel], source: Source, where: str) -> Iterator[Problem]:
    fields = {f.alias or name: f.annotation for name, f in model.model_fields.items()}
    for key, value in source.entries():
        if key.text not in fields:
            close = difflib.get_close_matches(key.text, fields, n=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            yield key.problem(f"{where}.{key.text}: no attribute of this name{hint}")
            continue
        inner = _model_in(fields[key.text])
        if inner is not None:
            for one in value.items() or [value]:
                yield from _unknown_keys(inner, one, f"{where}.{key.text}")


def _model_in(annotation: object) -> type[WireModel] | None:
    """The model inside `X`, `X | None` or `list[X] | None`."""
    if isinstance(annotation, type) and issubclass(annotation, WireModel):
        return annotation
    return next((m for m in map(_model_in, get_args(annotation)) if m is not None), None)
