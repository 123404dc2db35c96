"""Hostile input: good documents with a few things wrong in them, made quickly.

Hypothesis draws a seed, plain Python makes the document from it: thousands cost seconds. A failure names its seed.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from copy import deepcopy
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from terraform_plugin.cty.types import UNKNOWN, Bool, Dynamic, List, Map, Number, Object, Set, String, Type
from tests.terraform_plugin.profiles import TIMES

INPUTS = 2000 * TIMES
"""How many different inputs each test of this folder tries; the threat model's page says so."""

DEEP: Any = []
for _ in range(100):
    DEEP = [DEEP]

TEXTS = (
    "",
    "\x00",
    "\x1b[31mred",
    "\u202eright to left",
    "\ud7ff\ue000\U0010ffff",
    "e\u0301 as two",
    "${path.module} %{if true}",
    "$(reboot) `reboot` ; reboot",
    "' OR value.name != '",
    "../../etc/passwd",
    "a/b?c#d",
    "arn:aws:iam::123456789012:role/x",
    "awsSomethingNew",
    "9" * 5000,
    "line\r\nline\u2028line",
)
ATOMS: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    2**63,
    10**30,
    1e308,
    0.1,
    *TEXTS,
    [],
    {},
    [None],
    [[]],
    {"": None},
    {"a": {}},
    DEEP,
)


def generated(test: Callable[[random.Random], None]) -> Callable[[], None]:
    """Run a test with `INPUTS` sources of chance, and fail if it was run with fewer."""
    seeds = set[int]()

    @settings(
        max_examples=INPUTS,
        deadline=None,
        suppress_health_check=[*HealthCheck],
        database=None,
        derandomize=TIMES == 1,  # the same in every usual run: what is new is looked for in a thorough one
    )
    @given(st.integers(0, 2**64 - 1))
    def tried(seed: int) -> None:
        seeds.add(seed)
        test(random.Random(seed))  # noqa: S311  # chance, not secrecy

    def tried_often_enough() -> None:
        tried()
        assert len(seeds) >= INPUTS

    tried_often_enough.__name__, tried_often_enough.__doc__ = test.__name__, test.__doc__
    tried_often_enough.__module__ = test.__module__
    return tried_often_enough


def damaged(document: Any, chance: random.Random) -> Any:
    """Return a copy of a JSON document with one to four things wrong in it."""
    broken = deepcopy(document)
    for _ in range(chance.randint(1, 4)):
        broken = _damage(broken, chance)
    return broken


def _damage(found: Any, chance: random.Random) -> Any:
    if not isinstance(found, dict | list) or not found or chance.random() < 0.2:
        return _instead(found, chance)
    keys = list(found) if isinstance(found, dict) else list(range(len(found)))
    key = chance.choice(keys)
    match chance.randrange(8):
        case 0:
            del found[key]
        case 1 if isinstance(found, dict):
            found[chance.choice([*TEXTS, *map(str, keys)])] = chance.choice(ATOMS)
        case 1 if isinstance(found, list):
            found.insert(key, deepcopy(found[key]))
        case _:
            found[key] = _damage(found[key], chance)
    return found


def _instead(found: Any, chance: random.Random) -> Any:
    wrapped: list[Any] = [[found], {"value": found}, str(found), [found, found], deepcopy(chance.choice(ATOMS))]
    return chance.choice(wrapped) if chance.random() < 0.5 else deepcopy(chance.choice(ATOMS))


def damaged_bytes(data: bytes, chance: random.Random) -> bytes:
    """Return bytes of which, half of the time, some are changed, lost or added."""
    if chance.random() < 0.5 or not data:
        return data
    at, length = chance.randrange(len(data)), chance.randint(0, 3)
    return data[:at] + chance.randbytes(chance.randint(0, 3)) + data[at + length :]


def typed(type_: Type, chance: random.Random) -> Any:
    """Return a value of a type, as Terraform would send it: any content, null and unknown anywhere."""
    if chance.random() < 0.2:
        return chance.choice([None, UNKNOWN])
    match type_:
        case List(element) | Set(element):
            return [typed(element, chance) for _ in range(chance.randint(0, 3))]
        case Map(element):
            return {chance.choice(TEXTS): typed(element, chance) for _ in range(chance.randint(0, 3))}
        case Object(attributes):
            return {name: typed(inner, chance) for name, inner in attributes.items()}
    if type_ is String:
        return chance.choice(TEXTS) if chance.random() < 0.5 else "".join(map(chr, _codes(chance)))
    if type_ is Number:
        return chance.choice([0, -1, 5, 2**63, 10**400, Decimal("1e-400"), Decimal("0.5")])
    return chance.random() < 0.5 if type_ is Bool else Dynamic(String, chance.choice(TEXTS))


def whole(attributes: Mapping[str, Type], chance: random.Random) -> dict[str, Any]:
    """Return an object that is neither null nor unknown itself."""
    return {name: typed(type_, chance) for name, type_ in attributes.items()}


def _codes(chance: random.Random) -> list[int]:
    return [chance.choice([chance.randrange(128), chance.randrange(0xD800)]) for _ in range(chance.randint(0, 120))]
