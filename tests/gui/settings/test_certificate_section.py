"""Certificates in the settings: looked at while one types, added, removed, carried by the file."""

import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from msgspec import structs
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from natwizard.gui.look.appearance import Appearance
from natwizard.gui.run.run_control import RunControl
from natwizard.gui.settings.dialog import SettingsDialog
from natwizard.probes.connection.public_roots import PEM_LIMIT, trusting_public
from natwizard.profiles.find import SHIPPED_PLACE, FoundProfile
from natwizard.profiles.mistake import ProfileMistake
from natwizard.profiles.read import parse_profile, read_profile_file, shipped_profile
from natwizard.profiles.roots import read_roots, roots_of
from natwizard.system.environment import real_environment

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


def certificate(name: str, *, days: int = 400) -> x509.Certificate:
    """Of an authority; ended already where the days are negative."""
    key = ec.generate_private_key(ec.SECP256R1())
    names = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(names)
        .issuer_name(names)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=900))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )


def pem(name: str, *, days: int = 400) -> str:
    made = certificate(name, days=days)
    return made.public_bytes(serialization.Encoding.PEM).decode("ascii")


@pytest.fixture
def dialog(look: Appearance) -> Iterator[SettingsDialog]:
    window = QWidget()
    found = FoundProfile(profile=shipped_profile(), location=SHIPPED_PLACE)
    control = RunControl(real_environment)
    made = SettingsDialog(window, look, control, found, names_shown=False)
    made.show()
    made.stack.setCurrentWidget(made.stack.widget(len(made.groups) + 1))
    yield made
    made.reject()
    window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def typed(qtbot: QtBot, dialog: SettingsDialog, text: str) -> str:
    """What the line says about a path."""
    section = dialog.certificates
    section.field.clear()
    waiting = section.line.text()
    qtbot.keyClicks(section.field, text)
    qtbot.waitUntil(lambda: section.line.text() != waiting)
    return section.line.text()


def test_a_file_is_looked_at_while_one_types(
    qtbot: QtBot, dialog: SettingsDialog, tmp_path: Path
) -> None:
    path = tmp_path / "authority.pem"
    path.write_text("some words before\n" + pem("Example Root CA"))
    section = dialog.certificates
    assert typed(qtbot, dialog, str(path)[:-1]) == "There is no such file."
    assert not section.add.isEnabled()
    assert section.field.property("wrong") is True
    qtbot.keyClicks(section.field, "m")
    qtbot.waitUntil(section.add.isEnabled)
    day = datetime.now(UTC) + timedelta(days=400)
    assert section.line.text() == f"Example Root CA, until {day.day} {day:%b %Y}"
    assert section.field.property("wrong") is False
    assert section.sign.accessibleName() == "OK"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "This is no file."),
        (b"", "This holds no certificate as text (PEM)."),
        (b"-----BEGIN CERTIFICATE-----\nabc", "This holds no certificate as text (PEM)."),
        (
            b"-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----\n",
            "A certificate in this cannot be read.",
        ),
        (b"0\x82\x01\x00", "This certificate is in binary form (DER)."),
        (b"\xff\xfe" + b"x" * PEM_LIMIT, "Too large"),
    ],
)
def test_what_cannot_be_used_is_told_with_its_reason(
    qtbot: QtBot, dialog: SettingsDialog, tmp_path: Path, content: bytes | None, told: str
) -> None:
    path = tmp_path / "odd.crt"
    path.mkdir() if content is None else path.write_bytes(content)
    assert typed(qtbot, dialog, str(path)).startswith(told)
    assert not dialog.certificates.add.isEnabled()
    qtbot.keyClick(dialog.certificates.field, Qt.Key.Key_Return)
    assert dialog.draft.profile.targets.extra_roots == ()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ProfileMistake, match="no file"):
        read_roots(tmp_path / "pipe")


def test_certificates_are_added_one_by_one_kept_in_the_file_and_removed(
    qtbot: QtBot, dialog: SettingsDialog, tmp_path: Path
) -> None:
    one, other = pem("Example Root CA"), pem("Old Root CA", days=-3)
    key = "-----BEGIN PRIVATE KEY-----\nnobody's business\n-----END PRIVATE KEY-----\n"
    (tmp_path / "bundle.pem").write_bytes((key + one + other).encode())
    section = dialog.certificates
    told = typed(qtbot, dialog, str(tmp_path / "bundle.pem"))
    assert "Example Root CA, until" in told
    assert "Old Root CA, expired on" in told
    assert section.sign.accessibleName() == "Advice"
    qtbot.mouseClick(section.add, Qt.MouseButton.LeftButton)
    assert dialog.draft.profile.targets.extra_roots == (one, other)
    assert section.field.text() == ""
    told = typed(qtbot, dialog, str(tmp_path / "bundle.pem"))
    assert told == "All of it is in the list already."
    qtbot.mouseClick(section.rows[1].button, Qt.MouseButton.LeftButton)
    assert [row.button.accessibleName() for row in section.rows] == [
        f"Remove: {typed_words(one)}",
    ]
    path = tmp_path / "site.toml"
    assert dialog.write(path)
    kept = read_profile_file(path).targets.extra_roots
    assert kept == (one,)
    assert "PRIVATE KEY" not in path.read_text()
    subjects = [each["subject"] for each in trusting_public(kept).get_ca_certs()]
    assert ((("commonName", "Example Root CA"),),) in subjects, "and probes trust it"
    qtbot.mouseClick(section.rows[0].button, Qt.MouseButton.LeftButton)
    assert section.none.isVisible()
    assert not section.list.isVisible()


def typed_words(text: str) -> str:
    until = roots_of(text)[0].until
    return f"Example Root CA, until {until.day} {until:%b %Y}"


def test_a_profile_whose_certificates_cannot_be_read_is_refused_where_it_is_read() -> None:
    content = b'extends = "natterbox"\n[targets]\nextra_roots = ["junk"]\n'
    with pytest.raises(ProfileMistake, match=r"site.toml:3: targets.extra_roots: This holds no"):
        parse_profile(content, "site.toml")


def test_one_that_came_by_another_way_can_be_taken_out(
    qtbot: QtBot, dialog: SettingsDialog
) -> None:
    targets = structs.replace(dialog.draft.profile.targets, extra_roots=("junk",))
    profile = structs.replace(dialog.draft.profile, targets=targets)
    dialog._take(structs.replace(dialog.draft, profile=profile))
    [row] = dialog.certificates.rows
    assert "This holds no certificate" in row.button.accessibleName()
    assert "1 to correct" in dialog.step_list.item(len(dialog.groups) + 1).text()
    qtbot.mouseClick(dialog.use, Qt.MouseButton.LeftButton)
    assert dialog.isVisible()
    assert dialog.line.text() == "Correct this first: Certificates."
    qtbot.mouseClick(row.button, Qt.MouseButton.LeftButton)
    assert dialog.draft.problems() == {}
