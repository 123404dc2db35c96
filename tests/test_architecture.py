"""Which way dependencies point, and what the start of a provider may import."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

SRC = Path(__file__).parent.parent / "src"
OURS = {"terraform_plugin", "terraform_provider_dynatrace", "terraform_provider_aws_iam", "dynatrace_sandbox"}
HTTP = {"httpx2", "httpx", "http", "urllib", "urllib3", "requests", "aiohttp", "starlette", "uvicorn", "boto3"}
MAY_IMPORT = {
    "terraform_plugin": set[str](),
    "dynatrace_sandbox": set[str](),
    "terraform_provider_dynatrace": {"terraform_plugin"},
    "terraform_provider_aws_iam": {"terraform_plugin"},
}
SEE_THE_PROTOCOL = {"terraform_plugin.rpc", "terraform_plugin.server", "terraform_plugin.testing"}
ARROWS = {
    "terraform_plugin": {
        "cty": {"diagnostics"},
        "schema": {"cty", "diagnostics"},
        "masking": {"diagnostics"},
        "log": {"masking"},
        "validators": {"cty", "diagnostics", "masking", "schema"},
        "timeout": {"cty", "diagnostics", "schema", "validators"},
        "hcl": {"cty", "schema"},
        "state": {"cty", "diagnostics", "schema"},
        "stopping": {"diagnostics"},
        "validation": {"cty", "diagnostics", "schema", "state", "validators"},
        "function": {"cty", "diagnostics"},
        "resource": {"cty", "diagnostics", "schema", "state"},
        "data_source": {"schema", "state"},
        "list_resource": {"resource", "schema", "state"},
        "provider": {"data_source", "function", "list_resource", "resource", "schema", "state"},
        "planning": {"cty", "diagnostics", "resource", "schema", "state"},
        "rpc": {
            *("cty", "diagnostics", "grpc", "masking", "planning", "schema", "state", "stopping", "validation"),
            *("data_source", "function", "list_resource", "provider", "resource"),
        },
        "server": {"diagnostics", "grpc", "hidden_modules", "log", "masking", "provider", "rpc"},
        "docs": {"cty", "data_source", "function", "list_resource", "provider", "resource", "schema"},
        "command_line": {"diagnostics", "output"},
        "install": {"command_line", "diagnostics", "masking", "output"},
        "output": {"diagnostics", "masking"},
        "testing": {"cty", "diagnostics", "grpc", "provider", "rpc", "schema", "state"},
    },
    "terraform_provider_dynatrace": {
        "client": {"deadline", "environment"},
        "settings": {"client", "deadline"},
        "extensions": {"client", "settings"},
        "config": {"client", "environment", "extensions", "settings"},
        "connections": {"client", "config", "deadline", "settings"},
        "aws": {"client", "config", "connections", "environment", "extensions"},
        "resources": {"aws", "client", "config", "connections", "deadline", "extensions", "settings"},
        "data_sources": {"aws", "config", "connections", "extensions", "settings"},
        "list_resources": {"aws", "config", "connections", "resources"},
        "functions": {"aws", "connections", "environment"},
        "provider": {"config", "data_sources", "deadline", "functions", "list_resources", "resources"},
        "cli": {
            *("aws", "client", "config", "connections", "environment", "extensions", "provider", "resources"),
            *("settings",),
        },
        "__main__": {"cli", "provider"},
    },
    "dynatrace_sandbox": {
        "aws": {"loopback", "tenant"},
        "sandbox": {"aws", "faults", "journal", "rate_limit", "tenant"},
        "middleware": {"faults", "journal", "loopback", "sandbox", "tenant"},
        "page": {"aws", "journal", "sandbox", "tenant"},
        "api": {"aws", "faults", "journal", "middleware", "page", "sandbox", "shell", "tenant"},
        "server": {"api", "aws", "loopback", "sandbox", "shell"},
        "shell": {"aws"},
        "testing": {"aws", "shell"},
        "commands": {"api", "sandbox", "server", "shell"},
        "__main__": {"commands", "loopback", "sandbox", "shell", "tenant"},
    },
}
"""What each folder or module of a package may import of its own package. What is not listed imports nothing of it."""
A_START_IMPORTS = {
    *("cryptography", "google", "msgspec"),
    *("_cffi_backend", "_openssl", "terraform_plugin"),
}
EVERYTHING = (
    "from terraform_plugin import Provider; [provider] = Provider.__subclasses__(); "
    "[*provider.resources, *provider.data_sources, *provider.list_resources, *provider.functions]"
)
"""Imports what the provider offers, as the process does that sends the schema."""
TOO_SLOW_FOR_A_START = {
    *("cryptography.x509", "cryptography.hazmat.primitives.serialization", "importlib.metadata", "urllib.request"),
    "google.protobuf.internal.python_message",
    *("argparse", "csv", "email", "hashlib", "html", "http", "random", "shutil", "tempfile", "zipfile"),
}


def name_of(file: Path) -> str:
    return ".".join(file.relative_to(SRC).with_suffix("").parts).removesuffix(".__init__")


MODULES = {name_of(file): file for file in SRC.rglob("*.py") if "_protocol" not in file.parts}


def imports(module: str) -> Iterator[str]:
    """Yield what a module imports, wherever in it: modules, and names from modules."""
    package = module if MODULES[module].name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(MODULES[module].read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: -node.level + 1 or None] if node.level else []
            source = ".".join([*parents, *([node.module] if node.module else [])])
            yield source
            yield from (f"{source}.{alias.name}" for alias in node.names)


def room_of(module: str) -> str:
    """Return the folder of a package that holds the module, or the module itself where it stands in none."""
    return f"{module}.".split(".")[1]


def test_a_package_imports_only_what_lies_below_it() -> None:
    """The runtime and the sandbox stand alone; the providers stand on the runtime."""
    for module in MODULES:
        package = module.partition(".")[0]
        assert {name.partition(".")[0] for name in imports(module)} & OURS <= MAY_IMPORT[package] | {package}, module


def test_the_runtime_knows_neither_dynatrace_nor_http() -> None:
    """terraform_plugin is a library for any provider."""
    for module in filter(re.compile("terraform_plugin").match, MODULES):
        assert "dynatrace" not in MODULES[module].read_text().lower(), module
        assert not {name.partition(".")[0] for name in imports(module)} & HTTP, module


@pytest.mark.parametrize("package", ARROWS)
def test_imports_point_one_way_between_folders(package: str) -> None:
    """A folder imports only the folders that the table allows it, and the table has no circle."""
    arrows = ARROWS[package]
    for module in filter(re.compile(rf"{package}\.").match, MODULES):
        room = room_of(module)
        allowed = arrows.get(room, set()) | {room, ""}
        assert {room_of(name) for name in imports(module) if name in MODULES and name.startswith(package)} <= allowed, (
            module
        )
    list(TopologicalSorter(arrows).static_order())


def test_only_the_rpc_layer_sees_the_protocol() -> None:
    """The generated messages stay where they are decoded and encoded."""
    see_it = {module for module in MODULES if any("._protocol" in name for name in imports(module))}
    assert {module.rpartition(".")[0] for module in see_it} <= SEE_THE_PROTOCOL


def test_only_the_client_imports_the_http_library() -> None:
    """Whatever the HTTP library raises is translated in one folder."""
    for module in filter(re.compile("terraform_provider_dynatrace").match, MODULES):
        if room_of(module) != "client":
            assert "httpx2" not in {name.partition(".")[0] for name in imports(module)}, module


def test_resources_know_only_the_errors_of_the_client() -> None:
    """Requests go through settings; a resource takes from the client errors, pauses, and the depth of JSON."""
    above = re.compile(r".*_dynatrace\.(resources|data_sources|list_resources|functions|connections|aws)\b")
    for module in filter(above.match, MODULES):
        used = {name for name in imports(module) if name in MODULES and room_of(name) == "client"}
        assert used <= {f"terraform_provider_dynatrace.client.{name}" for name in ("errors", "json", "retry")}, module


def test_no_module_is_named_for_being_shared() -> None:
    """A name says what a module is about; `utils` could hold anything."""
    for module in MODULES:
        assert not set(module.split(".")) & {"utils", "helpers", "common", "base", "core"}, module


@pytest.mark.parametrize("provider", ["terraform_provider_dynatrace", "terraform_provider_aws_iam"])
def test_a_start_imports_what_serving_needs_and_nothing_else(provider: str) -> None:
    """Terraform starts a provider three times per plan: HTTP, boto3, rich and the like come where they are needed."""
    wanted = (  # in the order of `session`
        "terraform_plugin.server.session, terraform_plugin.rpc.service, terraform_plugin.server.go_plugin, "
        f"{provider}.__main__, {provider}.provider"
    )
    code = f"import sys; before = {{*sys.modules}}; import {wanted}; {EVERYTHING}; print(*sys.modules.keys() - before)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    started = {*ended.stdout.split()}
    assert {name.partition(".")[0] for name in started} - sys.stdlib_module_names <= A_START_IMPORTS | {provider}
    assert started & TOO_SLOW_FOR_A_START == set()


@pytest.mark.parametrize("provider", ["terraform_provider_dynatrace", "terraform_provider_aws_iam"])
def test_the_handshake_needs_neither_the_protocol_nor_the_provider(provider: str) -> None:
    """They are imported while Terraform connects."""
    code = f"import sys; import terraform_plugin.server.serve, {provider}.__main__; print(*sys.modules)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    started = {*ended.stdout.split()}
    assert not [name for name in started if name.startswith(("google.protobuf", "terraform_plugin.rpc", "asyncio"))]
    assert f"{provider}.provider" not in started


def test_a_provider_is_imported_without_what_it_offers() -> None:
    """A process that plans connections needs neither data sources nor the other resources."""
    code = "import sys; from terraform_provider_dynatrace.provider import DynatraceProvider as provider; "
    code += "provider.resources.by_name['dynatrace_aws_connection']; print(*sys.modules)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    offered = r"terraform_provider_dynatrace\.(resources|data_sources|list_resources|functions)\.\w+"
    assert re.findall(offered + r"(?= |$)", ended.stdout) == ["resources"]


def test_a_client_imports_no_http2() -> None:
    """It is never asked for; in the environment of the tests, h2 is installed."""
    code = (
        "import sys; from terraform_provider_dynatrace.client.client import Connection; "
        "from terraform_provider_dynatrace.config.connect import options; "
        "from terraform_provider_dynatrace.environment import EnvironmentUrls; "
        "Connection(EnvironmentUrls.parse('http://127.0.0.1'), options({})).http(['http://127.0.0.1']); "
        "print('httpcore2' in sys.modules, 'h2' in sys.modules); import h2"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.split() == ["True", "False"]


def test_a_start_makes_no_dataclass_of_ours() -> None:
    """One takes a millisecond to make, a struct a hundredth of that."""
    code = (
        "import sys, terraform_plugin.server.session, terraform_plugin.rpc.service; "
        f"import terraform_provider_dynatrace.provider; {EVERYTHING}; "
        "from dataclasses import is_dataclass; "
        "print(*(f'{module}.{name}' for module in sys.modules for name, found in vars(sys.modules[module]).items()"
        " if module.startswith('terraform_') and is_dataclass(found) and found.__module__ == module))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.split() == []
