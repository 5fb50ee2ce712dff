"""A Salesforce org of the tests' own, and what it holds.

Shapes as documented by Salesforce:
- Organization, User, Profile, UserLicense, PermissionSet, PermissionSetAssignment: Object Reference
- query results and nextRecordsUrl, /limits, versions, error bodies: REST API Developer Guide
- Profile.Metadata: Tooling API Reference
- readMetadata, SecuritySettings, SOAP faults: Metadata API Developer Guide
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

Json = dict[str, object]

VERSION = "60.0"
DATA = f"/services/data/v{VERSION}"
HOST = "acme.my.salesforce.com"
TOKEN = "00DAcme000001!AQEAtestTOKENthatMustNeverBeSeenAnywhere.0123456789"
ADMIN_ID, ADMIN_PROFILE = "005000000000001AAA", "00e000000000001AAA"
AGENT_PROFILE = "00e000000000002AAA"

ALL_PERMISSIONS = (
    "PermissionsApiEnabled",
    "PermissionsViewAllCustomSettings",
    "PermissionsModifyAllData",
    "PermissionsManageUsers",
    "PermissionsCustomizeApplication",
)
AGENT_PERMISSIONS = ALL_PERMISSIONS[:2]
AUDIT_PERMISSIONS = ("PermissionsCreateAuditFields", "PermissionsUpdateWithInactiveOwners")


@dataclass(kw_only=True)
class User:
    """One row of User, with what profile and permission sets allow together."""

    id: str
    username: str
    profile_id: str = AGENT_PROFILE
    permissions: tuple[str, ...] = AGENT_PERMISSIONS
    expires: str | None = None
    call_center: bool = True
    active: bool = True
    frozen: bool = False
    set_active: bool = True
    set_revoked: bool = False
    set_names: tuple[str, ...] = ()
    by_profile: bool = False
    """Whether all that the user may do comes from the profile."""


@dataclass(kw_only=True)
class ProfileSessionSetting:
    """One component of the Metadata API."""

    full_name: str
    profile: str
    minutes: int = 0
    force_logout: bool | None = None


@dataclass(kw_only=True)
class Profile:
    """One row of Profile, with its licence and its login ranges."""

    id: str
    name: str
    licence: str = "SFDC"
    ranges: tuple[tuple[str, str], ...] = ()


def admin(**changes: object) -> User:
    row = {"id": ADMIN_ID, "username": "admin@acme.example", "profile_id": ADMIN_PROFILE,
           "permissions": ALL_PERMISSIONS, "call_center": False} | changes  # fmt: skip
    return User(**row)  # type: ignore[arg-type]


def agents(count: int, **changes: object) -> list[User]:
    return [
        User(**{"id": f"005{n:012d}BBB", "username": f"agent{n:04}@acme.example"} | changes)  # type: ignore[arg-type]
        for n in range(count)
    ]


GOOD_SESSION = {
    "sessionTimeout": "EightHours",
    "forceLogoutOnSessionTimeout": "true",
    "lockSessionsToIp": "false",
    "enforceIpRangesEveryRequest": "false",
    "enableClickjackNonsetupUser": "false",
    "enableClickjackNonsetupUserHeaderless": "false",
}


@dataclass(kw_only=True)
class Org:
    """What a test may change before the org is asked."""

    edition: str = "Enterprise Edition"
    sandbox: bool = False
    limits: Json = field(
        default_factory=lambda: {
            "DailyApiRequests": {"Max": 100_000, "Remaining": 99_000},
            "DataStorageMB": {"Max": 10_240, "Remaining": 9_000},
            "HourlyTimeBasedWorkflow": {"Max": 1000, "Remaining": 1000},
        }
    )
    users: list[User] = field(default_factory=lambda: [admin(), *agents(3)])
    profiles: list[Profile] = field(
        default_factory=lambda: [
            Profile(id=ADMIN_PROFILE, name="System Administrator"),
            Profile(id=AGENT_PROFILE, name="Service Agent"),
        ]
    )
    session: dict[str, str] = field(default_factory=lambda: dict(GOOD_SESSION))
    trusted: tuple[tuple[str, str], ...] = ()
    profile_sessions: list[ProfileSessionSetting] = field(default_factory=list)
    has_audit_permissions: bool = False
    has_access_policies: bool = False
    shows_logins: bool = True
    hidden_fields: tuple[str, ...] = ()
    page_size: int = 2000
    _rest: dict[str, list[Json]] = field(default_factory=dict)

    def profile(self, number: str) -> Profile:
        return next(each for each in self.profiles if each.id == number)

    # REST

    def get(self, path: str, soql: str) -> tuple[int, object]:
        """Status and JSON of a GET below /services/data."""
        if path == f"{DATA}/":
            own = f"https://{HOST}/id/00DAcme000001AAA/{ADMIN_ID}"
            return 200, {"tooling": f"{DATA}/tooling", "identity": own, "limits": f"{DATA}/limits"}
        if path == f"{DATA}/limits":
            return 200, self.limits
        if path == f"{DATA}/query":
            return self._query(soql)
        if path.startswith(f"{DATA}/query/"):
            return 200, self._page(path.rpartition("/")[2].partition("-")[0])
        if path.startswith(f"{DATA}/tooling/sobjects/Profile/"):
            return self._tooling_profile(path.rpartition("/")[2])
        return error(404, "NOT_FOUND", "The requested resource does not exist")

    def _query(self, soql: str) -> tuple[int, object]:
        hidden = next((name for name in self.hidden_fields if name in soql), "")
        if hidden:
            said = f"No such column '{hidden}' on entity 'PermissionSet'."
            return error(400, "INVALID_FIELD", said)
        if "CreateAuditFields" in soql and not self.has_audit_permissions:
            said = "No such column 'PermissionsCreateAuditFields' on entity 'PermissionSet'."
            return error(400, "INVALID_FIELD", said)
        if "IsRevoked" in soql and not self.has_access_policies:
            said = "No such column 'IsRevoked' on entity 'PermissionSetAssignment'."
            return error(400, "INVALID_FIELD", said)
        if "FROM UserLogin" in soql and not self.shows_logins:
            return error(400, "INVALID_TYPE", "sObject type 'UserLogin' is not supported.")
        found = re.fullmatch(
            r"SELECT (?P<fields>.+?) FROM (?P<object>\w+)(?: WHERE (?P<where>.+?))?"
            r"(?: ORDER BY \w+)?", soql
        )  # fmt: skip
        if found is None:
            return error(400, "MALFORMED_QUERY", f"unexpected token: {soql[:40]}")
        rows: dict[str, Callable[[str], list[Json]]] = {
            "Organization": self._organization,
            "User": self._users,
            "PermissionSetAssignment": self._assignments,
            "UserLogin": self._logins,
        }
        self._rest[f"0{len(self._rest)}g"] = rows[found["object"]](found["where"] or "")
        return 200, self._page(f"0{len(self._rest) - 1}g")

    def _page(self, locator: str) -> Json:
        rows = self._rest[locator]
        self._rest[locator] = rows[self.page_size :]
        done = not self._rest[locator]
        page: Json = {"totalSize": len(rows), "done": done, "records": rows[: self.page_size]}
        more = {} if done else {"nextRecordsUrl": f"{DATA}/query/{locator}-{self.page_size}"}
        return page | more

    def _organization(self, _where: str) -> list[Json]:
        return [{"attributes": {"type": "Organization"}, "OrganizationType": self.edition,
                 "IsSandbox": self.sandbox}]  # fmt: skip

    def _matching(self, where: str) -> list[User]:
        by_id = re.search(r"\bId = '(\w+)'", where)
        by_name = re.search(r"Username = '(.+?)'", where)
        named = re.search(r"Username IN \((.+?)\)", where)
        if by_id:
            return [user for user in self.users if user.id == by_id[1]]
        if by_name:
            return [user for user in self.users if user.username == by_name[1]]
        active = [user for user in self.users if user.active]
        if named:
            names = re.findall(r"'(.*?)'", named[1])
            return [user for user in active if user.username in names]
        return [user for user in active if user.call_center]

    def _users(self, where: str) -> list[Json]:
        return [
            {
                "attributes": {"type": "User"},
                "Id": user.id,
                "Username": user.username,
                "ProfileId": user.profile_id,
                "IsActive": user.active,
                "Profile": {
                    "Name": self.profile(user.profile_id).name,
                    "UserLicense": {"LicenseDefinitionKey": self.profile(user.profile_id).licence},
                },
            }
            for user in self._matching(where)
        ]

    def _logins(self, where: str) -> list[Json]:
        wanted = re.search(r"UserId = '(\w+)'", where)
        assert wanted, where
        return [{"IsFrozen": user.frozen} for user in self.users if user.id == wanted[1]]

    def _assignment(self, user: User, **of_set: object) -> Json:
        """FIELDS(STANDARD) of one assignment: IsRevoked is there with user access policies only."""
        row: Json = {
            "AssigneeId": user.id,
            "ExpirationDate": user.expires,
            "IsActive": user.set_active,
            "PermissionSet": {"IsOwnedByProfile": user.by_profile} | of_set,
        }
        return row | ({"IsRevoked": user.set_revoked} if self.has_access_policies else {})

    def _assignments(self, where: str) -> list[Json]:
        assert "PermissionSet.HasActivationRequired = false" in where
        assignee = re.search(r"AssigneeId = '(\w+)'", where)
        if assignee:
            # what the profile gives, and what one permission set gives, are two rows
            user = next(user for user in self.users if user.id == assignee[1])
            held = user.permissions
            every = ALL_PERMISSIONS + (AUDIT_PERMISSIONS if self.has_audit_permissions else ())
            rows = [
                self._assignment(
                    user, Name=f"Set{number}", **{name: name in part for name in every}
                )
                for number, part in enumerate((held[::2], held[1::2]))
            ]
            return rows + [
                self._assignment(user, Name=name, **dict.fromkeys(every, False))
                for name in user.set_names
            ]
        permission = re.search(r"PermissionSet\.(\w+) = true", where)
        inner = re.search(r"IN \(SELECT Id FROM User WHERE (.+)\)$", where)
        assert permission, where
        assert inner, where
        return [
            self._assignment(user)
            for user in self._matching(inner[1])
            if permission[1] in user.permissions
        ]

    def _tooling_profile(self, number: str) -> tuple[int, object]:
        profile = self.profile(number)
        ranges = [
            {"description": None, "startAddress": low, "endAddress": high}
            for low, high in profile.ranges
        ]
        metadata = {"custom": False, "userLicense": "Salesforce"}
        return 200, {
            "attributes": {"type": "Profile"},
            "Id": profile.id,
            "Name": profile.name,
            "FullName": profile.name,
            "Metadata": metadata | ({"loginIpRanges": ranges} if ranges else {}),
        }

    # the Metadata API

    def metadata(self, envelope: str) -> tuple[int, str]:
        """Status and XML of readMetadata() and listMetadata()."""
        if f"<met:sessionId>{TOKEN}</met:sessionId>" not in envelope:
            return soap_fault("sf:INVALID_SESSION_ID", "Invalid Session ID found in SessionHeader")
        if "<met:type>ProfileSessionSetting</met:type>" in envelope:
            return 200, SOAP.format(body=self._profile_sessions(envelope))
        assert "<met:type>SecuritySettings</met:type>" in envelope
        ranges = "".join(
            f"<ipRanges><end>{high}</end><start>{low}</start></ipRanges>"
            for low, high in self.trusted
        )
        settings = "".join(f"<{name}>{text}</{name}>" for name, text in self.session.items())
        return 200, SOAP.format(
            body='<readMetadataResponse xmlns="http://soap.sforce.com/2006/04/metadata"><result>'
            '<records xsi:type="SecuritySettings"><fullName>Security</fullName>'
            f"<networkAccess>{ranges}</networkAccess>"
            "<passwordPolicies><complexity>AlphaNumeric</complexity></passwordPolicies>"
            f"<sessionSettings>{settings}</sessionSettings></records></result>"
            "</readMetadataResponse>"
        )

    def _profile_sessions(self, envelope: str) -> str:
        if "<met:listMetadata>" in envelope:
            rows = "".join(
                f"<result><fileName>profileSessionSettings/{each.full_name}</fileName>"
                f"<fullName>{each.full_name}</fullName><type>ProfileSessionSetting</type></result>"
                for each in self.profile_sessions
            )
            return (
                '<listMetadataResponse xmlns="http://soap.sforce.com/2006/04/metadata">'
                f"{rows}</listMetadataResponse>"
            )
        wanted = re.findall(r"<met:fullNames>(.+?)</met:fullNames>", envelope)
        assert len(wanted) <= 10
        records = "".join(
            f'<records xsi:type="ProfileSessionSetting"><fullName>{each.full_name}</fullName>'
            + (
                ""
                if each.force_logout is None
                else f"<forceLogout>{str(each.force_logout).lower()}</forceLogout>"
            )
            + f"<profile>{each.profile}</profile>"
            f"<sessionTimeout>{each.minutes}</sessionTimeout></records>"
            for each in self.profile_sessions
            if each.full_name in wanted
        )
        return (
            '<readMetadataResponse xmlns="http://soap.sforce.com/2006/04/metadata">'
            f"<result>{records}</result></readMetadataResponse>"
        )


SOAP = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    "<soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
)


def soap_fault(code: str, text: str) -> tuple[int, str]:
    return 500, SOAP.format(
        body=f"<soapenv:Fault><faultcode>{code}</faultcode><faultstring>{text}</faultstring>"
        "</soapenv:Fault>"
    )


def error(status: int, code: str, message: str) -> tuple[int, object]:
    """An error's body as the REST API writes it."""
    return status, [{"message": message, "errorCode": code}]
