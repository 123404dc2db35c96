"""Which test applies which example: all configuration below `examples/` is here, or `tests/test_docs.py` fails."""

from pathlib import Path

EXAMPLES = Path(__file__).parent.parent.parent / "examples"

THE_PAGE = "resources/dynatrace_aws_connection/resource.tf"
THE_PAGE_IMPORT = "resources/dynatrace_aws_connection/import.tf"
ROLE_ARN = "resources/dynatrace_aws_connection_role_arn/resource.tf"
ROLE_ARN_IMPORT = "resources/dynatrace_aws_connection_role_arn/import.tf"
DATA_SOURCES = tuple(
    f"data-sources/dynatrace_{name}/data-source.tf" for name in ("aws_connection", "aws_connections", "aws_trust")
)
FUNCTIONS = tuple(
    f"functions/{name}/function.tf" for name in ("aws_subject", "aws_audience", "aws_issuer", "aws_trust_policy")
)
MONITORING = "resources/dynatrace_aws_monitoring_configuration/resource.tf"
SETTINGS_OWNER = "resources/dynatrace_settings_owner/resource.tf"
SETTINGS_OWNER_IMPORT = "resources/dynatrace_settings_owner/import.tf"
MONITORING_IMPORT = "resources/dynatrace_aws_monitoring_configuration/import.tf"
MONITORING_OPTIONS = "data-sources/dynatrace_aws_monitoring_options/data-source.tf"
MONITORING_LIST = "list-resources/dynatrace_aws_monitoring_configuration/list-resource.tfquery.hcl"
MONITORED_ACCOUNT = "modules/aws_monitored_account/main.tf"
OTHER_WORKSPACE = "modules/aws_monitored_account_other_workspace/main.tf"
MONITORED_ACCOUNTS = "modules/aws_monitored_accounts/main.tf"
LISTS = "list-resources/dynatrace_aws_connection/list-resource.tfquery.hcl"
PROVIDER = "provider/provider.tf"
BESIDE = "guides/beside_the_official_provider/main.tf"
MODULES = tuple(f"modules/{name}/main.tf" for name in ("aws_web_identity", "aws_role_based", "aws_web_identity_shared"))
DEMO = "aws_connection/main.tf"
PRIVATE = "private_connection/main.tf"
OWN_PROVIDER = "own_provider/main.tf"

APPLIED = {
    DEMO: "tests/examples/test_demo.py",
    PRIVATE: "tests/acceptance/test_settings_permissions.py",
    OWN_PROVIDER: "tests/examples/test_own_provider.py",
    THE_PAGE: "tests/acceptance/test_examples.py",
    THE_PAGE_IMPORT: "tests/acceptance/test_examples.py",
    ROLE_ARN: "tests/acceptance/test_examples.py",
    ROLE_ARN_IMPORT: "tests/acceptance/test_examples.py",
    **dict.fromkeys(DATA_SOURCES, "tests/acceptance/test_examples.py"),
    **dict.fromkeys(FUNCTIONS, "tests/acceptance/test_examples.py"),
    SETTINGS_OWNER: "tests/acceptance/test_settings_owner.py",
    SETTINGS_OWNER_IMPORT: "tests/acceptance/test_settings_owner.py",
    LISTS: "tests/terraform_provider_dynatrace/list_resources/test_aws_connection.py",
    MONITORING: "tests/acceptance/test_aws_monitoring_configuration.py",
    MONITORING_IMPORT: "tests/acceptance/test_aws_monitoring_configuration.py",
    MONITORING_OPTIONS: "tests/acceptance/test_aws_monitoring_configuration.py",
    MONITORING_LIST: "tests/terraform_provider_dynatrace/list_resources/test_aws_monitoring_configuration.py",
    MONITORED_ACCOUNT: "tests/acceptance/test_monitored_account.py",
    OTHER_WORKSPACE: "tests/acceptance/test_monitored_account.py",
    MONITORED_ACCOUNTS: "tests/acceptance/test_monitored_account.py",
    PROVIDER: "tests/acceptance/test_examples.py",
    BESIDE: "tests/acceptance/test_examples.py",
    **dict.fromkeys(MODULES, "tests/acceptance/test_modules.py"),
}


def text_of(*paths: str) -> str:
    """Return one configuration made of these examples."""
    return "\n".join((EXAMPLES / path).read_text(encoding="utf-8") for path in paths)
