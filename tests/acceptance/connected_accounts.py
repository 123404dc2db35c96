"""A tenant as large companies have them: 60 connections over four AWS accounts, some of which do not work.

Everything was right when the role ARNs were set. Then somebody changed ten of the roles.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from boto3.session import Session

from dynatrace_sandbox.testing import RunningSandbox
from tests.acceptance.tenants import OBJECTS, PLATFORM_OBJECTS, Value, create, role_based, web_identity

HOST = "token.dynatrace.com"
AUDIENCE = "abc12345.apps.dynatrace.com/app-id/dynatrace.aws.connector"
DYNATRACE = "arn:aws:iam::314146291599:root"
ACCOUNTS = ("111111111111", "222222222222", "333333333333", "444444444444")
REACHED = ACCOUNTS[:3]
"""Those for which the user has a profile; it has the name of the account."""
TEAMS = ("billing", "checkout", "identity", "search", "warehouse")
STAGES = ("dev", "prod", "test")
OWNERLESS = frozenset(f"{team}-test" for team in TEAMS)
"""The connections in the first account that were created with an API token."""

Policy = dict[str, Any]


def web(account: str, object_id: str, host: str = HOST, **changes: Any) -> Policy:
    """Return a trust policy for web identity; `changes` replace parts of its statement, or the claims sub and aud."""
    claims = {
        f"{host}:sub": changes.pop("sub", f"dt:connection-id/{object_id}"),
        f"{host}:aud": changes.pop("aud", AUDIENCE),
    }
    return policy(
        {
            "Principal": {"Federated": f"arn:aws:iam::{account}:oidc-provider/{HOST}"},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": claims},
        }
        | changes
    )


def based(object_id: str, **changes: Any) -> Policy:
    """Return a trust policy for a role-based connection."""
    condition = {"StringEquals": {"sts:ExternalId": object_id}}
    statement = {"Principal": {"AWS": DYNATRACE}, "Action": "sts:AssumeRole", "Condition": condition}
    return policy(statement | changes)


def policy(*statements: Mapping[str, Any]) -> Policy:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow"} | dict(one) for one in statements]}


@dataclass(frozen=True)
class Change:
    """What somebody did to a role, and what the report must say about it."""

    policy: Callable[[str, str], Policy] | None
    """Returns the new trust policy for an account and a connection; None: the role was deleted."""
    says: str


OTHER_ACCOUNT = {"AWS": "arn:aws:iam::555555555555:root"}
DENIAL = {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}
BROKEN = {
    "billing-dev": Change(partial(web, sub="dt:connection-id/ANOTHER"), "another connection"),
    "billing-prod": Change(partial(web, aud=f"https://{AUDIENCE}"), "has a scheme"),
    "checkout-dev": Change(partial(web, aud=f"{AUDIENCE}/"), "ends with a slash"),
    "checkout-prod": Change(partial(web, sub="dtid:connection/x"), "old form of the subject"),
    "identity-dev": Change(partial(web, host="idp.example.com"), "a token from idp.example.com"),
    "identity-prod": Change(partial(web, Action="sts:AssumeRole"), "It allows sts:AssumeRole."),
    "search-dev": Change(lambda *_: based("ANOTHER"), "ANOTHER is the ID of another connection"),
    "search-prod": Change(lambda _, own: based(own, Principal=OTHER_ACCOUNT), "in the account 555555555555"),
    "warehouse-dev": Change(None, "AWS has no such role"),
    "warehouse-prod": Change(lambda _, own: policy(*based(own)["Statement"], DENIAL), "has Effect Deny"),
}
"""By the name of the connection, without its account: those in the second account."""
OPEN = {
    "billing-prod": Change(
        partial(web, Condition={"StringEquals": {f"{HOST}:aud": AUDIENCE}}),
        "does not restrict the subject",
    ),
    "search-prod": Change(lambda _, own: based(own, Principal="*"), "trusts every principal"),
}
"""Those in the third account, which work and let others in."""


def kind_of(team: str) -> Callable[[str, str], Value]:
    return role_based if team in ("search", "warehouse") else web_identity


def right(team: str, account: str, object_id: str) -> Policy:
    return based(object_id) if kind_of(team) is role_based else web(account, object_id)


def iam_of(sandbox: RunningSandbox, account: str) -> Any:
    """Return a client for the IAM of an account."""
    session = Session(aws_access_key_id=account, aws_secret_access_key="x", region_name="us-east-1")
    return session.client("iam", endpoint_url=sandbox.aws_url)


def connect_accounts(sandbox: RunningSandbox) -> dict[str, str]:
    """Fill the sandbox. Return the verdict that each connection must get, by its name."""
    verdicts: dict[str, str] = {}
    for account in ACCOUNTS:
        iam = iam_of(sandbox, account)
        iam.create_open_id_connect_provider(Url=f"https://{HOST}", ClientIDList=[AUDIENCE])
        names = {f"{team}-{stage}": team for team in TEAMS for stage in STAGES}
        for credential in OBJECTS_BY:
            mine = {
                name: team
                for name, team in names.items()
                if (account == ACCOUNTS[0] and name in OWNERLESS) == (credential == "api-token")
            }
            _connect(sandbox, iam, account, mine, credential)
        changes = {ACCOUNTS[1]: BROKEN, ACCOUNTS[2]: OPEN}.get(account, {})
        for name in names:
            verdicts[f"{name}-{account[0]}"] = _verdict(account, name)
        for name, change in changes.items():
            object_id = next(
                one["objectId"] for one in sandbox.objects() if one["value"]["name"] == f"{name}-{account[0]}"
            )
            if change.policy is None:
                iam.delete_role(RoleName=name)
            else:
                document = json.dumps(change.policy(account, object_id))
                iam.update_assume_role_policy(RoleName=name, PolicyDocument=document)
    return verdicts


OBJECTS_BY = {"platform-token": PLATFORM_OBJECTS, "api-token": OBJECTS["api-token"]}


def _verdict(account: str, name: str) -> str:
    if account not in REACHED:
        return "not checked"
    return "fails" if account == ACCOUNTS[1] and name in BROKEN else "ok"


def _connect(sandbox: RunningSandbox, iam: Any, account: str, teams: Mapping[str, str], credential: str) -> None:
    """Create connections with the roles that they need, and set their role ARNs."""
    named = {f"{name}-{account[0]}": (name, team) for name, team in teams.items()}
    values = [kind_of(team)(full, "") for full, (_, team) in named.items()]
    ids = create(sandbox, values, credential) if values else {}
    for full, object_id in ids.items():
        name, team = named[full]
        document = json.dumps(right(team, account, object_id))
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
        path = f"{OBJECTS_BY[credential]}/{object_id}"
        sandbox.call("PUT", path, credential, json={"value": kind_of(team)(full, arn)}).raise_for_status()


def write_profiles(folder: Path, accounts: tuple[str, ...] = REACHED) -> dict[str, str]:
    """Write a credentials file with a profile for each account. Return the environment variables that use it."""
    lines = [f"[{one}]\naws_access_key_id = {one}\naws_secret_access_key = sandbox\n" for one in accounts]
    path = folder / "aws-credentials"
    path.write_text("\n".join(lines))
    return {"AWS_SHARED_CREDENTIALS_FILE": str(path)}
