"""Mistakes that the official provider reports during the apply, and this one during the plan, with real Terraform."""

import re

import pytest

from dynatrace_sandbox.testing import RunningSandbox
from terraform_plugin.testing import Message, Terraform, TerraformFailed
from tests.acceptance.configurations import connection, role, role_arn

ADDRESS = "dynatrace_aws_connection.this"
ARN = "arn:aws:iam::123456789012:role/dynatrace"
WHOLE = connection() + role() + role_arn()
ROLE_BASED = 'resource "dynatrace_aws_connection" "this" {\n  name = "production"\n  role_based_auth {}\n}\n'


def refused(terraform: Terraform, config: str, *arguments: str) -> list[Message]:
    """Return the errors of a plan, in the order of their addresses."""
    with pytest.raises(TerraformFailed) as failed:
        terraform.plan(config, *arguments)
    return sorted(failed.value.errors, key=lambda error: error.address)


def made_elsewhere(sandbox: RunningSandbox, name: str, kind: str = "awsWebIdentity") -> str:
    """Create a connection that is in no state, and return its ID."""
    value = {"name": name, "type": kind, kind: {"consumers": [], "roleArn": ""}}
    body = [{"schemaId": "builtin:hyperscaler-authentication.connections.aws", "scope": "environment", "value": value}]
    [created] = sandbox.call("POST", "/api/v2/settings/objects", json=body).json()
    return str(created["objectId"])


def delete(sandbox: RunningSandbox, object_id: str) -> None:
    assert sandbox.call("DELETE", f"/api/v2/settings/objects/{object_id}").status_code == 204


