"""All connections of a tenant at once: 60 of them over four AWS accounts."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO

import pytest

from dynatrace_sandbox.testing import RunningSandbox, running_sandbox
from terraform_provider_dynatrace.cli.doctor.accounts import Accounts, Source
from terraform_provider_dynatrace.cli.doctor.command import doctor, exit_status
from tests.acceptance.connected_accounts import (
    ACCOUNTS,
    BROKEN,
    OPEN,
    OWNERLESS,
    REACHED,
    connect_accounts,
    iam_of,
    write_profiles,
)
from tests.acceptance.test_doctor import command
from tests.terraform_provider_dynatrace.cli.doctor.far_aws import client_at

PROFILES = [word for account in REACHED for word in ("--profile", account)]
VERDICTS = {0: "ok", 1: "fails", 2: "not checked"}
"""The verdict by the exit status for one connection."""


@pytest.fixture(scope="module")
def expected() -> dict[str, str]:
    """The verdict that each connection must get, by its name."""
    return {}


@pytest.fixture(scope="module")
def connected(expected: dict[str, str]) -> Iterator[RunningSandbox]:
    """60 connections over four accounts, which no test changes. The first account may assume a role in the next two."""
    trusted = {"AWS": f"arn:aws:iam::{ACCOUNTS[0]}:root"}
    statement = {"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    with running_sandbox() as sandbox:
        expected |= connect_accounts(sandbox)
        for account in REACHED[1:]:
            iam_of(sandbox, account).create_role(RoleName="doctor", AssumeRolePolicyDocument=document)
        yield sandbox


def test_every_verdict_is_the_one_of_the_connection_alone(
    connected: RunningSandbox, expected: dict[str, str], tmp_path: Path
) -> None:
    """Ten broken trusts, two that let others in, five connections without owner, and one account without access.

    Dynatrace is asked once for its connections and its monitoring configurations, however many there are.
    """
    variables = connected.environ("platform-token") | write_profiles(tmp_path)
    before = len(connected.requests("GET"))

    ended = command(variables, "doctor", "aws", "--all", "--json", *PROFILES)

    assert (ended.returncode, "Traceback" in ended.stderr) == (1, False)
    assert len(connected.requests("GET")) - before == 2
    reported = json.loads(ended.stdout)
    rows = {row["name"]: row for row in reported["connections"]}
    assert {name: row["verdict"] for name, row in rows.items()} == expected
    assert reported["counts"] == {"fails": 10, "not checked": 15, "ok": 35}
    assert {name for name, row in rows.items() if row["owner"] is None} == {f"{name}-1" for name in OWNERLESS}
    for account, changes, outcome in ((ACCOUNTS[1], BROKEN, "failed"), (ACCOUNTS[2], OPEN, "warning")):
        for name, change in changes.items():
            findings = rows[f"{name}-{account[0]}"]["findings"]
            assert any(change.says in one["cause"] for one in findings if one["outcome"] == outcome), name
    alone = {
        name: doctor(str(row["id"]), None, connected.environ("platform-token"), accounts(connected))
        for name, row in rows.items()
    }
    assert {name: VERDICTS[exit_status(found.findings)] for name, found in alone.items()} == expected


def accounts(sandbox: RunningSandbox) -> Accounts:
    """Return the accounts that the profiles reach."""
    new_client = client_at(sandbox.aws_url)
    keys = [{"aws_access_key_id": account, "aws_secret_access_key": "x"} for account in REACHED]
    return Accounts([Source(one["aws_access_key_id"], partial(new_client, **one)) for one in keys])


def test_a_role_in_each_account_replaces_profiles(connected: RunningSandbox, tmp_path: Path) -> None:
    """It is assumed with the credentials of one account. An account that lacks it is not checked."""
    variables = connected.environ("platform-token") | write_profiles(tmp_path)
    options = ["--profile", REACHED[0], "--assume-role", "arn:aws:iam::{account}:role/doctor"]

    ended = command(variables, "doctor", "aws", "--all", "--json", *options)

    reported = json.loads(ended.stdout)
    assert (ended.returncode, reported["counts"]) == (1, {"fails": 10, "not checked": 15, "ok": 35})
    causes = {
        one["cause"] for row in reported["connections"] for one in row["findings"] if one["outcome"] == "not checked"
    }
    [cause] = causes
    assert "Tried to assume arn:aws:iam::444444444444:role/doctor" in cause


MFA_PROFILE = f"""
[with-mfa]
role_arn = arn:aws:iam::{ACCOUNTS[1]}:role/doctor
source_profile = {ACCOUNTS[0]}
mfa_serial = arn:aws:iam::{ACCOUNTS[0]}:mfa/someone
"""
IN_TERMINAL = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"
"""Runs a command in a terminal of its own, whose keyboard and screen are stdin and stdout."""


@contextmanager
def checking_with_mfa(
    connected: RunningSandbox, folder: Path, *before: str, **others: str
) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes], IO[bytes]]]:
    """Check 60 connections with a profile that needs a code. Give the process, its input and its output.

    `before` are the words before the command, and `others` are more environment variables.
    """
    variables = connected.environ("platform-token") | write_profiles(folder)
    with (folder / "aws-credentials").open("a") as profiles:
        profiles.write(MFA_PROFILE)
    options = ["--all", "--json", "--profile", ACCOUNTS[0], "--profile", "with-mfa"]
    with subprocess.Popen(
        [*before, sys.executable, "-m", "terraform_provider_dynatrace", "doctor", "aws", *options],
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"} | variables | others,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin
        assert process.stdout
        yield process, process.stdin, process.stdout


@pytest.mark.parametrize(
    ("typed", "endpoint", "status", "says"),
    [
        (b"123456\n", "", 1, '"fails": 10,\r\n    "not checked": 30,\r\n    "ok": 20\r\n'),
        (b"123456\n", "nonsense", 2, "AWS cannot be reached. Invalid endpoint: nonsense"),
        (b"\x04", "", 2, 'The AWS profile \\"with-mfa\\" needs an MFA code, and none was entered.'),
        (b"\x03", "", 130, "Interrupted."),
    ],
    ids=["code", "code, and no AWS", "Ctrl-D", "Ctrl-C"],
)
def test_the_code_for_a_profile_with_mfa_is_asked_before_the_work_begins(  # noqa: PLR0913, PLR0917 -- the columns of the table
    connected: RunningSandbox, tmp_path: Path, typed: bytes, endpoint: str, status: int, says: str
) -> None:
    """The question names the profile and the device, and no progress is shown before it is answered."""
    before = (sys.executable, "-c", IN_TERMINAL)
    others = {"AWS_ENDPOINT_URL": endpoint} if endpoint else {}
    with checking_with_mfa(connected, tmp_path, *before, **others) as (process, keyboard, screen):
        shown = b""
        while not shown.endswith(b"someone: "):
            shown += screen.read(1) or pytest.fail(f"no question: {shown!r}")
        assert shown == (
            b'The AWS profile "with-mfa" needs a code. Enter MFA code for arn:aws:iam::111111111111:mfa/someone: '
        )
        keyboard.write(typed)
        keyboard.flush()
        printed = screen.read().decode()

    assert (process.returncode, says in printed) == (status, True), printed
    assert "123456" not in printed


def test_without_a_terminal_no_code_is_asked_for(connected: RunningSandbox, tmp_path: Path) -> None:
    """The standard input is open, and nothing waits for it. What the profile would show is not checked."""
    with checking_with_mfa(connected, tmp_path) as (process, _, output):
        reported = json.loads(output.read())

    assert (process.returncode, reported["counts"]) == (2, {"fails": 0, "not checked": 45, "ok": 15})
    reasons = [row["findings"][0]["cause"] for row in reported["connections"] if row["verdict"] == "not checked"]
    assert all('The AWS profile "with-mfa" needs an MFA code, and there is no terminal' in one for one in reasons)


def test_without_aws_credentials_everything_is_listed(connected: RunningSandbox) -> None:
    """What was not checked is said, in the table and by the exit status."""
    variables = {name: text for name, text in connected.environ("platform-token").items() if "ACCESS_KEY" not in name}

    ended = command(variables, "doctor", "aws", "--all")

    assert (ended.returncode, "Traceback" in ended.stderr) == (2, False)
    assert ended.stdout.count("arn:aws:iam::444444444444:role/") == 15
    assert "Unable to locate credentials. This command reads the role with your own AWS credentials." in ended.stdout
    assert ended.stdout.endswith("60 connections: 60 not checked.\n")
    assert ended.stderr.endswith("Checking the roles: 60 of 60.\n")


def test_the_profile_of_the_environment_is_used(connected: RunningSandbox, tmp_path: Path) -> None:
    """AWS_PROFILE, as for the AWS CLI. What belongs to other accounts is not checked."""
    variables = {name: text for name, text in connected.environ("platform-token").items() if "ACCESS_KEY" not in name}

    ended = command(
        variables | write_profiles(tmp_path) | {"AWS_PROFILE": ACCOUNTS[0]}, "doctor", "aws", "--all", "--json"
    )

    assert (ended.returncode, json.loads(ended.stdout)["counts"]) == (2, {"fails": 0, "not checked": 45, "ok": 15})


def test_where_everything_works_the_exit_status_is_0(sandbox: RunningSandbox) -> None:
    """Also in an environment without connections."""
    ended = command(sandbox.environ(), "doctor", "aws", "--all")

    assert (ended.returncode, ended.stdout) == (0, "No AWS connections that the credential may read.\n")


def test_an_interrupt_ends_the_command_at_once(connected: RunningSandbox, tmp_path: Path) -> None:
    """While AWS does not answer: nothing is waited for, and no page is written."""
    page = tmp_path / "report.html"
    with socket.create_server(("127.0.0.1", 0)) as silent:
        variables = connected.environ() | {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{silent.getsockname()[1]}"}
        with subprocess.Popen(
            [sys.executable, "-m", "terraform_provider_dynatrace", "doctor", "aws", "--all", "--html", str(page)],
            env={"PATH": os.environ["PATH"]} | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            request, _ = silent.accept()
            with request:
                process.send_signal(signal.SIGINT)
                output, errors = process.communicate(timeout=60)

    assert (process.returncode, output) == (130, "")
    assert errors.endswith("Interrupted.\n")
    assert list(tmp_path.iterdir()) == []
