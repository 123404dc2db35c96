"""Which way dependencies point, and what no file of ours may contain: the rules that no other check knows."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SRC = ROOT / "src"
OURS = {"terraform_plugin", "terraform_provider_dynatrace", "terraform_provider_aws_iam", "dynatrace_sandbox"}
HTTP = {"httpx2", "httpx", "http", "urllib", "urllib3", "requests", "aiohttp", "starlette", "uvicorn", "boto3"}
MAY_IMPORT = {
    "terraform_plugin": set[str](),
    "dynatrace_sandbox": set[str](),
    "terraform_provider_dynatrace": {"terraform_plugin"},
    "terraform_provider_aws_iam": {"terraform_plugin"},
}
RPC_LAYER = {"rpc", "messages", "schema_messages", "go_plugin", "serve", "testing.protocol", "identity", "listed"}
SEE_THE_PROTOCOL = {f"terraform_plugin.{name}" for name in RPC_LAYER}
DOORS = {
    f"terraform_provider_dynatrace.{name}" for name in ("settings.objects", "settings.permissions", "config.tenant")
}
BEHIND_THE_DOORS = {
    f"terraform_provider_dynatrace.{name}" for name in ("client.client", "client.auth", "client.retry", "provider")
}
A_START_IMPORTS = {
    *("cryptography", "google", "grpclib", "h2", "hpack", "hyperframe", "msgspec", "multidict", "typing_extensions"),
    *("_cffi_backend", "_openssl", "terraform_plugin"),
}
TOO_SLOW_FOR_A_START = {
    *("cryptography.x509", "cryptography.hazmat.primitives.serialization", "importlib.metadata", "urllib.request"),
    *("argparse", "csv", "email", "hashlib", "html", "http", "random", "shutil", "tempfile", "zipfile"),
}
NOT_IN_FILES = [
    r"(^|[^A-Za-z0-9_.])/(wor[k]|roo[t]|far[m])/",  # a path of the machine something was written on
    r"pyp[i]\.org|pythonhoste[d]\.org|npmj[s]\.org|prox[y]\.golang\.org|crate[s]\.io",  # a package registry
]


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


def reached(module: str, *, but_not_through: set[str]) -> set[str]:
    """Return every module of ours that importing `module` leads to."""
    found: set[str] = set()
    waiting = [module]
    while waiting:
        for name in set(imports(waiting.pop())) & MODULES.keys() - found:
            found.add(name)
            if name not in but_not_through:
                waiting.append(name)
    return found


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


def test_only_the_rpc_layer_sees_the_protocol() -> None:
    """The generated messages stay where they are decoded and encoded."""
    see_it = {module for module in MODULES if any("._protocol" in name for name in imports(module))}
    assert see_it <= SEE_THE_PROTOCOL


def test_a_resource_reaches_http_only_through_settings() -> None:
    """A resource imports the runtime, settings, permissions and pure modules."""
    for module in filter(re.compile(r".*_dynatrace\.(resources|data_sources|functions)\b").match, MODULES):
        assert not reached(module, but_not_through=DOORS) & BEHIND_THE_DOORS, module


def test_a_module_is_one_thing() -> None:
    """It has a name that says what it is about, and at most 250 lines."""
    for module, file in MODULES.items():
        assert not set(module.split(".")) & {"utils", "helpers", "common", "base", "core"}, module
        assert len(file.read_text().splitlines()) <= 250, module


@pytest.mark.parametrize("provider", ["terraform_provider_dynatrace", "terraform_provider_aws_iam"])
def test_a_start_imports_what_serving_needs_and_nothing_else(provider: str) -> None:
    """Terraform starts a provider three times per plan: HTTP, boto3, rich and the like come where they are needed."""
    wanted = f"terraform_plugin.serve, {provider}.__main__, {provider}.provider"
    code = f"import sys; before = {{*sys.modules}}; import {wanted}; print(*sys.modules.keys() - before)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    started = {*ended.stdout.split()}
    assert {name.partition(".")[0] for name in started} - sys.stdlib_module_names <= A_START_IMPORTS | {provider}
    assert started & TOO_SLOW_FOR_A_START == set()


def test_a_start_makes_no_dataclass_of_ours() -> None:
    """One takes a millisecond to make, a struct a hundredth of that."""
    code = (
        "import sys, terraform_plugin.serve, terraform_provider_dynatrace.provider; "
        "from dataclasses import is_dataclass; "
        "print(*(f'{module}.{name}' for module in sys.modules for name, found in vars(sys.modules[module]).items()"
        " if module.startswith('terraform_') and is_dataclass(found) and found.__module__ == module))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.split() == []


@pytest.mark.parametrize("pattern", NOT_IN_FILES)
def test_no_tracked_file_names_a_machine_or_a_registry(pattern: str) -> None:
    """What is committed works anywhere: no path of one machine, no address that packages came from."""
    found = subprocess.run(["git", "grep", "-nIE", pattern], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout, found.stderr) == (1, "", "")
