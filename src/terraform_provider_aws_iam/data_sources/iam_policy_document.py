"""The data source `aws_iam_policy_document`, as in hashicorp/aws: a policy document in JSON from blocks.

Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document for the
arguments and for how documents are merged. The order of keys and values is that of hashicorp/aws 5.100: values of sets
are sorted from Z to A, and the values of a condition stay in the order of the configuration. Only if several blocks of
one statement have the same type of principal, or the same operator and key, may the order of their values differ.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from terraform_plugin import Attribute, Block, DataSource, Error, List, Path, Schema, Set, State, String
from terraform_plugin.validators import one_of, shortened

Statement = dict[str, Any]
"""A statement of a policy document: IAM's names ("Sid", "Effect" …) and their JSON values."""

_NAMES = ("Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition")
"""The elements of a statement, in the order in which they are written."""

_PRINCIPALS = Block(
    {
        "type": Attribute(String, "The kind of principal: `AWS`, `Service`, `Federated` or `*`.", required=True),
        "identifiers": Attribute(Set(String), "The principals: ARNs, services, or `*`.", required=True),
    },
    nesting="set",
    description="Principals that the statement is about.",
)


class IamPolicyDocument(DataSource):
    """Sends no request."""

    type_name = "aws_iam_policy_document"
    schema = Schema(
        "A policy document in JSON.",
        attributes={
            "id": Attribute(String, "A checksum of the document.", computed=True),
            "json": Attribute(String, "The document, indented.", computed=True),
            "minified_json": Attribute(String, "The document without white space.", computed=True),
            "policy_id": Attribute(String, "The ID of the document.", optional=True),
            "version": Attribute(
                String,
                "The version of the policy language. The default is `2012-10-17`.",
                optional=True,
                computed=True,
                validators=[one_of("2008-10-17", "2012-10-17")],
            ),
            "source_policy_documents": Attribute(
                List(String), "Documents whose statements come first. Each `sid` must be unique.", optional=True
            ),
            "override_policy_documents": Attribute(
                List(String),
                "Documents whose statements replace those with the same `sid`, and are added otherwise.",
                optional=True,
            ),
        },
        blocks={
            "statement": Block(
                {
                    "sid": Attribute(String, "The ID of the statement.", optional=True),
                    "effect": Attribute(
                        String,
                        "`Allow` or `Deny`. The default is `Allow`.",
                        optional=True,
                        validators=[one_of("Allow", "Deny")],
                    ),
                    "actions": Attribute(Set(String), "The actions.", optional=True),
                    "not_actions": Attribute(Set(String), "All actions except these.", optional=True),
                    "resources": Attribute(Set(String), "The ARNs of the resources.", optional=True),
                    "not_resources": Attribute(Set(String), "All resources except these.", optional=True),
                },
                blocks={
                    "principals": _PRINCIPALS,
                    "not_principals": _PRINCIPALS,
                    "condition": Block(
                        {
                            "test": Attribute(String, "The operator, such as `StringEquals`.", required=True),
                            "variable": Attribute(
                                String, "The condition key, such as `sts:ExternalId`.", required=True
                            ),
                            "values": Attribute(List(String), "The values, of which one must match.", required=True),
                        },
                        nesting="set",
                        description="A condition. All conditions of a statement must be met.",
                    ),
                },
                description="A statement.",
            )
        },
    )

    async def read(self, config: State) -> State:
        document = to_document(config)
        text = to_json(document, indent=2)
        return config | {
            "id": str(zlib.crc32(text.encode())),
            "json": text,
            "minified_json": to_json(document),
            "version": document["Version"],
        }