def test_a_name_in_use_is_reported_with_an_import_block(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """During the plan, at the attribute. The import block of the error imports the existing connection."""
    existing = made_elsewhere(sandbox, "production")

    [error] = refused(terraform, ROLE_BASED)

    assert error.summary == "The name is already in use"
    assert 'name = "production"' in error.code
    assert f'id = "{existing}"' in error.detail
    assert "to = dynatrace_aws_connection.NAME" in error.detail
    delete(sandbox, existing)


def test_many_connections_are_checked_in_few_requests(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """Five on an idle machine (`make bench`). On a busy one, Terraform's first ten may arrive in more groups."""
    config = "".join(connection(f"number-{number}", label=f"number-{number}") for number in range(100))
    before = len(sandbox.requests())

    terraform.plan(config)

    assert len(sandbox.requests()) - before <= 10


def test_each_of_many_connections_has_its_own_error(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """Also those that are compared with a list, and not validated by Dynatrace."""
    existing = [made_elsewhere(sandbox, f"number-{number}") for number in (70, 99)]
    config = "".join(connection(f"number-{number}", label=f"number-{number}") for number in range(100))

    errors = refused(terraform, config)

    assert [(error.address, error.summary) for error in errors] == [
        (f"dynatrace_aws_connection.number-{number}", "The name is already in use") for number in (70, 99)
    ]
    assert all('name = "number-' in error.code for error in errors)
    for object_id in existing:
        delete(sandbox, object_id)


def test_renaming_to_a_name_in_use_fails_at_plan(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """An update is validated, too."""
    existing = made_elsewhere(sandbox, "taken")
    terraform.apply(connection())

    [error] = refused(terraform, connection("taken"))

    assert (error.summary, existing in error.detail) == ("The name is already in use", True)
    delete(sandbox, existing)


def test_two_connections_with_one_name_fail_at_plan(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """Neither exists yet, so Dynatrace could only report it during the apply."""
    [error] = refused(terraform, connection() + connection(label="second"))

    assert error.summary == "Two connections with the same name"
    assert sandbox.objects() == []


def test_a_copy_of_a_connection_that_exists_fails_at_plan(terraform: Terraform) -> None:
    """In whichever order the two are planned."""
    terraform.apply(connection())

    errors = refused(terraform, connection() + connection(label="second"))

    assert {error.summary for error in errors} <= {"Two connections with the same name", "The name is already in use"}
    assert errors != []


def test_two_renames_to_one_name_fail_at_plan(terraform: Terraform) -> None:
    """The name is not in use, but only one of them can have it."""
    terraform.apply(connection("first") + connection("second", label="other"))

    [error] = refused(terraform, connection("third") + connection("third", label="other"))

    assert error.summary == "Two connections with the same name"


@pytest.mark.parametrize("arguments", [[], ["-replace=dynatrace_aws_connection.this"]])
def test_a_replacement_may_keep_its_name(terraform: Terraform, arguments: list[str]) -> None:
    """The replaced connection has the name until it is deleted, which is not a duplicate."""
    terraform.apply(connection())

    plan = terraform.plan(connection() if arguments else ROLE_BASED, *arguments)

    assert plan.actions(ADDRESS) == ["delete", "create"]
    assert plan.warnings == []
    terraform.apply(connection() if arguments else ROLE_BASED, *arguments)


def test_a_tainted_connection_may_keep_its_name(terraform: Terraform) -> None:
    """Terraform plans it as if it were new."""
    terraform.apply(connection())
    terraform.run("taint", ADDRESS)

    assert terraform.plan(connection()).actions(ADDRESS) == ["delete", "create"]


def test_creating_before_destroying_with_the_same_name_is_explained(terraform: Terraform) -> None:
    """It cannot work; the error says what to change."""
    before = "  lifecycle {\n    create_before_destroy = true\n  }\n}"
    terraform.apply(connection())

    with pytest.raises(TerraformFailed, match="remove create_before_destroy"):
        terraform.apply(before.join(ROLE_BASED.rsplit("}", 1)))


def test_a_name_that_is_given_up_by_another_connection_is_not_refused(terraform: Terraform) -> None:
    """With depends_on, Terraform renames the first before the other gets its name."""
    terraform.apply(connection("first"))
    second = connection("first", label="second").rstrip().removesuffix("}") + f"  depends_on = [{ADDRESS}]\n}}\n"

    result = terraform.apply(connection("renamed") + second)

    assert "The name is still in use" in [warning.summary for warning in result.warnings]


def test_an_unknown_consumer_is_refused_by_the_server_at_plan(terraform: Terraform) -> None:
    """validate warns and suggests the most similar known one; Dynatrace reports an error at the attribute."""
    [warning] = terraform.validate(connection(consumer="APP:dynatrace.aws.conector"))
    assert (warning.severity, warning.summary) == ("warning", "Unknown consumer")
    assert 'Did you mean "APP:dynatrace.aws.connector"?' in warning.detail
    assert "  APP:dynatrace.biz.carbon (Cost & Carbon Optimization)" in warning.detail

    [error] = refused(terraform, connection(consumer="APP:dynatrace.aws.conector"))

    assert "Unknown enum value 'APP:dynatrace.aws.conector'" in error.detail
    assert "consumers = " in error.code


def test_what_only_the_plan_knows_is_refused_there(terraform: Terraform) -> None:
    """A name with a colon, a name of two letters, and an invalid role ARN, all from variables."""
    config = "".join(connection(label=name).replace('"production"', f"var.{name}") for name in ("colon", "short"))
    config += connection() + role_arn("var.arn")
    values = {"colon": "a:b c", "short": "ab", "arn": "no-arn"}
    config += "".join(f'variable "{name}" {{\n  type = string\n}}\n' for name in values)

    errors = refused(terraform, config, *(f"-var={name}={text}" for name, text in values.items()))

    assert {re.sub(r"\s+", " ", error.code): error.summary for error in errors} == {
        "name = var.colon": "Invalid value",
        "name = var.short": "Invalid length",
        "role_arn = var.arn": "Invalid role ARN",
    }


def test_a_missing_scope_fails_at_plan(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """For each plan: a create, a rename, a destroy, and the role ARN of an existing connection."""
    terraform.apply(connection() + connection("second", label="second") + connection("third", label="third"))
    terraform.environ |= sandbox.environ("read-only-api-token")
    config = connection("new", label="new") + connection("renamed", label="second") + connection()

    errors = refused(terraform, config + role_arn(f'"{ARN}"'))

    assert ["needs the scope settings.write" in error.detail for error in errors] == [True] * 4
    assert [error.address for error in errors] == [
        "",  # Terraform has none for what is not in the configuration any more
        "dynatrace_aws_connection.new",
        "dynatrace_aws_connection.second",
        "dynatrace_aws_connection_role_arn.this",
    ]
    assert 'The connection "third"' in errors[0].detail
    terraform.environ |= sandbox.environ("api-token")


def test_a_role_arn_cannot_change_while_the_connection_stays(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """The plan reports it and what to do instead; the state keeps everything."""
    terraform.apply(WHOLE)
    other = connection() + role("other") + role_arn()

    [error] = refused(terraform, connection() + role() + role_arn(f'"{ARN}2"'))

    assert error.summary == "The connection already has another role ARN"
    assert 'role_arn          = "' in error.code
    [(command, arguments)] = re.findall(r"  terraform (\S+) (-replace=\S+)", error.detail)
    assert command == "apply"
    terraform.apply(other, arguments.replace("NAME", "this"))
    assert role_arns(sandbox) == ["other"]

    [lifecycle] = re.findall(r"  lifecycle \{\n.*\n  \}", error.detail)
    by_itself = WHOLE.replace("  web_identity {", f"{lifecycle}\n  web_identity {{".replace("NAME", "role"), 1)
    by_itself = by_itself.replace('"dynatrace"\n  assume', "terraform_data.role.input\n  assume")
    by_itself += 'resource "terraform_data" "role" {\n  input = "%s"\n}\n'
    terraform.apply(by_itself % "third", f"-replace={ADDRESS}")
    terraform.apply(by_itself % "fourth")
    assert role_arns(sandbox) == ["fourth"]


def role_arns(sandbox: RunningSandbox) -> list[str]:
    """Return the name of each connection's role."""
    return [found["value"]["awsWebIdentity"]["roleArn"].rpartition("/")[2] for found in sandbox.objects()]


def test_an_error_of_the_plan_blocks_a_destroy_unless_refresh_is_off(terraform: Terraform) -> None:
    """Before a destroy, Terraform plans the configuration with the same requests; -refresh=false skips that plan."""
    terraform.apply(connection())
    terraform.init(connection() + connection(label="second"))

    with pytest.raises(TerraformFailed) as failed:
        terraform.destroy()
    assert {error.summary for error in failed.value.errors} <= {
        "Two connections with the same name",
        "The name is already in use",
    }

    terraform.destroy("-refresh=false")
    assert terraform.state() == {}


def test_a_connection_with_another_role_arn_is_found_at_plan(terraform: Terraform) -> None:
    """Set by someone else, or removed from the state."""
    terraform.apply(WHOLE)
    terraform.run("state", "rm", "dynatrace_aws_connection_role_arn.this")

    [error] = refused(terraform, connection() + role() + role_arn(f'"{ARN}2"'))

    assert f'"production" has the role {ARN}, ' in error.detail


def test_a_connection_that_does_not_exist_is_found_at_plan(terraform: Terraform) -> None:
    """The error is at the attribute."""
    [error] = refused(terraform, role_arn(f'"{ARN}"').replace(f"{ADDRESS}.id", '"vu9U3hXa3q0AAAABnope"'))

    assert error.summary == "AWS connection not found"
    assert "vu9U3hXa3q0AAAABnope" in error.detail
    assert "aws_connection_id = " in error.code


def test_a_role_of_another_partition_is_found_at_plan(terraform: Terraform) -> None:
    """Role-based connections accept roles of the partition aws only."""
    terraform.apply(ROLE_BASED)

    [error] = refused(terraform, ROLE_BASED + role_arn('"arn:aws-cn:iam::123456789012:role/dynatrace"'))

    assert "use a connection with web_identity" in error.detail


def test_creates_are_planned_offline(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """validate_at_plan = false sends no request; mistakes in the configuration itself are still reported."""
    offline = 'provider "dynatrace" {\n  validate_at_plan = false\n}\n'

    assert terraform.plan(offline + WHOLE).actions(ADDRESS) == ["create"]
    [error] = refused(terraform, offline + connection() + connection(label="second"))

    assert error.summary == "Two connections with the same name"
    assert sandbox.requests() == []


def test_a_plan_of_300_connections_makes_at_most_40_requests(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """Terraform plans ten at the same time, which are validated in one array."""
    config = connection("conn-${count.index}").replace("{\n", "{\n  count = 300\n", 1)

    plan = terraform.plan(config)

    assert len(plan.changes) == 300
    assert len(sandbox.requests()) <= 40
