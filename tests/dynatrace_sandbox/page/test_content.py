"""What the page says about a tenant."""

from dynatrace_sandbox.page import content
from dynatrace_sandbox.tenant.credentials import AUDITORS, OWNER
from tests.dynatrace_sandbox.in_process import NOW, ROLE, Tenant, creation, objects, role_based, trusting, web_identity
from tests.dynatrace_sandbox.monitoring import body as monitoring_body


def test_connections_have_owner_permissions_consumers_and_role(tenant: Tenant) -> None:
    """By name. An object of an API token has no owner; a refused role ARN is shown at its connection."""
    mine, theirs = tenant.create("bbb", "platform-token"), tenant.create("aaa")
    tenant.iam.add(trusting(mine))
    assert tenant.put(mine, web_identity("bbb", ROLE), "platform-token").status_code == 200
    assert tenant.put(theirs, web_identity("aaa", ROLE)).status_code == 400
    path = f"{objects('oauth')}/{mine}/permissions"
    accessor = {"accessor": {"type": "group", "id": AUDITORS}, "permissions": ["r"]}
    assert tenant.call("POST", path, "platform-token", json=accessor).status_code == 201
    everybody = {"accessor": {"type": "all-users"}, "permissions": ["r", "w"]}
    assert tenant.call("POST", path, "platform-token", json=everybody).status_code == 201

    first, second = content.connections(tenant.sandbox)

    assert (first.name, first.role_arn, first.refused, first.permissions) == ("aaa", "", ROLE, ())
    assert first.owner.startswith("no owner")
    assert (second.name, second.role_arn, second.refused) == ("bbb", ROLE, "")
    assert second.owner == f"user {OWNER.id} (credential oauth)"
    assert second.permissions == (f"group {AUDITORS}: read", "all users: read and write")
    assert (second.kind, second.consumers) == ("Web identity", ("APP:dynatrace.aws.connector",))


def test_a_connection_says_whether_it_monitors(tenant: Tenant) -> None:
    """With the account."""
    body = [creation("ccc", role_based("ccc"))]
    object_id = tenant.call("POST", objects(), json=body).json()[0]["objectId"]
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}
    tenant.iam.add({"Version": "2012-10-17", "Statement": [statement]})
    assert tenant.put(object_id, role_based("ccc", ROLE)).status_code == 200
    assert content.connections(tenant.sandbox)[0].monitoring == ""

    tenant.sandbox.extension.create(tenant.caller("platform-token"), monitoring_body(object_id))

    assert content.connections(tenant.sandbox)[0].monitoring == "enabled, account 123456789012"


def test_attempts_compare_what_is_required_with_what_is_presented(tenant: Tenant) -> None:
    """Newest first, also when the connection is gone; a number stays with its attempt."""
    object_id = tenant.create("ccc")
    tenant.iam.add(trusting(object_id, sub="dt:connection-id/other"))
    for _ in range(2):
        tenant.put(object_id, web_identity("ccc", ROLE))

    newest, oldest = content.attempts(tenant.sandbox)
    tenant.call("DELETE", f"{objects()}/{object_id}")

    assert (newest.number, oldest.number, newest.connection) == (2, 1, "ccc")
    assert newest.moment == content.moment(NOW)
    provider, statement = newest.attempt.evaluations
    assert (provider.place, provider.applies) == ("OIDC provider", True)
    assert (statement.place, statement.effect, statement.applies) == ("statement 0", "Allow", False)
    subject = "StringEquals token.dynatrace.com:sub"
    assert [(found.element, found.matches) for found in statement.comparisons] == [
        ("Action", True),
        ("Principal", True),
        (subject, False),
    ]
    assert statement.comparisons[2].wanted == ["dt:connection-id/other"]
    assert statement.comparisons[2].got == f"dt:connection-id/{object_id}"
    assert content.attempts(tenant.sandbox)[0].connection == object_id


def test_a_huge_policy_leaves_a_small_attempt(tenant: Tenant) -> None:
    """1,000 attempts are kept, whatever the policies contain."""
    object_id = tenant.create("ccc")
    [statement] = trusting(object_id)["Statement"]
    statement["Condition"] = {"StringEquals": {f"other:key{number}": "x" * 5000 for number in range(100)}}
    policy = {"Version": "2012-10-17", "Statement": [statement] * 100}
    tenant.iam.add(policy)
    tenant.put(object_id, web_identity("ccc", ROLE))

    [attempt] = tenant.sandbox.aws_check.attempts

    assert len(attempt.evaluations) == 20
    assert {len(evaluation.comparisons) for evaluation in attempt.evaluations[1:]} == {20}
    texts = [text for evaluation in attempt.evaluations for found in evaluation.comparisons for text in found.wanted]
    assert max(map(len, texts)) == 300


def test_requests_are_the_newest_and_short(tenant: Tenant) -> None:
    """Long IDs lose their middle."""
    object_id = tenant.create("ccc")
    tenant.get(object_id)

    newest, *_ = content.requests(tenant.sandbox)

    assert newest.path == f"{objects()}/{object_id[:12]}…{object_id[-6:]}"
    assert (newest.entry.status, newest.entry.credential) == (200, "api-token")


def test_accounts_have_their_roles_and_providers(tenant: Tenant) -> None:
    """By the account in the ARN."""
    other = "arn:aws:iam::222222222222:role/other"
    tenant.iam.add({}, other)
    tenant.iam.add({})

    found = content.accounts(*tenant.iam.inventory())

    assert [account.id for account in found] == [ROLE.split(":")[4], "222222222222"]
    assert [len(account.roles) for account in found] == [1, 1]
    assert [len(account.providers) for account in found] == [1, 0]
