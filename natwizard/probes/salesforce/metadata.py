"""readMetadata() of the Metadata API: the one documented way to an org's security settings.

Source: "readMetadata()" in the Metadata API Developer Guide (SOAP, API version 30.0 and later;
needs Modify Metadata Through Metadata API Functions or Modify All Data, though it only reads).
"""

import xml.etree.ElementTree as ET
from xml.sax.saxutils import escape

from natwizard.probes.failures import BadAnswer
from natwizard.probes.salesforce.client import OrgClient
from natwizard.probes.salesforce.query import VERSION
from natwizard.probes.salesforce.refusals import fault
from natwizard.probes.secure_web import web_failure

PATH = f"/services/Soap/m/{VERSION}"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
METADATA = "http://soap.sforce.com/2006/04/metadata"

ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<env:Envelope xmlns:env="{soap}" xmlns:met="{metadata}">'
    "<env:Header><met:SessionHeader><met:sessionId>{session}</met:sessionId></met:SessionHeader>"
    "</env:Header><env:Body><met:readMetadata><met:type>{kind}</met:type>"
    "<met:fullNames>{name}</met:fullNames></met:readMetadata></env:Body></env:Envelope>"
)

Element = ET.Element


async def read_metadata(client: OrgClient, kind: str, name: str) -> Element:
    """One component: its `records` element. Raises CannotGather, BadAnswer."""
    envelope = ENVELOPE.format(
        soap=SOAP,
        metadata=METADATA,
        session=escape(client.session.as_session_id()),
        kind=escape(kind),
        name=escape(name),
    )
    body = await client.post_xml(PATH, envelope.encode(), '""')
    root = parse(body)
    failed = root.find(f".//{{{SOAP}}}Fault")
    if failed is not None:
        code, detail = fault(failed.findtext("faultcode", ""), failed.findtext("faultstring", ""))
        raise web_failure(code, "read_metadata", detail)
    record = root.find(f".//{{{METADATA}}}readMetadataResponse/{{{METADATA}}}result/{{*}}records")
    if record is None:
        raise BadAnswer(f"no {kind} in the answer")
    return record


def parse(body: bytes) -> Element:
    """XML without declarations of its own: those could swell a small answer into a huge one."""
    try:
        text = body.decode("utf-8")
        if "<!" in text.replace("<![CDATA[", ""):
            raise BadAnswer("XML with declarations")
        return ET.fromstring(text)  # noqa: S314 - see above
    except (UnicodeDecodeError, ET.ParseError) as error:
        raise BadAnswer(f"not XML: {error}") from error


def text_of(element: Element, path: str) -> str | None:
    """The text of "sessionSettings/sessionTimeout"; None where it is not there."""
    found = element.find("/".join(f"{{*}}{step}" for step in path.split("/")))
    return None if found is None else (found.text or "").strip()


def flag_of(element: Element, path: str) -> bool | None:
    """The same as a truth value."""
    return {"true": True, "false": False}.get(text_of(element, path) or "")
