"""The `filter` language of the Settings API: `value.name = 'x' and not (value.type != 'y')`. Pure.

Source: Settings API 2.0, "GET objects", `filter` (at most 1024 characters, parentheses nest at most 5 deep, only
fields that are returned); operators from the "Filtering" section of the platform services' documentation. That a
quote in a text is escaped with a backslash or doubled is inferred.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from dynatrace_sandbox.tenant.problems import Problem, bad_query

_LONGEST, _DEEPEST = 1024, 5
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.|'')*')|(?P<sign><=|>=|!=|=|<|>|\(|\)|,)|(?P<word>[\w.\-]+))", re.DOTALL
)

_BOOLEANS = {"true": True, "false": False}

Test = Callable[[Mapping[str, Any]], bool]
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
    "contains": lambda left, right: right in left,
    "starts-with": lambda left, right: str(left).startswith(str(right)),
    "ends-with": lambda left, right: str(left).endswith(str(right)),
}


def parse_filter(text: str, fields: frozenset[str]) -> Test:
    """Return the test that a filter expression stands for; `fields` are the returned ones. Raises `Problem` 400."""
    if len(text) > _LONGEST:
        raise bad_query("filter", f"Must have at most {_LONGEST} characters")
    parser = _Parser(_tokens(text), fields)
    test = parser.either(0)
    if parser.peek():
        raise _nonsense(parser.peek())
    return test


def value_at(item: Mapping[str, Any], path: str) -> Any:
    """Return what a dotted path leads to (`value.awsWebIdentity.roleArn`), or None."""
    found: Any = item
    for step in path.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def _tokens(text: str) -> list[str]:
    tokens, position, end = [], 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            raise _nonsense(text[position:])
        tokens.append(match[0].strip() if match["text"] is None else match["text"])
        position = match.end()
    return tokens


def _nonsense(rest: str) -> Problem:
    return bad_query("filter", f"Cannot be read at '{rest or 'the end'}'")


class _Parser:
    """Recursive descent: or, and, not, parentheses, comparison."""

    def __init__(self, tokens: list[str], fields: frozenset[str]) -> None:
        self._tokens = tokens
        self._fields = fields

    def peek(self) -> str:
        return self._tokens[0] if self._tokens else ""

    def take(self, wanted: str | None = None) -> str:
        if not self._tokens or (wanted is not None and self.peek().lower() != wanted):
            raise _nonsense(self.peek())
        return self._tokens.pop(0)

    def either(self, depth: int) -> Test:
        tests = [self.both(depth)]
        while self.peek().lower() == "or":
            self.take()
            tests.append(self.both(depth))
        return lambda item: any(test(item) for test in tests)

    def both(self, depth: int) -> Test:
        tests = [self.one(depth)]
        while self.peek().lower() == "and":
            self.take()
            tests.append(self.one(depth))
        return lambda item: all(test(item) for test in tests)

    def one(self, depth: int) -> Test:
        if self.peek().lower() == "not":
            self.take()
            negated = self.one(depth)
            return lambda item: not negated(item)
        if self.peek() != "(":
            return self.comparison()
        if depth == _DEEPEST:
            raise bad_query("filter", f"Parentheses must not nest deeper than {_DEEPEST}")
        self.take()
        inner = self.either(depth + 1)
        self.take(")")
        return inner

    def comparison(self) -> Test:
        path, operator = self.take(), self.take().lower()
        if path.partition(".")[0] not in self._fields:
            raise bad_query("filter", f"'{path}' is not among the returned fields")
        if operator == "in":
            wanted = self.literals()
            return lambda item: value_at(item, path) in wanted
        if operator not in _COMPARISONS:
            raise _nonsense(operator)
        right = self.literal()
        return lambda item: _compare(operator, value_at(item, path), right)

    def literals(self) -> list[Any]:
        self.take("(")
        found = [self.literal()]
        while self.peek() == ",":
            self.take()
            found.append(self.literal())
        self.take(")")
        return found

    def literal(self) -> Any:
        token = self.take()
        if token.startswith("'"):
            return re.sub(r"\\(.)|'(')", lambda match: match[1] or match[2], token[1:-1], flags=re.DOTALL)
        if token in _BOOLEANS:
            return _BOOLEANS[token]
        if not re.fullmatch(r"-?\d{1,19}", token):
            raise _nonsense(token)
        return int(token)


def _compare(operator: str, left: Any, right: Any) -> bool:
    """Compare; what cannot be compared (a number with a text, something missing) does not match."""
    try:
        return _COMPARISONS[operator](left, right)
    except TypeError:
        return False
