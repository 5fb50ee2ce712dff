"""natwizard check --salesforce: the real program, a real sign-in, and a token that stays hidden."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from computers.platforms import posix_only
from computers.program import Program
from pypdf import PdfReader
from servers.free_ports import free_port
from servers.salesforce_org import DATA, TOKEN
from servers.salesforce_server import CLIENT_ID, Reply, SalesforceServer, refused

from natwizard.cli.exit_code import ExitCode
from natwizard.cli.main import main

# a browser as a program: opens the page, is sent back, delivers the answer; keeps its arguments
BROWSER = """#!{python}
import pathlib, sys, httpx
pathlib.Path({seen!r}).write_text("\\n".join(sys.argv))
with httpx.Client(verify=False, trust_env=False) as client:
    back = client.get(sys.argv[1]).headers["Location"]
    assert client.get(back).status_code == 200
"""


@pytest.fixture
def server() -> Iterator[SalesforceServer]:
    with SalesforceServer(callback=f"http://localhost:{free_port()}/callback") as running:
        running.instance_url = running.here
        yield running


@pytest.fixture
def program(tmp_path: Path, server: SalesforceServer) -> Program:
    made = Program(tmp_path)
    (made.home / "site.toml").write_text(
        f'extends = "natterbox"\nname = "Our site"\n[targets]\n'
        f'salesforce_login = "{server.here}"\nsalesforce_client_id = "{CLIENT_ID}"\n'
        f'salesforce_callback = "{server.callback}"\n'
        f'extra_roots = ["""{server.authority_pem}"""]\n',
        "utf-8",
    )
    return made


CHECK = ("check", "--profile", "site.toml", "--role", "administrator", "--only", "salesforce")
FILES = ("--json", "r.json", "--pdf", "r.pdf", "--html", "r.html", "--junit", "r.xml")


def findings(program: Program, name: str = "r.json") -> dict[str, str]:
    report = json.loads((program.home / name).read_text("utf-8"))
    return {finding["check"]: finding["status"] for finding in report["findings"]}


def written(home: Path) -> str:
    """Everything that was left on the disk, PDF texts and attachments unpacked."""
    texts = []
    for path in home.rglob("*"):
        if path.is_file() and path.name != "token.json":
            texts.append(path.read_bytes().decode("latin-1"))
        if path.suffix == ".pdf":
            reader = PdfReader(path)
            texts += [page.extract_text() for page in reader.pages]
            texts += [part.decode("latin-1") for parts in reader.attachments.values()
                      for part in parts]  # fmt: skip
    return "\n".join(texts)


@posix_only("the browser here is a script")
def test_an_administrator_signs_in_with_the_browser(
    program: Program, server: SalesforceServer
) -> None:
    browser = program.home / "browser"
    seen = str(program.home / "seen.txt")
    browser.write_text(BROWSER.format(python=sys.executable, seen=seen), "utf-8")
    browser.chmod(0o755)
    done = program.run(*CHECK, *FILES, "--no-redact", "--salesforce", "--browser", str(browser),
                       "--yes")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert set(findings(program).values()) == {"pass"}
    assert "about 14 API calls" in done.stderr
    assert f"{server.calls()} API calls used" in done.stderr
    told = written(program.home) + done.stdout + done.stderr
    assert "admin@acme.example" in told
    assert TOKEN not in told
    assert "code_verifier" not in told


@pytest.fixture
def token(program: Program, server: SalesforceServer) -> str:
    printed = {"status": 0, "result": {"accessToken": TOKEN, "instanceUrl": server.here}}
    (program.home / "token.json").write_text(json.dumps(printed), "utf-8")
    return "token.json"


def test_a_token_from_a_file_reads_the_org_and_stays_hidden(program: Program, token: str) -> None:
    done = program.run(*CHECK, *FILES, "--salesforce", token, "--yes")
    assert done.returncode == 0, done.stderr
    assert set(findings(program).values()) == {"pass"}
    told = written(program.home) + done.stdout + done.stderr
    assert TOKEN not in told
    shared = (program.home / "r.json").read_text("utf-8")
    assert "admin@acme.example" not in shared
    assert "agent0000" not in shared


def test_a_token_may_come_through_a_pipe(
    program: Program, server: SalesforceServer, token: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "natwizard", *CHECK, "--quiet", "--salesforce", "-", "--yes"],
        cwd=program.home, env=program.environment(), capture_output=True, timeout=60, check=False,
        input=(program.home / token).read_bytes(),
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert server.calls() > 0


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize(("answer", "code", "asked"), [(b"n\n", 64, False), (b"y\n", 0, True)])
def test_a_person_at_the_terminal_is_asked_first(
    program: Program, server: SalesforceServer, token: str, answer: bytes, code: int, asked: bool
) -> None:
    ours, theirs = os.openpty()
    try:
        os.write(ours, answer)
        done = subprocess.run(
            [sys.executable, "-m", "natwizard", *CHECK, "--salesforce", token],
            cwd=program.home, env=program.environment(), capture_output=True, timeout=60,
            stdin=theirs, check=False,
        )  # fmt: skip
    finally:
        os.close(ours)
        os.close(theirs)
    assert b"Go on? [y/N]" in done.stderr
    assert (done.returncode, bool(server.asked)) == (code, asked)


def test_saved_evidence_is_judged_again_without_signing_in(program: Program, token: str) -> None:
    assert program.run(*CHECK, *FILES, "--salesforce", token, "--yes").returncode == 0
    with (program.home / "site.toml").open("a", encoding="utf-8") as profile:
        profile.write('[[requirements]]\nid = "salesforce.session"\n'
                      "limits = { timeout_hours = 12.0 }\n")  # fmt: skip
    done = program.run("judge", "r.json", "--profile", "site.toml", "--only", "salesforce",
                       "--json", "again.json")  # fmt: skip
    assert done.returncode == 0, done.stderr  # a longer session is advice
    again = findings(program, "again.json")
    assert again.pop("salesforce.session") == "warn"
    assert set(again.values()) == {"pass"}


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (refused(401, "INVALID_SESSION_ID", "Session expired or invalid"), "signed out"),
        (Reply(status=503), "unexpected web answer"),
    ],
)
def test_an_org_that_cannot_be_read_is_could_not_tell(
    program: Program, server: SalesforceServer, token: str, reply: Reply, says: str
) -> None:
    server.instead[DATA] = reply
    server.instead["/services/Soap"] = reply
    done = program.run(*CHECK, "--json", "r.json", "--salesforce", token, "--yes")
    assert done.returncode == 2, done.stderr
    assert set(findings(program).values()) == {"unknown"}
    assert says in (program.home / "r.json").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("check", "--salesforce", "env", "--yes"), "add --role administrator"),
        ((*CHECK, "--salesforce", "env"), "add --yes"),
        ((*CHECK, "--salesforce", "env", "--yes"), "SF_ACCESS_TOKEN is not set"),
        ((*CHECK, "--salesforce", "nothing.json", "--yes"), "cannot read nothing.json"),
        ((*CHECK, "--salesforce", "site.toml", "--yes"), "expected an access token"),
    ],
)
def test_what_cannot_work_is_one_line_and_asks_nobody(
    program: Program,
    server: SalesforceServer,
    arguments: tuple[str, ...],
    says: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(program.home)
    monkeypatch.delenv("SF_ACCESS_TOKEN", raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert main(arguments) == ExitCode.USAGE
    told = capsys.readouterr().err.splitlines()
    assert says in told[-1]
    assert server.asked == []


def test_an_administrator_who_does_not_sign_in_has_questions_that_nobody_called_fine(
    program: Program,
) -> None:
    done = program.run(*CHECK, "--json", "r.json")
    assert done.returncode == 2, done.stderr  # nothing at all was looked at (decision 290)
    assert "fine" not in done.stdout
    assert set(findings(program).values()) == {"manual"}


def test_questions_about_the_org_hold_nothing_back_that_was_measured(program: Program) -> None:
    done = program.run(*CHECK, "--only", "computer.os_bits", "--json", "r.json")
    assert done.returncode == 0, done.stderr
    assert "This check is fine; " in done.stdout
    assert set(findings(program).values()) == {"manual", "pass"}


def test_an_agent_never_hears_of_salesforce(program: Program) -> None:
    done = program.run("check", "--profile", "site.toml", "--only", "salesforce,computer.os_bits",
                       "--json", "r.json")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert set(findings(program)) == {"computer.os_bits"}
