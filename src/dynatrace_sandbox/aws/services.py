"""moto's IAM and STS as WSGI applications, with what they lack.

That is: two actions, the check of trust policies, and the decision who may assume a role.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

from dynatrace_sandbox.aws.gate import SERVICES, Wsgi, error_body
from dynatrace_sandbox.aws.managed_policies import add_managed_policies
from dynatrace_sandbox.aws.trust import OidcProvider, Role, assume_role
from dynatrace_sandbox.aws.trust_policy import LONGEST, MalformedPolicy, parse, statements

_ROLE_ARN = re.compile(r"arn:(aws|aws-cn|aws-us-gov):iam::(\d{12}):role/.{1,600}", re.ASCII)


def load_services() -> dict[str, Wsgi]:
    """Import moto's IAM and STS, and return each as a WSGI application."""
    # moto reads its settings when it is imported. Without this one it would answer every origin with CORS headers; the
    # user's own settings could make it record requests into a file of the working directory.
    for name in [name for name in os.environ if name.startswith("MOTO_")]:
        del os.environ[name]
    os.environ["MOTO_DISABLE_GLOBAL_CORS"] = "true"
    from moto.moto_server.werkzeug_app import create_backend_app  # noqa: PLC0415 two seconds: on moto's thread only

    _adapt()
    services: dict[str, Wsgi] = {}
    for name in SERVICES:
        application = create_backend_app(name)  # type: ignore[arg-type] # moto's Literal of names
        application.register_error_handler(Exception, _refuse)
        services[name] = application
    return services


def _refuse(failure: Exception) -> Any:
    """Respond with 400 to a request that moto fails to read: an action that it lacks, a number that is not one."""
    from flask import request  # noqa: PLC0415 see `load_services`
    from werkzeug.exceptions import HTTPException  # noqa: PLC0415 see `load_services`

    if isinstance(failure, HTTPException):
        return failure
    action = request.form.get("Action", "")
    message = f"The sandbox cannot carry out {action[:100]}: {type(failure).__name__}"
    return error_body("ValidationError", message), 400, {"Content-Type": "text/xml"}


@cache  # all servers of a process share moto's classes
def _adapt() -> None:
    _adapt_iam()
    add_managed_policies()
    _adapt_sts()
    _skip_authorization()


def _adapt_iam() -> None:
    """Add actions that moto lacks, and let it refuse malformed trust policies. Source: 0008-sources.md#iam-api.

    Adding and removing a client ID of an OIDC provider succeeds when there is nothing to change.
    """
    from moto.core.responses import ActionResult, EmptyResult  # noqa: PLC0415 see `load_services`
    from moto.iam.exceptions import EntityAlreadyExists  # noqa: PLC0415 see `load_services`
    from moto.iam.responses import IamResponse  # noqa: PLC0415 see `load_services`

    def change(response: Any, changed: Callable[[list[str], str], list[str]]) -> ActionResult:
        parameter = response._get_param  # noqa: SLF001 how moto's own actions read their parameters
        provider = response.backend.get_open_id_connect_provider(parameter("OpenIDConnectProviderArn"))
        provider.client_id_list = changed(provider.client_id_list, parameter("ClientID"))
        return EmptyResult()

    def add(response: Any) -> ActionResult:
        return change(response, lambda ids, added: ids if added in ids else [*ids, added])

    def remove(response: Any) -> ActionResult:
        return change(response, lambda ids, removed: [other for other in ids if other != removed])

    actions: Any = IamResponse
    actions.add_client_id_to_open_id_connect_provider = add
    actions.remove_client_id_from_open_id_connect_provider = remove

    create_role, create_provider = actions.create_role, actions.create_open_id_connect_provider

    def create_named(response: Any) -> ActionResult:
        try:
            return create_provider(response)  # type: ignore[no-any-return]
        except EntityAlreadyExists as error:  # moto's message is "Unknown"
            url = response._get_param("Url")  # noqa: SLF001 as above
            raise EntityAlreadyExists(f"Provider with url {url} already exists.") from error

    def create(response: Any) -> ActionResult:
        _check_trust_policy(response._get_param("AssumeRolePolicyDocument") or "")  # noqa: SLF001 as above
        return create_role(response)  # type: ignore[no-any-return]

    def update(response: Any) -> ActionResult:
        role = response.backend.get_role(response._get_param("RoleName"))  # noqa: SLF001 as above
        document = response._get_param("PolicyDocument") or ""  # noqa: SLF001 as above
        _check_trust_policy(document)
        role.assume_role_policy_document = document  # moto's own check refuses `sts:*`, `NotAction` and old versions
        return EmptyResult()

    actions.create_open_id_connect_provider = create_named
    actions.create_role = create
    actions.update_assume_role_policy = update


