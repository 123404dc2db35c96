"""`aws_iam_policy_document`: the JSON that hashicorp/aws writes for the same configuration.

The expected documents are what hashicorp/aws 5.100.0 returned for these configurations, byte for byte.
"""

import json
from typing import Any

import pytest

from terraform_plugin import Error, Path, State
from terraform_provider_aws_iam.data_sources.iam_policy_document import IamPolicyDocument, to_document, to_json

STATEMENT: dict[str, Any] = {
    **dict.fromkeys(("sid", "effect", "actions", "not_actions", "resources", "not_resources")),
    "principals": [],
    "not_principals": [],
    "condition": [],
}


def config(*statements: dict[str, Any], **arguments: Any) -> State:
    names = IamPolicyDocument.schema.attributes
    return State(dict.fromkeys(names) | {"statement": [STATEMENT | one for one in statements]} | arguments)


def principals(type_: str, *identifiers: str) -> dict[str, Any]:
    return {"type": type_, "identifiers": list(identifiers)}


def condition(test: str, variable: str, *values: str) -> dict[str, Any]:
    return {"test": test, "variable": variable, "values": list(values)}


def document(*statements: dict[str, Any], **elements: Any) -> str:
    return json.dumps({"Statement": statements, **elements})


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ({}, '{"Effect":"Allow"}'),
        ({"sid": "", "actions": ["a:b"], "resources": ["*"]}, '{"Effect":"Allow","Action":"a:b","Resource":"*"}'),
        (
            {"actions": ["S3:c", "s3:10", "s3:9", "s3:B", "s3:a"], "not_resources": ["*"]},
            '{"Effect":"Allow","Action":["s3:a","s3:B","s3:9","s3:10","S3:c"],"NotResource":"*"}',
        ),
        (
            {"sid": "x", "effect": "Deny", "not_actions": ["a:b", "b:c"], "resources": ["a", "z"]},
            '{"Sid":"x","Effect":"Deny","NotAction":["b:c","a:b"],"Resource":["z","a"]}',
        ),
        (
            {"actions": ["sts:AssumeRole"], "principals": [principals("AWS", "arn:aws:iam::314146291599:root")]},
            '{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"arn:aws:iam::314146291599:root"}}',
        ),
        (
            {"principals": [principals("Service", "x"), principals("AWS", "a", "c", "b")]},
            '{"Effect":"Allow","Principal":{"AWS":["c","b","a"],"Service":"x"}}',
        ),
        ({"principals": [principals("AWS", "*")]}, '{"Effect":"Allow","Principal":{"AWS":"*"}}'),
        ({"not_principals": [principals("*", "*")]}, '{"Effect":"Allow","NotPrincipal":"*"}'),
        ({"principals": [principals("*", "a")]}, '{"Effect":"Allow","Principal":{"*":"a"}}'),
        (
            {"principals": [principals("*", "*"), principals("AWS", "a")]},
            '{"Effect":"Allow","Principal":{"*":"*","AWS":"a"}}',
        ),
        ({"principals": [principals("AWS")]}, '{"Effect":"Allow","Principal":{"AWS":[]}}'),
        (
            {"condition": [condition("StringEquals", "sts:ExternalId", "b", "a")]},
            '{"Effect":"Allow","Condition":{"StringEquals":{"sts:ExternalId":["b","a"]}}}',
        ),
        (
            {"condition": [condition("S", "u", "z", ""), condition("A", "u", "z"), condition("S", "t", "x", "x")]},
            '{"Effect":"Allow","Condition":{"A":{"u":"z"},"S":{"t":["x","x"],"u":["z",""]}}}',
        ),
        (
            {
                "actions": ["&{x}"],
                "resources": ["&{aws:username}/&{y}"],
                "principals": [principals("Federated", "&{z}")],
                "condition": [condition("&{t}", "&{v}", "&{w}", "&&{a}")],
            },
            (
                r'{"Effect":"Allow","Action":"\u0026{x}","Resource":"${aws:username}/${y}","Principal":{"Federated":"${z}"},'
                r'"Condition":{"\u0026{t}":{"\u0026{v}":["${w}","\u0026${a}"]}}}'
            ),
        ),
        (
            {"sid": "ü<>&\u2028"},
            '{"Sid":"ü\\u003c\\u003e\\u0026\\u2028","Effect":"Allow"}',
        ),
    ],
)
def test_a_statement_is_written_as_hashicorp_aws_writes_it(statement: dict[str, Any], expected: str) -> None:
    """Keys in a fixed order, one value without a list, sets from Z to A, `&{...}` as `${...}`."""
    assert to_json(to_document(config(statement))) == f'{{"Version":"2012-10-17","Statement":[{expected}]}}'


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, '{"Version":"2012-10-17"}'),
        ({"policy_id": "pid", "version": "2008-10-17"}, '{"Version":"2008-10-17","Id":"pid"}'),
        ({"policy_id": ""}, '{"Version":"2012-10-17"}'),
        (
            {"source_policy_documents": [document(Version="2008-10-17", Id="i")], "policy_id": None},
            '{"Version":"2012-10-17","Id":"i"}',
        ),
        ({"source_policy_documents": [document(Id="i")], "policy_id": "p"}, '{"Version":"2012-10-17","Id":"p"}'),
        ({"override_policy_documents": [document(Id="o")], "policy_id": "p"}, '{"Version":"2012-10-17","Id":"o"}'),
        ({"source_policy_documents": ["{}", "", '{"Statement":null}']}, '{"Version":"2012-10-17"}'),
    ],
)
def test_version_and_id_come_from_the_configuration_first(arguments: dict[str, Any], expected: str) -> None:
    """The version of a merged document is ignored; of several IDs, the last one is used."""
    assert to_json(to_document(config(**arguments))) == expected


