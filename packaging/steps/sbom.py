"""The bill of materials, CycloneDX 1.6: every project inside the frozen program."""

import datetime as dt
import json
import platform
import shutil
import uuid
from pathlib import Path
from urllib.parse import quote

from steps.bundled import Project
from steps.environment import commit_time_s, python, run
from steps.parts import Part
from steps.paths import NAME, OUTPUT, PACKAGING, Layout, version

FORMAT = "1.6"


def write_sbom(projects: tuple[Project, ...], inside: tuple[Part, ...], path: Path) -> None:
    """Write it and check it against the published schema; the same for the same commit."""
    made = dt.datetime.fromtimestamp(commit_time_s(), tz=dt.UTC)
    components = [_component(project) for project in projects]
    components.insert(0, {
        "type": "framework", "name": "CPython", "version": platform.python_version(),
        "bom-ref": "cpython", "licenses": [{"license": {"id": "PSF-2.0"}}],
    })  # fmt: skip
    components += [_part(part) for part in inside]
    text = json.dumps(components, sort_keys=True)
    bill = {
        "bomFormat": "CycloneDX",
        "specVersion": FORMAT,
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, version() + text)}",
        "version": 1,
        "metadata": {
            "timestamp": made.isoformat().replace("+00:00", "Z"),
            "component": {
                "type": "application", "name": NAME, "version": version(), "bom-ref": NAME,
                "licenses": [{"license": {"id": "MIT"}}],
            },
        },
        "components": components,
        "dependencies": [
            {"ref": NAME, "dependsOn": [component["bom-ref"] for component in components]}
        ],
    }  # fmt: skip
    path.write_text(json.dumps(bill, indent=1, sort_keys=True) + "\n", "utf-8")
    run([python(), PACKAGING / "steps/check_sbom.py", path], quiet=True)


def publish_sbom(target: str) -> None:
    """dist/natwizard-VERSION-LABEL.cdx.json, as the freeze wrote it."""
    layout = Layout(target)
    OUTPUT.mkdir(exist_ok=True)
    path = OUTPUT / f"{NAME}-{version()}-{layout.label}.cdx.json"
    shutil.copyfile(layout.work / "sbom.cdx.json", path)
    print(path)


def _component(project: Project) -> dict[str, object]:
    reference = (
        f"pkg:{project.kind}/{_owner(project)}{project.name.lower()}@{quote(project.version)}"
    )
    licence: dict[str, object] = {"license": {"name": project.licence}}
    if " " not in project.licence or " OR " in project.licence or " AND " in project.licence:
        licence = {"expression": project.licence}
    return {
        "type": "library", "name": project.name, "version": project.version,
        "purl": reference, "bom-ref": reference, "licenses": [licence],
    }  # fmt: skip


def _part(part: Part) -> dict[str, object]:
    """Something inside another component; which version, only its maker knows."""
    return {
        "type": "library", "name": part.name, "bom-ref": f"{part.of}/{part.name}",
        "description": f"inside {part.of}",
        "copyright": "; ".join(part.copyright),
        "licenses": [{"license": {"id": part.licence}}],
    }  # fmt: skip


def _owner(project: Project) -> str:
    return "debian/" if project.kind == "deb" else ""
