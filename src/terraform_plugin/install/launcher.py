"""The script that Terraform starts: the same bytes on every machine, for one address, version and platform.

Terraform records a checksum of the folder that the script is in (`h1`) in `.terraform.lock.hcl`, and compares it at
every command. So nothing of this machine may be in that folder. What the script starts is in a folder next to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from terraform_plugin.diagnostics import Error

COMMAND = "command"
"""The file that holds the words of the command, one a line."""

_LAUNCHER = """\
#!/bin/sh
# Starts {name} {version} for Terraform. Written by its install command.
#
# Terraform's lock file holds the checksum of this file, so it is the same on every machine. The command for this
# machine is in ../programs/{target}/command, one word a line. Terraform links to the folder of this file, and the
# system resolves the ".." after the link.
case $0 in
*/*) programs=${{0%/*}}/../programs/{target} ;;
*) programs=../programs/{target} ;;
esac
command=$programs/command

# Terraform shows the first line on stdout that is not a handshake, and hides stderr.
fail() {{
    printf '%s\\n' "Could not start {name} {version}: $1"
    exit 1
}}

# Only the system knows why a path cannot be used: a folder or a link on the way may be closed to this user.
# Source: POSIX, exec: status 127 if the file is not found, 126 if it cannot be executed.
is_gone() {{
    (exec "$1") >/dev/null 2>&1
    [ "$?" -eq 127 ]
}}

if [ ! -r "$command" ]; then
    is_gone "$command" && fail "$command does not exist. Run the provider's install command again. If Terraform \\
copied this file instead of linking to its folder, install the provider from a packed mirror."
    fail "user $(id -un) is not permitted to read $command. Run the provider's install command as this user."
fi
[ -s "$command" ] || fail "$command is empty. Run the provider's install command again."

arguments=$#
while IFS= read -r word; do
    set -- "$@" "$word"
done <"$command"
while [ "$arguments" -gt 0 ]; do
    set -- "$@" "$1"
    shift
    arguments=$((arguments - 1))
done

program=$1
shift
case $program in
/*) ;;
*) program=$programs/$program ;;
esac
if [ ! -x "$program" ]; then
    is_gone "$program" && fail "$program does not exist any more. Run the provider's install command again."
    fail "user $(id -un) is not permitted to run $program. Run the provider's install command as this user."
fi
exec "$program" "$@"
"""


def launcher(name: str, version: str, target: str) -> bytes:
    """Return the script for the provider `name` (HOST/NAMESPACE/TYPE), for a platform (OS_ARCH) with a shell."""
    return _LAUNCHER.format(name=name, version=version, target=target).encode()


def is_launcher(content: bytes) -> bool:
    """Return whether a file is a script of this kind, of whatever release."""
    return content.startswith(b"#!/bin/sh\n# Starts ") and b"Written by its install command." in content


def encode(command: Sequence[str | Path]) -> bytes:
    """Return the content of the command's file. Raises `Error` for a word that does not fit on a line."""
    words = [str(word) for word in command]
    for word in words:
        if "\n" in word:
            raise Error("Could not install the provider", f"A path must not contain a line break, got {word!r}.")
    return "".join(f"{word}\n" for word in words).encode(errors="surrogateescape")


def decode(content: bytes) -> list[str]:
    """Return the words of a command's file."""
    return content.decode(errors="surrogateescape").split("\n")[:-1]
