"""`aws_iam_openid_connect_provider`, as in hashicorp/aws."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from terraform_plugin import (
    Attribute,
    Change,
    Error,
    List,
    Resource,
    Schema,
    Set,
    State,
    String,
    is_known,
    keep_state,
    pause,
)
from terraform_plugin.validators import each, items, length, matches
from terraform_provider_aws_iam.client import Aws
from terraform_provider_aws_iam.tags import (
    TAGS,
    TAGS_ALL,
    Tags,
    all_tags,
    change_tags,
    read_tags,
    to_pairs,
    with_tags_all,
)

_PAUSES = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds. IAM is eventually consistent: a new object may not be found at once."""


def without_scheme(url: str) -> str:
    """Return the URL as IAM stores it: "https://token.dynatrace.com" is "token.dynatrace.com"."""
    return url.removeprefix("https://")


class IamOpenidConnectProvider(Resource):
    """Created with an `Aws`. The import ID is the ARN."""

    type_name = "aws_iam_openid_connect_provider"
    schema = Schema(
        "An OpenID Connect identity provider in IAM.",
        attributes={
            "id": Attribute(String, "The ARN.", computed=True, use_state_for_unknown=True),
            "arn": Attribute(String, "The ARN.", computed=True, use_state_for_unknown=True),
            "url": Attribute(
                String,
                "The URL of the issuer. The state contains it without `https://`, as in IAM and in condition keys.",
                required=True,
                requires_replace=True,
                normalize=without_scheme,
                validators=[
                    matches(r"(https://)?[^\s:/?#]+(/[^\s?#]*)?", "be an https URL without a port and a query")
                ],
            ),
            "client_id_list": Attribute(
                Set(String),
                "The client IDs (audiences) that it accepts.",
                required=True,
                validators=[items(0, 100), each(length(1, 255))],
            ),
            "thumbprint_list": Attribute(
                List(String),
                "The thumbprints of the issuer's certificates. If it is not set, AWS determines them.",
                optional=True,
                computed=True,
                use_state_for_unknown=True,
                validators=[items(0, 5), each(matches("[0-9a-fA-F]{40}", "be 40 hexadecimal digits"))],
            ),
            "tags": TAGS,
            "tags_all": TAGS_ALL,
        },
    )

    def __init__(self, aws: Aws) -> None:
        self.aws = aws

    async def plan(self, change: Change) -> Change:
        return with_tags_all(change, self.aws)

    async def create(self, plan: State) -> State:
        tags = all_tags(plan, self.aws)
        response = await self.aws.iam("create_open_id_connect_provider", **to_request(plan, tags))
        arn = response["OpenIDConnectProviderArn"]
        created = plan | {"id": arn, "arn": arn, "tags_all": tags}
        if is_known(plan["thumbprint_list"]):
            return created
        keep_state(created | {"thumbprint_list": []})
        return created | {"thumbprint_list": await self._thumbprints(arn)}

    async def read(self, state: State) -> State | None:
        found = await self._get(state["id"])
        return state | from_response(state["id"], found, state, self.aws.default_tags) if found else None

    async def update(self, state: State, plan: State) -> State:
        which = {"OpenIDConnectProviderArn": state["arn"]}
        tags = all_tags(plan, self.aws)
        before, after = set(state["client_id_list"]), set(plan["client_id_list"])
        for client_id in sorted(after - before):
            await self.aws.iam("add_client_id_to_open_id_connect_provider", **which, ClientID=client_id)
        for client_id in sorted(before - after):
            await self.aws.iam("remove_client_id_from_open_id_connect_provider", **which, ClientID=client_id)
        if plan["thumbprint_list"] != state["thumbprint_list"]:
            thumbprints = {"ThumbprintList": plan["thumbprint_list"]}
            await self.aws.iam("update_open_id_connect_provider_thumbprint", **which, **thumbprints)
        await change_tags(self.aws, "open_id_connect_provider", which, state, tags)
        return plan | {"tags_all": tags}

    async def delete(self, state: State) -> None:
        await self.aws.find("delete_open_id_connect_provider", OpenIDConnectProviderArn=state["arn"])

    async def import_state(self, id_: str) -> State:
        if not (id_.startswith("arn:") and ":oidc-provider/" in id_):
            raise Error(
                "Cannot import this OIDC provider",
                f'The import ID must be its ARN, such as arn:aws:iam::ACCOUNT:oidc-provider/HOST, got "{id_}".',
            )
        return State({"id": id_, "arn": id_})

    async def _get(self, arn: str) -> dict[str, Any] | None:
        return await self.aws.find("get_open_id_connect_provider", OpenIDConnectProviderArn=arn)

    async def _thumbprints(self, arn: str) -> list[str]:
        for seconds in _PAUSES:
            await pause(seconds)
            if found := await self._get(arn):
                return list(found["ThumbprintList"])
        raise Error(
            "The new OIDC provider cannot be read",
            f"IAM created {arn}, but did not return it for {sum(_PAUSES):.0f} s. Apply again.",
        )


def to_request(plan: Mapping[str, Any], tags: Tags) -> dict[str, Any]:
    """Return the request CreateOpenIDConnectProvider.

    Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html.
    """
    request = {
        "Url": f"https://{without_scheme(plan['url'])}",
        "ClientIDList": sorted(plan["client_id_list"]),
        "ThumbprintList": plan["thumbprint_list"] if is_known(plan["thumbprint_list"]) else None,
        "Tags": to_pairs(tags),
    }
    return {name: value for name, value in request.items() if value}


def from_response(arn: str, found: Mapping[str, Any], prior: Mapping[str, Any], defaults: Tags) -> dict[str, Any]:
    """Return the state of an OIDC provider, from the response of GetOpenIDConnectProvider."""
    return {
        "id": arn,
        "arn": arn,
        "url": found["Url"],
        "client_id_list": list(found["ClientIDList"]),
        "thumbprint_list": list(found["ThumbprintList"]),
        **read_tags(found.get("Tags", []), prior, defaults),
    }