def to_document(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the policy document of a configuration. Raises `Error` for a document that cannot be merged."""
    sources = list(_parsed(config["source_policy_documents"], "source_policy_documents"))
    overrides = list(_parsed(config["override_policy_documents"], "override_policy_documents"))
    version = config["version"] or "2012-10-17"
    own = [to_statement(block) for block in config["statement"]]
    if version == "2008-10-17" and any("&{" in text for block in config["statement"] for text in _replaced(block)):
        raise Error(
            "Policy variables are not supported",
            'The version must be "2012-10-17" for policy variables (`&{...}`), got "2008-10-17".',
            Path("version"),
        )
    _refuse_duplicates(
        (statement for source in sources for statement in source["Statement"]), "source_policy_documents"
    )
    _refuse_duplicates(own, "statement")
    statements: list[Statement] = []
    for added in (*(source["Statement"] for source in sources), own, *(one["Statement"] for one in overrides)):
        statements = merged(statements, added)
    ids = [*(source["Id"] for source in sources), config["policy_id"], *(one["Id"] for one in overrides)]
    document: dict[str, Any] = {"Version": version}
    if given := [id_ for id_ in ids if id_]:
        document["Id"] = given[-1]
    if statements:
        document["Statement"] = statements
    return document


def merged(statements: Sequence[Statement], added: Iterable[Statement]) -> list[Statement]:
    """Return statements with others: one with a `Sid` replaces the statement with the same `Sid`."""
    result = list(statements)
    places = {one["Sid"]: number for number, one in reversed(list(enumerate(result))) if one.get("Sid")}
    for statement in added:
        sid = statement.get("Sid")
        if sid in places:
            result[places[sid]] = statement
            continue
        if sid:
            places[sid] = len(result)
        result.append(statement)
    return result


def to_statement(block: Mapping[str, Any]) -> Statement:
    """Return the statement of a `statement` block."""
    return _without_nothing(
        {
            "Sid": block["sid"],
            "Effect": block["effect"] or "Allow",
            "Action": _values(_descending(block["actions"])),
            "NotAction": _values(_descending(block["not_actions"])),
            "Resource": _values(map(_variables, _descending(block["resources"]))),
            "NotResource": _values(map(_variables, _descending(block["not_resources"]))),
            "Principal": _principals(block["principals"]),
            "NotPrincipal": _principals(block["not_principals"]),
            "Condition": _conditions(block["condition"]),
        }
    )


def to_json(document: Mapping[str, Any], indent: int | None = None) -> str:
    """Return JSON as Go writes it. Source: https://pkg.go.dev/encoding/json#Marshal, which escapes HTML."""
    text = json.dumps(document, ensure_ascii=False, indent=indent, separators=(",", ": " if indent else ":"))
    return re.sub("[<>&\u2028\u2029]", lambda found: f"\\u{ord(found[0]):04x}", text)


def _without_nothing(statement: Mapping[str, Any]) -> Statement:
    return {name: statement[name] for name in _NAMES if statement.get(name) not in (None, "")}


def _values(texts: Iterable[str]) -> str | list[str] | None:
    """Return what stands for values in a document: nothing, one text, or a list."""
    values = list(texts)
    return (values[0] if len(values) == 1 else values) or None


def _descending(texts: Iterable[str] | None) -> list[str]:
    return sorted(texts or (), key=str.encode, reverse=True)


def _variables(text: str) -> str:
    """Return a text with AWS's variables: `&{...}` is written for `${...}`, which would be Terraform's."""
    return text.replace("&{", "${")


def _replaced(block: Mapping[str, Any]) -> Iterator[str]:
    """Yield the texts of a statement in which variables are replaced."""
    yield from (*(block["resources"] or ()), *(block["not_resources"] or ()))
    for one in (*block["principals"], *block["not_principals"]):
        yield from one["identifiers"]
    for condition in block["condition"]:
        yield from condition["values"]


def _principals(blocks: Sequence[Mapping[str, Any]]) -> Any:
    """Return the principals by their kind. IAM has a short form for everybody."""
    if [(block["type"], *block["identifiers"]) for block in blocks] == [("*", "*")]:
        return "*"
    by_type: dict[str, list[str]] = {}
    for block in blocks:
        by_type.setdefault(block["type"], []).extend(map(_variables, _descending(block["identifiers"])))
    return {type_: values[0] if len(values) == 1 else values for type_, values in sorted(by_type.items())} or None


def _conditions(blocks: Sequence[Mapping[str, Any]]) -> Any:
    """Return the values by operator and key."""
    conditions: dict[str, dict[str, list[str]]] = {}
    for block in blocks:
        values = conditions.setdefault(block["test"], {}).setdefault(block["variable"], [])
        values.extend(map(_variables, block["values"]))
    return _written(conditions) or None


def _written(conditions: Mapping[str, Mapping[str, list[str]]]) -> dict[str, dict[str, Any]]:
    return {
        test: {key: values[0] if len(values) == 1 else values for key, values in sorted(keys.items())}
        for test, keys in sorted(conditions.items())
    }


def _refuse_duplicates(statements: Iterable[Statement], argument: str) -> None:
    seen: set[str] = set()
    for statement in statements:
        sid = statement.get("Sid")
        if sid and sid in seen:
            raise Error(
                "Duplicate sid", f'The sid of each statement must be unique, got "{sid}" twice.', Path(argument)
            )
        seen |= {sid} if sid else set()


def _parsed(texts: Sequence[str] | None, argument: str) -> Iterator[dict[str, Any]]:
    """Yield each document with its statements in the same form as those of blocks. An empty text is no document."""
    for number, text in enumerate(texts or ()):
        if text:
            try:
                value = json.loads(text)
                # Python reads half characters and NaN, which could not be written again.
                json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
                yield _document(value)
            except (ValueError, TypeError, AttributeError, RecursionError) as failure:  # not JSON, or another structure
                path = Path(argument) / number
                detail = f'{path} must be a policy document in JSON, got "{shortened(text)}".'
                raise Error("Invalid policy", detail, path) from failure


def _document(value: Any) -> dict[str, Any]:
    elements = _elements(value, ("Id", "Statement"))
    statements = elements["Statement"] or []
    return {
        "Id": elements["Id"],
        "Statement": [_read_statement(one) for one in (statements if isinstance(statements, list) else [statements])],
    }


def _read_statement(value: Any) -> Statement:
    elements = _elements(value, _NAMES)
    if not isinstance(elements["Sid"], str | None):
        raise TypeError("a Sid must be text")
    for name in ("Principal", "NotPrincipal"):
        if isinstance(elements[name], dict):
            elements[name] = {
                type_: _descending(one) if isinstance(one, list) else one
                for type_, one in sorted(elements[name].items())
            }
    if elements["Condition"]:
        elements["Condition"] = _written(
            {
                test: {key: [_text(one) for one in (values if isinstance(values, list) else [values])]
                       for key, values in keys.items()}
                for test, keys in elements["Condition"].items()
            }
        )  # fmt: skip
    return _without_nothing(elements)


def _elements(value: Any, names: Sequence[str]) -> dict[str, Any]:
    """Return elements of an object by their names in IAM, whose case does not matter."""
    given = {name.lower(): element for name, element in value.items()}
    return {name: given.get(name.lower()) for name in names}


def _text(value: Any) -> str:
    """Return a value of a condition as text: JSON's `true` means "true" to IAM."""
    return value if isinstance(value, str) else json.dumps(value)
