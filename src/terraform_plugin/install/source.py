"""Provider source addresses, and the names Terraform has for platforms."""

from __future__ import annotations

import platform
import re
import sys
from dataclasses import dataclass

from terraform_plugin.command_line import UsageError

DEFAULT_HOSTS = ("registry.terraform.io", "registry.opentofu.org")
"""The hosts that Terraform and OpenTofu put before a source address without a host."""

_PART = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
_HOST = re.compile(r"(localhost|[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+)(:\d{1,5})?\Z")
_LOCAL_HOST = re.compile(r"(.*\.)?(local|localhost|test|example|invalid|internal)(:\d+)?\Z")
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "i386": "386", "i686": "386", "x86": "386"}


@dataclass(frozen=True)
class Source:
    """A provider's source address."""

    hosts: tuple[str, ...]
    """The hosts it stands for: the one it names, or `DEFAULT_HOSTS`."""
    namespace: str
    type: str

    @classmethod
    def parse(cls, address: str) -> Source:
        """Return the address written as HOST/NAMESPACE/TYPE or NAMESPACE/TYPE. Raises `UsageError` for another text."""
        *host, namespace, type_ = address.lower().split("/") if "/" in address else ("", "")
        if len(host) > 1 or not all(map(_PART.match, (namespace, type_))) or not all(map(_HOST.match, host)):
            raise UsageError(
                "Invalid source address",
                f'The address must be HOST/NAMESPACE/TYPE or NAMESPACE/TYPE, got "{address}". For example, '
                '"terraform.local/example/cloud": letters, digits and single dashes, and a dot in the host.',
            )
        if type_.startswith("terraform-"):
            raise UsageError(
                "Invalid source address", f'The type must not begin with "terraform-provider-", got "{address}".'
            )
        return cls(tuple(host) or DEFAULT_HOSTS, namespace, type_)

    @property
    def names(self) -> tuple[str, ...]:
        """The address with each of its hosts, as Terraform writes it in full."""
        return tuple(f"{host}/{self.namespace}/{self.type}" for host in self.hosts)

    @property
    def has_registry(self) -> bool:
        """Whether Terraform may find this provider in a registry: its host is not under a name reserved for local use.

        Source: RFC 6761 (test, localhost, invalid, example), RFC 6762 (local), ICANN's reservation of "internal" for
        private use.
        """
        return not all(map(_LOCAL_HOST.match, self.hosts))


def platforms(system: str, machine: str) -> tuple[str, ...]:
    """Return Terraform's names for an operating system (`sys.platform`) and a processor (`platform.machine()`).

    For a Mac these are two, because a Terraform for the other processor runs there, too.
    """
    os_name = {"win32": "windows", "cygwin": "windows"}.get(system, re.sub(r"\d+\Z", "", system))
    if os_name == "darwin":
        return ("darwin_amd64", "darwin_arm64")
    name = machine.lower()
    return (f"{os_name}_{'arm' if name.startswith('armv') else _ARCHITECTURES.get(name, name)}",)


HERE = platforms(sys.platform, platform.machine())
