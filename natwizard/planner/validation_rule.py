"""The Salesforce validation rule that keeps a field to E.164.

Sources: Salesforce's REGEX function compares the whole text with a Java expression; a validation
rule holds the condition under which a record is refused. "Technical Prerequisites" asks for fields
of type Phone, and prints an expression of its own that lets +1 and 23 digits pass: this one is
narrower on purpose.
"""

import re

from msgspec import Struct

from natwizard.model.language import _
from natwizard.planner.numbers import MOST_DIGITS

# the shortest numbers of any plan (Austria, Germany, Iran) have six digits
FEWEST_DIGITS = 6
# a package's prefix, the name, and the suffix of a custom field
FIELD_NAME = re.compile(
    r"(?:[A-Za-z][A-Za-z0-9]{0,14}__)?[A-Za-z](?:_?[A-Za-z0-9])*(?:__[A-Za-z]{1,3})?", re.ASCII
)
LONGEST_FIELD_NAME = 80


class BadFieldName(ValueError):
    """This cannot be the API name of a Salesforce field."""


class ValidationRule(Struct, frozen=True, kw_only=True):
    """What to fill in under Object Manager, the object, Validation Rules, New.

    Attributes:
        name: the rule's name, at most 40 characters.
        formula: Error Condition Formula.
        message: Error Message, at most 255 characters.
        field_type: the Data Type that the field has to have in Object Manager.
        notes: what whoever pastes it should know.
    """

    field: str
    name: str
    formula: str
    message: str
    field_type: str = "Phone"
    notes: tuple[str, ...] = ()


def validation_rule(field: str) -> ValidationRule:
    """The rule for a field by its API name (Phone, Direct_Dial__c). Raises BadFieldName.

    An empty field passes. The brackets around the plus need no backslash, so the text is the
    same in Setup and in a metadata file.
    """
    if len(field) > LONGEST_FIELD_NAME or not FIELD_NAME.fullmatch(field):
        raise BadFieldName(field)
    expression = f"[+][1-9][0-9]{{{FEWEST_DIGITS - 1},{MOST_DIGITS - 1}}}"
    plain_name = field.removesuffix("__c").replace("__", "_")
    return ValidationRule(
        field=field,
        name=f"{plain_name[:33].rstrip('_')}_E164",
        formula=f'AND(\n  NOT(ISBLANK({field})),\n  NOT(REGEX({field}, "{expression}"))\n)',
        message=_(
            "Write the number with a plus sign, the country code and digits only,"
            " for example +442079460958."
        ),
        notes=(
            _("The field's data type has to be Phone: calls are matched on fields of that type."),
            _(
                "The rule allows {fewest} to {most} digits. The vendor's own expression allows"
                " more, which no number has."
            ).format(fewest=FEWEST_DIGITS, most=MOST_DIGITS),
        ),
    )
