"""The resource `dynatrace_aws_monitoring_configuration`: what Dynatrace collects from an AWS account."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from terraform_plugin import (
    Attribute,
    Block,
    Bool,
    Change,
    Error,
    List,
    MoveSource,
    Path,
    Resource,
    Schema,
    Set,
    State,
    String,
    Unknown,
    Value,
    is_known,
    keep_state,
    timeout_of,
    timeouts,
    warn,
)
from terraform_plugin.validators import exactly_one_of, items, length, matches, one_of
from terraform_provider_dynatrace.aws import additional_json
from terraform_provider_dynatrace.aws.connection import AWS_CONNECTION
from terraform_provider_dynatrace.aws.monitoring import (
    AUTOMATED,
    DEFAULTS,
    EXTENSION,
    MANAGED,
    MANUAL,
    PATHS,
    PLACEHOLDER,
    SCOPE,
    from_value,
    to_value,
    updated,
)
from terraform_provider_dynatrace.aws.monitoring_checks import MonitoringChecks, known
from terraform_provider_dynatrace.client.errors import NotFound, Rejected
from terraform_provider_dynatrace.config.tenant import UnconfiguredTenant
from terraform_provider_dynatrace.connections.official_state import blocks, moved, with_id
from terraform_provider_dynatrace.connections.planned_monitoring import PlannedMonitoring, ReplacedConfiguration
from terraform_provider_dynatrace.deadline import deadline
from terraform_provider_dynatrace.extensions.plan_checks import not_installed

if TYPE_CHECKING:
    from terraform_provider_dynatrace.config.tenant import Tenant
    from terraform_provider_dynatrace.extensions.extension import Extension
    from terraform_provider_dynatrace.extensions.model import Configuration

TIMEOUT = "5m"
_ACCOUNT = re.compile(r"\d{12}", re.ASCII)


def _no_duplicates(value: list[Value], path: Path) -> Iterator[Error]:
    for index, one in enumerate(value):
        if isinstance(one, str) and one in value[:index]:
            yield Error("Duplicate region", f"{path} must not contain {one} twice.", path / index)


def _text(description: str, default: str, **further: Any) -> Attribute:
    return Attribute(String, f"{description} Default: `{default}`.", optional=True, default=default, **further)


TAG_FILTER = Block(
    {
        "key": Attribute(String, "The key of the tag.", required=True),
        "value": Attribute(String, "The value of the tag.", required=True),
        "condition": Attribute(
            String,
            "Whether resources with this tag are included or excluded: `INCLUDE` or `EXCLUDE`. Default: `INCLUDE`.",
            optional=True,
            default="INCLUDE",
            validators=[one_of("INCLUDE", "EXCLUDE")],
        ),
    },
    description="Monitor only AWS resources with this tag, or without it.",
)
CLOUD_WATCH_LOGS = Block(
    {
        "enabled": Attribute(Bool, "Whether logs are collected. Default: `true`.", optional=True, default=True),
        "regions": Attribute(List(String), "The regions. Default: those of the configuration.", optional=True),
    },
    description="Collect logs from CloudWatch. Without this block, none are collected.",
    max_items=1,
)
METRIC = Block(
    {
        "name": Attribute(String, "The name of the metric.", required=True),
        "unit": Attribute(String, "The unit of the metric, such as `Count`.", required=True),
        "dimensions": Attribute(Set(String), "The dimensions of the metric.", optional=True),
        "aggregations": Attribute(Set(String), "The statistics to collect, such as `Sum`.", required=True),
        "type": Attribute(
            String,
            "`CUSTOM_AWS` for a namespace of an AWS service, `CUSTOM` for one of your own.",
            required=True,
            validators=[one_of("CUSTOM_AWS", "CUSTOM")],
        ),
    },
    description="A metric of the namespace.",
    min_items=1,
)
CUSTOM_NAMESPACE = Block(
    {
        "namespace": Attribute(String, "The namespace in CloudWatch, such as `AWS/GroundStation`.", required=True),
        "auto_discovery_enabled": Attribute(
            Bool, "Whether entities are discovered in the namespace. Default: `false`.", optional=True, default=False
        ),
    },
    blocks={"metric": METRIC},
    description="A namespace of CloudWatch that no feature set contains.",
)
DT_LABEL_ENRICHMENT = Block(
    {
        "label": Attribute(String, "The label in Dynatrace, such as `dt.security_context`.", required=True),
        "literal": Attribute(String, "The value of the label.", optional=True),
        "tag_key": Attribute(String, "The key of the AWS tag that has the value.", optional=True),
    },
    description="A Dynatrace label for everything that is monitored. Set exactly one of `literal` and `tag_key`.",
    validators=[exactly_one_of("literal", "tag_key")],
)


class AwsMonitoringConfiguration(Resource):
    """A monitoring configuration. Only its scope cannot be changed in place."""

    type_name = "dynatrace_aws_monitoring_configuration"
    identity = ("id",)
    schema = Schema(
        "What Dynatrace collects from an AWS account through an AWS connection: regions, services, logs and tags. "
        "A connection alone collects nothing.",
        attributes={
            "id": Attribute(String, "The ID of this resource.", computed=True, use_state_for_unknown=True),
            "name": Attribute(String, "The name of the configuration.", required=True, validators=[length(1, 1000)]),
            "enabled": Attribute(Bool, "Whether data is collected. Default: `true`.", optional=True, default=True),
            "connection_id": Attribute(
                String,
                "The ID of the connection to the account: the `id` of a `dynatrace_aws_connection_role_arn`, so that "
                "the role ARN is set first. `*` stands for the connection that an automated deployment creates.",
                required=True,
                references=[AWS_CONNECTION.type_name],
            ),
            "account_id": Attribute(
                String,
                "The AWS account, with 12 digits. An account can only have one monitoring configuration.",
                required=True,
                validators=[matches(r"[0-9]{12}", "be an AWS account ID, which has 12 digits")],
            ),
            "regions": Attribute(
                List(String),
                "The regions to monitor. The data source `dynatrace_aws_monitoring_options` lists all.",
                required=True,
                validators=[items(1, 1000), _no_duplicates],
            ),
            "feature_sets": Attribute(
                Set(String),
                "The feature sets to collect, such as `EC2_essential`. The data source "
                "`dynatrace_aws_monitoring_options` lists all. If not set, Dynatrace decides.",
                optional=True,
                computed=True,
                use_state_for_unknown=True,
            ),
            "extension_version": Attribute(
                String,
                f"The version of the extension `{EXTENSION}`. Default: the active version, or the newest installed one "
                "if none is active. A configuration that has a version keeps it.",
                optional=True,
                computed=True,
                use_state_for_unknown=True,
            ),
            "deployment_region": Attribute(
                String,
                "The region that hosts what the extension deploys. Default: the first of `regions`.",
                optional=True,
                computed=True,
                use_state_for_unknown=True,
            ),
            "scope": _text("What the configuration is defined for.", SCOPE, requires_replace=True),
            "activation_context": _text("Where the extension runs.", DEFAULTS["activation_context"]),
            "deployment_scope": _text(
                "What the deployment covers: `SINGLE_ACCOUNT`, or an organization.", DEFAULTS["deployment_scope"]
            ),
            "deployment_mode": _text(
                "How the IAM role comes into the account: `MANUAL`, for example with Terraform, or `AUTOMATED` with "
                "the CloudFormation template of Dynatrace.",
                DEFAULTS["deployment_mode"],
                validators=[one_of(MANUAL, AUTOMATED)],
            ),
            "configuration_mode": _text(
                "`QUICK_START` or `ADVANCED`.",
                DEFAULTS["configuration_mode"],
                validators=[one_of("QUICK_START", "ADVANCED")],
            ),
            "smartscape_enabled": Attribute(
                Bool, "Whether the topology is collected for Smartscape. Default: `true`.", optional=True, default=True
            ),
            "tag_enrichment": Attribute(
                Set(String), "The keys of AWS tags that are copied to what is monitored.", optional=True
            ),
            "additional_json": Attribute(
                String,
                "A JSON object with further properties of the configuration's value, for those that have no attribute "
                "yet. It is merged over the value. It must not contain a property that has an attribute.",
                optional=True,
                validators=[lambda value, path: additional_json.problems(value, MANAGED, path)],
            ),
        },
        blocks={
            "tag_filter": TAG_FILTER,
            "cloud_watch_logs": CLOUD_WATCH_LOGS,
            "custom_namespace": CUSTOM_NAMESPACE,
            "dt_label_enrichment": DT_LABEL_ENRICHMENT,
            "timeouts": timeouts(create=TIMEOUT, update=TIMEOUT, delete=TIMEOUT),
        },
    )

    def __init__(self, tenant: Tenant | UnconfiguredTenant) -> None:
        self.tenant = tenant
        self.planned = tenant.shared(PlannedMonitoring)

    @property
    def extension(self) -> Extension:
        return self.tenant.extension(EXTENSION)

    @classmethod
    def validate(cls, config: State) -> None:
        """Raise `Error` for a placeholder without an automated deployment, which nobody would replace."""
        mode = config["deployment_mode"]
        if config["connection_id"] == PLACEHOLDER and not isinstance(mode, Unknown) and mode != AUTOMATED:
            raise Error(
                "No connection",
                f'connection_id is "{PLACEHOLDER}", which stands for the connection of an automated deployment. Set '
                f'deployment_mode = "{AUTOMATED}", or refer to a connection: connection_id = '
                "dynatrace_aws_connection_role_arn.NAME.id.",
                Path("connection_id"),
            )

    async def plan(self, change: Change) -> Change:
        """Report what would fail during apply, and that a connection is deleted together with its configuration."""
        replaced = ReplacedConfiguration.of(change)
        if change.prior is not None:
            self.planned.note_managed(change.prior["id"])
        if change.planned is None:
            if change.prior is not None:
                warn(_DELETED, _deleted(change.prior))
            return change
        planned = _with_deployment_region(change.prior, change.planned)
        if isinstance(self.tenant, UnconfiguredTenant):
            if planned != change.prior:
                self.tenant.warn_not_validated()
        elif planned != change.prior and self.tenant.validate_at_plan and not change.requires_replace:
            planned = await self._checked(change.prior, planned, replaced)
        if replaced:
            # Terraform only shows the warnings of the first of the two plans of a replacement.
            if change.requires_replace and planned["connection_id"] == replaced.connection_id:
                warn(_REPLACED, _replaced(replaced, planned["name"]))
            planned = planned.with_private(replaced.private_data())
        return change.with_planned(planned)

    async def _checked(self, prior: State | None, planned: State, replaced: ReplacedConfiguration | None) -> State:
        """Return what is planned, with a version, after checking it. Raises `Error`, or a group of them."""
        checks = MonitoringChecks(self.tenant, self.planned)
        if isinstance(planned["extension_version"], Unknown) and planned.config.get("extension_version") is None:
            planned = planned | {"extension_version": await self._default_version()}
        changed = {name for name in planned if prior is None or prior[name] != planned[name]}
        await checks.check(planned, changed, replaced)
        return planned

    async def _default_version(self) -> str:
        version = await self.extension.default_version()
        if version is None:
            raise not_installed(EXTENSION, self.tenant.environment.url)
        return version

    @classmethod
    def upgrade(cls, version: int, state: dict[str, Any]) -> dict[str, Any]:
        """Return the state with lists where the official provider wrote null for no blocks.

        An `additional_json` that this resource cannot have written is left out: the next plan shows it as a change.
        """
        del version
        names = [name for name, block in cls.schema.blocks.items() if block.nesting == "list"]
        text = state.get("additional_json")
        if isinstance(text, str) and any(additional_json.problems(text, MANAGED)):
            text = None
        return with_id(state) | {"additional_json": text} | {name: blocks(state.get(name)) for name in names}

    @classmethod
    def move(cls, source: MoveSource) -> State | None:
        return moved(cls, source)

    async def create(self, plan: State) -> State:
        with _deadline(plan, "create"):
            plan = _with_deployment_region(None, plan)
            if isinstance(plan["extension_version"], Unknown):
                plan = plan | {"extension_version": await self._default_version()}
            await MonitoringChecks(self.tenant, self.planned).check_connection(plan)
            try:
                created = await self.extension.create(plan["scope"], to_value(plan))
            except Rejected as refusal:
                raise refusal.at(PATHS) from refusal
            except NotFound as failure:
                raise not_installed(EXTENSION, self.tenant.environment.url) from failure
            plan = plan | {"id": created.object_id}
            if deleted := self.planned.deleted_with(plan["connection_id"]):  # with -replace, the plan cannot show it
                warn(_REPLACED, _replaced(ReplacedConfiguration(deleted, plan["connection_id"]), plan["name"]))
            if isinstance(plan["feature_sets"], Unknown):
                keep_state(plan | {"feature_sets": []})
                found = await self.extension.get(created.object_id)
                feature_sets = from_value(found.scope, found.value, {})["feature_sets"] if found else []
                plan = plan | {"feature_sets": feature_sets}
        return plan

    async def import_state(self, id_: str) -> State:
        """Import by the ID of the configuration, or by the ID of its AWS account."""
        if _ACCOUNT.fullmatch(id_):
            found = await self._of_account(id_)
            what = f"for the AWS account {id_}"
        else:
            found = await self.extension.get(id_) if id_.strip() else None
            what = f'with the ID "{id_[:200]}"'
        if found is None:
            raise Error(
                "Monitoring configuration not found",
                f"{self.tenant.environment.url} has no monitoring configuration {what}. Pass the ID of a monitoring "
                "configuration, or the 12 digits of an AWS account.",
            )
        return State({"id": found.object_id})

    async def _of_account(self, account_id: str) -> Configuration | None:
        listed = known(await self.extension.list())
        return next((one for one, found in listed if found.credential.account_id == account_id), None)

    async def import_identity(self, identity: Mapping[str, Value]) -> State:
        """Import the configuration with this ID."""
        return await self.import_state(identity["id"])

    async def read(self, state: State) -> State | None:
        self.planned.note_managed(state["id"])
        found = await self.extension.get(state["id"])
        return None if found is None else state | from_value(found.scope, found.value, state)

    async def update(self, state: State, plan: State) -> State:
        with _deadline(plan, "update"):
            try:
                await self.extension.edit(state["id"], lambda value: updated(value, state, plan))
            except Rejected as refusal:
                raise refusal.at(PATHS) from refusal
        return plan

    async def delete(self, state: State) -> None:
        with _deadline(state, "delete"):
            await self.extension.delete(state["id"])
        self.planned.note_deleted(state["id"], state["connection_id"])


@contextmanager
def _deadline(values: State, operation: str) -> Iterator[None]:
    configured = bool(values["timeouts"] and values["timeouts"][operation])
    with deadline(timeout_of(values, operation, TIMEOUT), instead=configured):
        yield


def _with_deployment_region(prior: State | None, planned: State) -> State:
    """Return the plan with the first region as the deployment region, unless it is configured or still monitored."""
    regions, region = planned["regions"], planned["deployment_region"]
    if planned.config.get("deployment_region") is not None or not is_known(regions) or not is_known(regions[0]):
        return planned
    keeps = prior is not None and (region in regions or prior["regions"] == regions)
    return planned if keeps else planned | {"deployment_region": regions[0]}


_DELETED = "The connection is deleted with its monitoring configuration"
_REPLACED = "Replacing a monitoring configuration deletes its connection"


def _deleted(prior: State) -> str:
    return (
        f'When the monitoring configuration "{prior["name"]}" ({prior["id"]}) of the AWS account '
        f"{prior['account_id']} is deleted, Dynatrace also deletes its connection {prior['connection_id']}, in the "
        "background.\n\nIf both are to be deleted, there is nothing to do. If the connection is to stay, there is no "
        "documented way to delete only the configuration: keep it, and set enabled = false."
    )


def _replaced(replaced: ReplacedConfiguration, name: str) -> str:
    return (
        f'The monitoring configuration "{name}" is replaced: {replaced.object_id} is deleted first, and then Dynatrace '
        f"also deletes its connection {replaced.connection_id}, in the background. The new configuration is left "
        "without a connection.\n\nReplace the connection in the same run: terraform apply "
        "-replace=dynatrace_aws_connection.NAME. Or undo what forces the replacement: a changed scope, or -replace. If "
        "it has happened already, apply again: Terraform then creates the connection anew."
    )
