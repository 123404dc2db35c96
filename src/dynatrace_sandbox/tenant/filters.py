"""The `filter` language of the Settings API: `value.name = 'x' and not (value.type != 'y')`. Pure functions.

Source: docs/design/0008-sources.md#settings-get-objects for the limits and the fields. Of the language itself only `=`,
texts in single quotes, `and` and parentheses are documented. The other operators, and that a quote in a text is escaped
with a backslash or doubled, are inferred.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from dynatrace_sandbox.tenant.problems import Problem, bad_query

_LONGEST, _DEEPEST = 1024, 5
"""Characters of an expression, and levels of parentheses."""
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.|'')*')|(?P<sign><=|>=|!=|=|<|>|\(|\)|,)|(?P<word>[\w.\-]+))", re.DOTALL
)

_COMPARABLE = frozenset({"created", "modified", "createdBy", "modifiedBy", "author"})
"""The fields that `filter` and `sort` can use as they are; of `value` they use a property."""

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


def parse_filter(text: str, fields: Collection[str]) -> Test:
    """Return the test that a filter expression describes. Raises `Problem` 400.

    `fields` are those that the response has: a filter can use no other.
    """
    if len(text) > _LONGEST:
        raise bad_query("filter", f"Must have at most {_LONGEST} characters")
    parser = _Parser(_tokens(text), fields)
    test = parser.disjunction(0)
    if parser.peek():
        raise _unreadable(parser.peek())
    return test


def is_comparable(path: str, fields: Collection[str]) -> bool:
    """Return whether `filter` and `sort` can use a path, in a response with these fields."""
    name, dot, _ = path.partition(".")
    return name in fields and (name == "value" if dot else name in _COMPARABLE)


def value_at(item: Mapping[str, Any], path: str) -> Any:
    """Return the part at a dotted path (`value.awsWebIdentity.roleArn`), or None."""
    found: Any = item
    for step in path.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def _tokens(text: str) -> list[str]:
    tokens, position, end = [], 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            raise _unreadable(text[position:])
        tokens.append(match[0].strip() if match["text"] is None else match["text"])
        position = match.end()
    return tokens


def _unreadable(rest: str) -> Problem:
    return bad_query("filter", f"Cannot be parsed at '{rest or 'the end'}'")


class _Parser:
    """Recursive descent: or, and, not, parentheses, comparison."""

    def __init__(self, tokens: list[str], fields: Collection[str]) -> None:
        self._tokens = tokens
        self._fields = fields

    def peek(self) -> str:
        return self._tokens[0] if self._tokens else ""

    def take(self, wanted: str | None = None) -> str:
        if not self._tokens or (wanted is not None and self.peek().lower() != wanted):
            raise _unreadable(self.peek())
        return self._tokens.pop(0)

    def disjunction(self, depth: int) -> Test:
        tests = [self.conjunction(depth)]
        while self.peek().lower() == "or":
            self.take()
            tests.append(self.conjunction(depth))
        return lambda item: any(test(item) for test in tests)

    def conjunction(self, depth: int) -> Test:
        tests = [self.term(depth)]
        while self.peek().lower() == "and":
            self.take()
            tests.append(self.term(depth))
        return lambda item: all(test(item) for test in tests)

    def term(self, depth: int) -> Test:
        if self.peek().lower() == "not":
            self.take()
            negated = self.term(depth)
            return lambda item: not negated(item)
        if self.peek() != "(":
            return self.comparison()
        if depth == _DEEPEST:
            raise bad_query("filter", f"Parentheses must not nest deeper than {_DEEPEST}")
        self.take()
        inner = self.disjunction(depth + 1)
        self.take(")")
        return inner

    def comparison(self) -> Test:
        path, operator = self.take(), self.take().lower()
        if not is_comparable(path, self._fields):
            raise bad_query("filter", f"'{path}' is not supported, or not among the returned fields")
        if operator == "in":
            wanted = self.literals()
            return lambda item: value_at(item, path) in wanted
        if operator not in _COMPARISONS:
            raise _unreadable(operator)
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
            raise _unreadable(token)
        return int(token)


def _compare(operator: str, left: Any, right: Any) -> bool:
    """Compare. Values that cannot be compared (a number with a text, or a missing one) do not match."""
    try:
        return _COMPARISONS[operator](left, right)
    except TypeError:
        return False
