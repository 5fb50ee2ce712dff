"""Salesforce's error codes as failures.

Source: "Status Codes and Error Responses" in the REST API Developer Guide; for the Metadata API
the same words stand in the faultcode of a SOAP fault ("sf:INVALID_SESSION_ID").
"""

from collections.abc import Mapping

from msgspec import Struct

from natwizard.model.outcome import FailureCode
from natwizard.probes.failures import BadAnswer
from natwizard.probes.salesforce.decoding import decode_json

BY_ERROR_CODE: Mapping[str, FailureCode] = {
    "INVALID_SESSION_ID": FailureCode.SESSION_EXPIRED,
    "INVALID_AUTH_HEADER": FailureCode.SESSION_EXPIRED,
    "REQUEST_LIMIT_EXCEEDED": FailureCode.ALLOWANCE_USED_UP,
    "API_DISABLED_FOR_ORG": FailureCode.API_DISABLED,
    "API_CURRENTLY_DISABLED": FailureCode.API_DISABLED,
    "INSUFFICIENT_ACCESS": FailureCode.ACCESS_DENIED,
    "INSUFFICIENT_ACCESS_OR_READONLY": FailureCode.ACCESS_DENIED,
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": FailureCode.ACCESS_DENIED,
    "FUNCTIONALITY_NOT_ENABLED": FailureCode.ACCESS_DENIED,
    "INVALID_FIELD": FailureCode.ACCESS_DENIED,
    "INVALID_TYPE": FailureCode.ACCESS_DENIED,
    "NOT_FOUND": FailureCode.ACCESS_DENIED,
}
"""A field or an object that a user may not see looks to them as if it did not exist."""

# For answers whose body has no error code
BY_STATUS: Mapping[int, FailureCode] = {
    401: FailureCode.SESSION_EXPIRED,
    403: FailureCode.ACCESS_DENIED,
    404: FailureCode.ACCESS_DENIED,
}

# What a server writes stands in a report, on one line
MESSAGE_LENGTH = 160


class Refusal(Struct, frozen=True, rename="camel"):
    """One entry of an error's body: [{"message": "...", "errorCode": "..."}]."""

    error_code: str = ""
    message: str = ""


def refusal(status: int, body: bytes) -> tuple[FailureCode, str]:
    """Which failure an answer other than 200 is, and what Salesforce said."""
    said = _first(body)
    code = BY_ERROR_CODE.get(said.error_code) or BY_STATUS.get(status, FailureCode.HTTP_STATUS)
    words = f"{said.error_code} {said.message}".strip()[:MESSAGE_LENGTH]
    return code, f"HTTP {status} {words}".strip()


def fault(name: str, text: str) -> tuple[FailureCode, str]:
    """Which failure a SOAP fault is; `name` as in "sf:INVALID_SESSION_ID"."""
    error_code = name.rpartition(":")[2]
    code = BY_ERROR_CODE.get(error_code, FailureCode.BAD_ANSWER)
    return code, f"{error_code} {text}".strip()[:MESSAGE_LENGTH]


def _first(body: bytes) -> Refusal:
    """Proxies and broken servers answer with pages: those say nothing."""
    try:
        entries = decode_json(body, tuple[Refusal, ...])
    except BadAnswer:
        return Refusal()
    return entries[0] if entries else Refusal()