def test_documents_are_merged_by_sid() -> None:
    """Sources first, then the statements, then the overrides; a statement stays where the one it replaces was."""
    merged = to_document(
        config(
            {"sid": "a", "actions": ["8"]},
            {"actions": ["9"]},
            source_policy_documents=[
                document({"Sid": "a", "Action": "1"}, {"Action": "2"}, {"Sid": "b", "Action": "3"})
            ],
            override_policy_documents=[
                document({"Sid": "b", "Action": "4"}, {"Sid": "", "Action": "5"}, {"Sid": "c", "Action": "6"}),
                document({"Sid": "c", "Action": "7"}),
            ],
        )
    )

    assert to_json(merged) == (
        '{"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Allow","Action":"8"},{"Action":"2"},'
        '{"Sid":"b","Action":"4"},{"Effect":"Allow","Action":"9"},{"Action":"5"},{"Sid":"c","Action":"7"}]}'
    )


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ({"Action": ["a", "b", "a"], "Resource": []}, '{"Action":["a","b","a"],"Resource":[]}'),
        (
            {"Principal": {"Service": "s", "AWS": ["a", "b"]}},
            '{"Principal":{"AWS":["b","a"],"Service":"s"}}',
        ),
        ({"NotPrincipal": {"AWS": ["a"]}, "Unknown": 1}, '{"NotPrincipal":{"AWS":["a"]}}'),
        ({"Principal": "*"}, '{"Principal":"*"}'),
        (
            {"Condition": {"S": {"z": ["x"], "a": ["2", "1"]}, "Bool": {"b": "true"}}},
            '{"Condition":{"Bool":{"b":"true"},"S":{"a":["2","1"],"z":"x"}}}',
        ),
        ({"sid": "lower", "effect": "Deny", "ACTION": "a"}, '{"Sid":"lower","Effect":"Deny","Action":"a"}'),
        ({"Resource": "&{a}"}, '{"Resource":"\\u0026{a}"}'),
    ],
)
def test_statements_of_documents_are_kept_as_hashicorp_aws_keeps_them(statement: dict[str, Any], expected: str) -> None:
    """Lists stay lists, except values of conditions. Principals are sorted. Names can be in any case."""
    merged = to_document(config(source_policy_documents=[document(statement)]))
    assert to_json(merged) == f'{{"Version":"2012-10-17","Statement":[{expected}]}}'


