"""`aws_iam_openid_connect_provider`, as in hashicorp/aws."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from terraform_plugin import (
    Attribute,
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
from terraform_provider_aws_iam.tags import TAGS, change_tags, from_pairs, to_pairs

_PAUSES = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0)  # IAM is eventually consistent: what was created may not be there at once


def without_scheme(url: str) -> str:
    """Return the URL as IAM keeps it: "https://token.dynatrace.com" is "token.dynatrace.com"."""
    return url.removeprefix("https://")


class IamOpenidConnectProvider(Resource):
    """Takes an `Aws`. Import by ARN."""

    type_name = "aws_iam_openid_connect_provider"
    schema = Schema(
        "An identity provider in IAM that speaks OpenID Connect.",
        attributes={
            "id": Attribute(String, "The ARN.", computed=True, use_state_for_unknown=True),
            "arn": Attribute(String, "The ARN.", computed=True, use_state_for_unknown=True),
            "url": Attribute(
                String,
                "The URL of the issuer. In the state it has no scheme, as in IAM and in the keys of policies.",
                required=True,
                requires_replace=True,
                normalize=without_scheme,
                validators=[matches(r"(https://)?[^\s:/?#]+(/[^\s?#]*)?", "be an https URL, without port and query")],
            ),
            "client_id_list": Attribute(
                Set(String),
                "The audiences it accepts.",
                required=True,
                validators=[items(0, 100), each(length(1, 255))],
            ),
            "thumbprint_list": Attribute(
                List(String),
                "The thumbprints of the issuer's certificates; AWS finds them by itself.",
                optional=True,
                computed=True,
                use_state_for_unknown=True,
                validators=[items(0, 5), each(matches("[0-9a-fA-F]{40}", "be 40 hexadecimal digits"))],
            ),
            "tags": TAGS,
        },
    )

    def __init__(self, aws: Aws) -> None:
        self.aws = aws

    async def create(self, plan: State) -> State:
        answer = await self.aws.iam("create_open_id_connect_provider", **to_request(plan))
        arn = answer["OpenIDConnectProviderArn"]
        created = plan | {"id": arn, "arn": arn}
        if is_known(plan["thumbprint_list"]):
            return created
        keep_state(created | {"thumbprint_list": []})
        return created | {"thumbprint_list": await self._thumbprints(arn)}

    async def read(self, state: State) -> State | None:
        found = await self._get(state["id"])
        return state | from_answer(state["id"], found, state) if found else None

    async def update(self, state: State, plan: State) -> State:
        which = {"OpenIDConnectProviderArn": state["arn"]}
        before, after = set(state["client_id_list"]), set(plan["client_id_list"])
        for client_id in sorted(after - before):
            await self.aws.iam("add_client_id_to_open_id_connect_provider", **which, ClientID=client_id)
        for client_id in sorted(before - after):
            await self.aws.iam("remove_client_id_from_open_id_connect_provider", **which, ClientID=client_id)
        if plan["thumbprint_list"] != state["thumbprint_list"]:
            thumbprints = {"ThumbprintList": plan["thumbprint_list"]}
            await self.aws.iam("update_open_id_connect_provider_thumbprint", **which, **thumbprints)
        await change_tags(self.aws, "open_id_connect_provider", which, state["tags"], plan["tags"])
        return plan

    async def delete(self, state: State) -> None:
        await self.aws.find("delete_open_id_connect_provider", OpenIDConnectProviderArn=state["arn"])

    async def import_state(self, id_: str) -> State:
        if not (id_.startswith("arn:") and ":oidc-provider/" in id_):
            raise Error(
                "Cannot import this OIDC provider",
                f'It is imported by its ARN, arn:aws:iam::ACCOUNT:oidc-provider/HOST; "{id_}" is not one.',
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
            f"IAM created {arn} but did not show it for {sum(_PAUSES):.0f} s. Apply again.",
        )


def to_request(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Return what CreateOpenIDConnectProvider takes. Source: https://docs.aws.amazon.com/IAM/latest/APIReference."""
    thumbprints = plan["thumbprint_list"] if is_known(plan["thumbprint_list"]) else None
    request = {
        "Url": f"https://{without_scheme(plan['url'])}",
        "ClientIDList": sorted(plan["client_id_list"]),
        "ThumbprintList": thumbprints,
        "Tags": to_pairs(plan["tags"]),
    }
    return {name: value for name, value in request.items() if value}


def from_answer(arn: str, found: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """Return the state of an OIDC provider, from the answer of GetOpenIDConnectProvider."""
    return {
        "id": arn,
        "arn": arn,
        "url": found["Url"],
        "client_id_list": list(found["ClientIDList"]),
        "thumbprint_list": list(found["ThumbprintList"]),
        "tags": from_pairs(found.get("Tags", []), before.get("tags")),
    }
