"""The policies that AWS manages, such as ReadOnlyAccess, in the simulated accounts."""

from __future__ import annotations

import functools
import json
import re
from typing import Any

_ARN = re.compile(r"arn:[\w-]+:iam::aws:policy/(?:[\w+=,.@-]+/)*([\w+=,.@-]+)", re.ASCII)


def add_managed_policies() -> None:
    """Let an account have the policies that AWS manages, such as ReadOnlyAccess.

    moto ships all 1,582, and creates them either at its start, which takes 0.3 s and 15 MB, or never. Here each one is
    created at the first request that names it, and all of them when policies of every scope are listed.
    """
    from moto.iam.aws_managed_policies import aws_managed_policies_data  # noqa: PLC0415 on moto's thread only, see `moto`
    from moto.iam.models import AWSManagedPolicy  # noqa: PLC0415 on moto's thread only, see `moto`
    from moto.iam.responses import IamResponse  # noqa: PLC0415 on moto's thread only, see `moto`

    documents = functools.cache(lambda: json.loads(aws_managed_policies_data))

    def add(backend: Any, name: str) -> None:
        document = documents()[name]
        policy = AWSManagedPolicy.from_data(name, backend.account_id, backend.region_name, document)
        if backend.managed_policies.setdefault(policy.arn, policy) is policy:  # requests are served at the same time
            backend.aws_managed_policies.append(policy)

    def add_named(response: Any) -> None:
        parameters = {name: values[0] for name, values in response.data.items()}
        if parameters.get("Action") == "ListPolicies" and parameters.get("Scope") != "Local":
            for name in documents():
                add(response.backend, name)
        elif (named := _ARN.fullmatch(parameters.get("PolicyArn", ""))) and named[1] in documents():
            add(response.backend, named[1])

    actions: Any = IamResponse
    call_action = actions.call_action

    def call(response: Any) -> Any:
        add_named(response)
        return call_action(response)

    actions.call_action = call