def test_a_document_may_have_a_single_statement_and_json_values() -> None:
    """IAM accepts both; hashicorp/aws 5.100.0 does not."""
    source = '{"Statement": {"Condition": {"Bool": {"aws:SecureTransport": true, "n": [1, 2.5]}}}}'

    assert to_json(to_document(config(source_policy_documents=[source]))) == (
        '{"Version":"2012-10-17","Statement":[{"Condition":{"Bool":{"aws:SecureTransport":"true","n":["1","2.5"]}}}]}'
    )


@pytest.mark.parametrize(
    ("arguments", "statements", "path"),
    [
        ({}, [{"sid": "a"}, {"sid": "a"}], Path("statement")),
        (
            {"source_policy_documents": [document({"Sid": "a"}), document({"Sid": "a"})]},
            [],
            Path("source_policy_documents"),
        ),
        ({"source_policy_documents": [document({"Sid": "a"}, {"Sid": "a"})]}, [], Path("source_policy_documents")),
    ],
)
def test_a_sid_is_unique_where_nothing_is_replaced(
    arguments: dict[str, Any], statements: list[dict[str, Any]], path: Path
) -> None:
    """The message names it."""
    with pytest.raises(Error, match="Duplicate sid") as refused:
        to_document(config(*statements, **arguments))

    assert refused.value.path == path
    assert '"a"' in refused.value.detail


@pytest.mark.parametrize(
    "text",
    [
        *("nonsense", "[]", "1", '{"Statement": [1]}', '{"Statement": [{"Condition": {"a": 3}}]}'),
        *('{"Statement": [{"Sid": ["a"]}]}', '{"Id": "\\ud800"}', '{"Statement": [{"Resource": NaN}]}'),
    ],
)
@pytest.mark.parametrize("argument", ["source_policy_documents", "override_policy_documents"])
def test_a_text_that_is_not_a_document_is_an_error(argument: str, text: str) -> None:
    """At its index in the list, with the type of the value."""
    with pytest.raises(Error, match="Invalid policy") as refused:
        to_document(config(**{argument: ["{}", text]}))

    assert refused.value.path == Path(argument, 1)
    assert refused.value.detail == f'{argument}[1] must be a policy document in JSON, got "{text}".'


@pytest.mark.parametrize(
    "statement",
    [
        {"resources": ["&{a}"]},
        {"not_resources": ["x", "&{a}"]},
        {"principals": [principals("AWS", "&{a}")]},
        {"condition": [condition("S", "v", "&{a}")]},
    ],
)
def test_the_first_version_of_the_language_has_no_variables(statement: dict[str, Any]) -> None:
    """IAM would treat them as ordinary text."""
    with pytest.raises(Error, match="Policy variables are not supported"):
        to_document(config(statement, version="2008-10-17"))


async def test_the_data_source_returns_the_document_twice() -> None:
    """Indented and minified, and the checksum that hashicorp/aws has as its id. Values of the configuration stay."""
    given = config({"actions": ["a:b"], "resources": []}, policy_id="p")

    state = await IamPolicyDocument(None).read(given)

    assert state["json"] == (
        '{\n  "Version": "2012-10-17",\n  "Id": "p",\n  "Statement": [\n    {\n      "Effect": "Allow",\n'
        '      "Action": "a:b"\n    }\n  ]\n}'
    )
    assert state["minified_json"] == json.dumps(json.loads(state["json"]), separators=(",", ":"))
    assert state["version"] == "2012-10-17"
    assert state["statement"] == given["statement"]


async def test_the_id_is_that_of_hashicorp_aws() -> None:
    """A plan after a move from hashicorp/aws does not show another one."""
    assert (await IamPolicyDocument(None).read(config()))["id"] == "1132004489"


def test_documents_with_many_statements_are_merged_in_time() -> None:
    """Each statement is compared with the others by its `sid` once, and not with each of them."""
    text = json.dumps({"Statement": [{"Sid": f"s{number}", "Action": "a"} for number in range(20_000)]})

    document = to_document(config(source_policy_documents=[text], override_policy_documents=[text]))

    assert [one["Sid"] for one in document["Statement"]] == [f"s{number}" for number in range(20_000)]