def _check_trust_policy(document: str) -> None:
    """Raise moto's `MalformedPolicyDocument` or `LimitExceededException` for what IAM would not store."""
    from moto.iam.exceptions import LimitExceededException, MalformedPolicyDocument  # noqa: PLC0415 see `load_services`

    try:
        statements(parse(document))
    except MalformedPolicy as problem:
        raise MalformedPolicyDocument(f"The trust policy is malformed: {problem}.") from problem
    if len("".join(document.split())) > LONGEST:
        raise LimitExceededException(f"Cannot exceed quota for ACLSizePerRole: {LONGEST}")


def _adapt_sts() -> None:
    """Let a role be assumed only if it exists, and `AssumeRole` only if its trust policy allows it.

    moto gives credentials for any ARN. Identity policies of the caller, and web identity tokens, are not checked.
    """
    from moto.core.exceptions import AccessDeniedError  # noqa: PLC0415 see `load_services`
    from moto.core.responses import ActionResult  # noqa: PLC0415 see `load_services`
    from moto.sts.responses import TokenResponse  # noqa: PLC0415 see `load_services`

    actions: Any = TokenResponse

    def checked(action: str, carry_out: Callable[[Any], ActionResult]) -> Callable[[Any], ActionResult]:
        def respond(response: Any) -> ActionResult:
            parameter = response._get_param  # noqa: SLF001 how moto's own actions read their parameters
            role_arn = parameter("RoleArn") or ""
            role, backend = _find_role(role_arn), response.backend
            _, caller, account = backend.get_caller_identity(response.access_key, response.region)
            allowed = role is not None
            if action == "AssumeRole":
                session = backend.get_assumed_role_from_access_key(response.access_key)
                arns = (session.role_arn, caller) if session else (caller,)
                allowed = assume_role(role, role_arn, account, parameter("ExternalId") or "", arns).allowed
            if not allowed:
                raise AccessDeniedError(caller, f"sts:{action} on resource: {role_arn}")
            return carry_out(response)

        return respond

    actions.assume_role = checked("AssumeRole", actions.assume_role)
    actions.assume_role_with_web_identity = checked("AssumeRoleWithWebIdentity", actions.assume_role_with_web_identity)
    actions.assume_role_with_saml = checked("AssumeRoleWithSAML", actions.assume_role_with_saml)


def _find_role(arn: str) -> Role | None:
    """Return the role with exactly this ARN, in whichever account it is."""
    from moto.iam.models import iam_backends  # noqa: PLC0415 see `load_services`

    parts = _ROLE_ARN.fullmatch(arn)
    if not parts or parts[2] not in iam_backends:  # reading the backend of an account would create it
        return None
    roles = iam_backends[parts[2]][parts[1]].get_roles()
    return next((Role(arn, json.loads(role.assume_role_policy_document)) for role in roles if role.arn == arn), None)


def roles_of(account: str) -> list[tuple[Role, datetime]]:
    """Return the roles of an account in the standard partition, and when each was created."""
    from moto.iam.models import iam_backends  # noqa: PLC0415 see `load_services`

    found = list(iam_backends[account]["aws"].get_roles())  # a list, because other threads create roles
    return [
        (Role(role.arn, json.loads(role.assume_role_policy_document)), role.create_date.replace(tzinfo=UTC))
        for role in found
    ]


def providers_of(account: str) -> list[OidcProvider]:
    """Return the OIDC providers of an account in the standard partition."""
    from moto.iam.models import iam_backends  # noqa: PLC0415 see `load_services`

    found = list(iam_backends[account]["aws"].open_id_providers.values())
    return [OidcProvider(provider.arn, provider.url, tuple(provider.client_id_list)) for provider in found]


def _skip_authorization() -> None:
    """Leave out moto's check of signatures and identity policies, which accepts everything unless it is switched on."""
    from moto.core.authorization import ActionAuthenticatorMixin  # noqa: PLC0415 see `load_services`

    # The check imports S3, EventBridge and CloudWatch before it finds that it is switched off.
    mixin: Any = ActionAuthenticatorMixin
    mixin._authenticate_and_authorize_normal_action = lambda _response, _resource="*": None  # noqa: SLF001 no other way
