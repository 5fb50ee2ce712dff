"""Files that a report is written to; a path that cannot work is told before the run."""

import errno
import os
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from natwizard.cli.exit_code import UsageError
from natwizard.model.language import _
from natwizard.model.report import Report
from natwizard.report.files import STDOUT, is_special

FORMATS = ("json", "pdf", "html", "junit")


@dataclass(frozen=True, slots=True)
class OutputFile:
    """One file to write: its format is one of FORMATS; `paper` is of a PDF, empty for the usual."""

    format: str
    path: Path
    paper: str = ""


def add_output_arguments(parser: ArgumentParser) -> None:
    """--json, --pdf, --html and --junit."""
    for name in FORMATS:
        parser.add_argument(
            f"--{name}",
            metavar="FILE",
            help=_("write the report as {format}; - is the standard output").format(
                format=name.upper()
            ),
        )
    add_paper_argument(parser)


def add_paper_argument(parser: ArgumentParser) -> None:
    """--paper, for PDF files."""
    parser.add_argument(
        "--paper",
        choices=("a4", "letter"),
        default="",
        help=_("paper of the PDF (default: NATWIZARD_PAPER, else what this country uses)"),
    )


def chosen_outputs(arguments: Namespace) -> tuple[OutputFile, ...]:
    """The files that were asked for, each known to be writable. Raises UsageError."""
    outputs = tuple(
        OutputFile(name, Path(path), arguments.paper)
        for name in FORMATS
        if (path := getattr(arguments, name))
    )
    require_all_writable(output.path for output in outputs)
    return outputs


def takes_stdout(outputs: Iterable[OutputFile]) -> bool:
    """Whether one of them goes to the standard output, which is then its alone."""
    return any(output.path == STDOUT for output in outputs)


def write_outputs(report: Report, outputs: tuple[OutputFile, ...], *, redacted: bool) -> None:
    """Write each file whole or not at all. Raises UsageError."""
    import natwizard.checks.catalogue  # noqa: F401 - whose texts evidence holds, probes say
    from natwizard.report.files import CannotWrite
    from natwizard.report.redact import redact

    shown = redact(report) if redacted else report
    for output in outputs:
        try:
            _write(shown, output)
        except CannotWrite as error:
            raise UsageError(str(error)) from error


def _write(report: Report, output: OutputFile) -> None:
    match output.format:
        case "json":
            from natwizard.report.as_json import write_json

            write_json(report, output.path)
        case "pdf":
            from natwizard.report.as_pdf import write_pdf
            from natwizard.report.pdf.text import PageSize

            size = PageSize(output.paper) if output.paper else None
            write_pdf(report, output.path, page_size=size)
        case "html":
            from natwizard.report.as_html import report_html
            from natwizard.report.files import write_whole

            write_whole(output.path, report_html(report).encode())
        case _:
            from natwizard.report.as_junit import report_junit
            from natwizard.report.files import write_whole

            write_whole(output.path, report_junit(report))


def require_all_writable(paths: Iterable[Path]) -> None:
    """Each of them, and none is named twice: the second would replace the first. Raises UsageError.

    What is written to as it is (a device, a pipe) takes several, one after the other.
    """
    chosen: set[Path] = set()
    for path in paths:
        require_writable(path)
        name = path if path == STDOUT else Path(os.path.realpath(path))
        if name in chosen and not is_special(path):
            if path == STDOUT:
                raise UsageError(_("only one of the files can be -, the standard output"))
            raise UsageError(_("{path} is named for two files").format(path=path))
        chosen.add(name)


def require_writable(path: Path) -> None:
    """Nobody should wait a minute to learn that the folder is not theirs. Raises UsageError."""
    if path == STDOUT:
        return
    try:
        if path.is_dir():
            raise UsageError(f"{path} is a folder, the name of a file was expected")
        if is_special(path):
            if not os.access(path, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            return
        with tempfile.TemporaryFile(dir=path.resolve().parent):
            pass
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from error
