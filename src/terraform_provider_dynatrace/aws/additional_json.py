"""The attribute `additional_json`: an object that is merged over a value. Pure.

Objects are merged property by property. Two lists of the same length whose elements are objects are merged element by
element, so that one property of the only credential can be set. Anything else replaces what is there.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import msgspec

from terraform_plugin.diagnostics import Error, Path
from terraform_provider_dynatrace.client.json import check_depth

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_ATTRIBUTE = Path("additional_json")
_ABSENT = object()


def problems(text: str, managed: Mapping[str, Any], path: Path = _ATTRIBUTE) -> Iterator[Error]:
    """Yield what is wrong with a configured text: it must be an object without properties that attributes stand for.

    `managed` has the form of the object: True for a property that an attribute stands for, else what is inside.
    """
    try:
        additions = msgspec.json.decode(text)
        check_depth(additions)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError, ValueError) as error:
        yield Error("Invalid JSON", f"{path} must be a JSON object: {error}.", path)
        return
    if not isinstance(additions, dict):
        yield Error("Invalid JSON", f"{path} must be a JSON object, got {type(additions).__name__}.", path)
        return
    for taken in _overridden(additions, managed, ""):
        yield Error(
            "Property with an attribute of its own",
            f"{path} must not contain {taken}, because an attribute of this resource sets it. Use that attribute.",
            path,
        )


def merged(value: dict[str, Any], text: str | None) -> dict[str, Any]:
    """Return the value with the additions in it."""
    return value if text is None else _merge(value, msgspec.json.decode(text))


def without(value: dict[str, Any], text: str | None) -> dict[str, Any]:
    """Return the value without the additions. Objects and elements that contained them stay."""
    return value if text is None else _remove(value, msgspec.json.decode(text))


def observed(value: Mapping[str, Any], text: str | None) -> str | None:
    """Return the additions as the value has them: the same text if all are there, else a new one."""
    if text is None:
        return None
    additions = msgspec.json.decode(text)
    found = _part(value, additions)
    return text if found == additions else msgspec.json.encode({} if found is _ABSENT else found).decode()


def _is_pair_of_lists(left: Any, right: Any) -> bool:
    return (
        isinstance(left, list)
        and isinstance(right, list)
        and len(left) == len(right) > 0
        and all(isinstance(one, dict) for one in (*left, *right))
    )


def _merge(value: Any, additions: Any) -> Any:
    if isinstance(value, dict) and isinstance(additions, dict):
        return {**value, **{name: _merge(value.get(name), one) for name, one in additions.items()}}
    if _is_pair_of_lists(value, additions):
        return [_merge(left, right) for left, right in zip(value, additions, strict=True)]
    return deepcopy(additions)


def _remove(value: Any, additions: Any) -> Any:
    kept = {}
    for name, one in value.items():
        if name not in additions:
            kept[name] = one
        elif isinstance(one, dict) and isinstance(additions[name], dict):
            kept[name] = _remove(one, additions[name])
        elif _is_pair_of_lists(one, additions[name]):
            kept[name] = [_remove(left, right) for left, right in zip(one, additions[name], strict=True)]
    return kept


def _part(value: Any, additions: Any) -> Any:
    """Return the part of the value that additions are about, `_ABSENT` for none."""
    if isinstance(value, dict) and isinstance(additions, dict):
        parts = {name: _part(value.get(name, _ABSENT), one) for name, one in additions.items()}
        return {name: one for name, one in parts.items() if one is not _ABSENT}
    if _is_pair_of_lists(value, additions):
        return [_part(left, right) for left, right in zip(value, additions, strict=True)]
    return value


def _overridden(additions: Any, managed: Any, path: str) -> Iterator[str]:
    if managed is True or (isinstance(managed, dict | list) and not isinstance(additions, type(managed))):
        yield path
    elif isinstance(managed, list) and len(additions) != len(managed):
        yield path  # it would replace the elements that attributes stand for
    elif isinstance(managed, dict):
        for name in additions.keys() & managed.keys():
            yield from _overridden(additions[name], managed[name], f"{path}.{name}" if path else name)
    elif isinstance(managed, list):
        for index, (one, known) in enumerate(zip(additions, managed, strict=True)):
            yield from _overridden(one, known, f"{path}[{index}]")
