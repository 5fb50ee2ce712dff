"""The real program for accounts that containers and services have: no home, or one of another's."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from computers.program import PATIENCE_S
from report.samples import not_ready

from natwizard.report.as_json import write_json

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="accounts and folders of POSIX")

# An account that no list has; nothing names a home
NO_ACCOUNT = (
    "import os, pwd, sys; os.getuid = lambda: 3_999_999_999;"
    "from natwizard.cli.main import entry; entry()"
)
PLAIN = "from natwizard.cli.main import entry; entry()"
# root reads everything, unless it gives up just that
OBEYING = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "report.json"
    write_json(not_ready(), path)
    return path


@pytest.fixture
def barred(tmp_path: Path) -> Iterator[Path]:
    """A folder that this account may not enter."""
    if os.name == "posix" and os.geteuid() == 0 and not shutil.which(OBEYING[0]):
        pytest.skip("root may enter every folder, and there is no setpriv")
    folder = tmp_path / "barred"
    folder.mkdir(mode=0)
    yield folder
    folder.chmod(0o700)


def run(code: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, "-c", code, *arguments)
    return subprocess.run(
        [*OBEYING, *command] if os.name == "posix" and os.geteuid() == 0 else command,
        env={"PATH": os.environ["PATH"], "QT_QPA_PLATFORM": "offscreen", **environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


def test_an_account_that_no_list_has_gets_its_reports(report: Path, tmp_path: Path) -> None:
    pdf = tmp_path / "report.pdf"
    judged = run(NO_ACCOUNT, "judge", str(report), "--pdf", str(pdf))
    assert "Traceback" not in judged.stderr
    assert judged.returncode in (0, 1, 2)
    assert pdf.read_bytes().startswith(b"%PDF-")
    checked = run(NO_ACCOUNT, "check", "--only", "computer.ram")
    assert "Traceback" not in checked.stderr
    assert checked.returncode in (0, 1)
    assert "RAM" in checked.stdout


def test_a_home_that_may_not_be_entered_keeps_no_profile(report: Path, barred: Path) -> None:
    judged = run(PLAIN, "judge", str(report), HOME=str(barred))
    assert "Traceback" not in judged.stderr
    assert judged.returncode in (0, 1, 2)


def test_an_administrators_profile_that_may_not_be_read_is_told(barred: Path) -> None:
    site = barred / "natwizard"
    told = run(PLAIN, "check", "--only", "computer.ram", XDG_CONFIG_DIRS=str(barred))
    assert told.returncode == 64
    assert told.stderr.startswith(f"natwizard: {site}")
    assert "Permission denied" in told.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("judge", "REPORT", "--pdf", "BARRED/x.pdf"),
        ("judge", "REPORT", "--json", "BARRED/x.json"),
        ("judge", "BARRED/x.json"),
        ("show", "BARRED/x.json"),
        ("compare", "REPORT", "BARRED/x.json"),
        ("fleet", "BARRED/reports"),
        ("check", "--only", "computer.ram", "--profile", "BARRED/x.toml"),
        ("profile", "check", "BARRED/x.toml"),
        ("plan", "numbers", "--country", "GB", "--file", "BARRED/x.csv"),
        ("plan", "numbers", "--country", "GB", "--file", "REPORT", "--csv", "BARRED/x.csv"),
    ],
    ids=" ".join,
)
def test_a_path_below_a_folder_that_may_not_be_entered_is_told(
    arguments: tuple[str, ...], report: Path, barred: Path
) -> None:
    named = [word.replace("REPORT", str(report)).replace("BARRED", str(barred))
             for word in arguments]  # fmt: skip
    done = run(PLAIN, *named)
    assert "Traceback" not in done.stderr
    assert done.returncode == 64
    assert str(barred) in done.stderr
