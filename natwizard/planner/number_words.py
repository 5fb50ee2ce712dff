"""What the checks of telephone numbers say, in plain words."""

from natwizard.model.language import _
from natwizard.planner.numbering import NumberKind
from natwizard.planner.numbers import NumberState, Reason


def reason_words(reason: Reason) -> str:  # noqa: C901 - one line a reason
    """One sentence: why a number is not valid as it stands."""
    match reason:
        case Reason.COUNTRY_CODE_MISSING:
            return _("The country code is missing.")
        case Reason.PLUS_MISSING:
            return _("The plus sign is missing.")
        case Reason.DIALLING_PREFIX:
            return _("It starts with a dialling prefix instead of a plus sign.")
        case Reason.TRUNK_PREFIX:
            return _("A national prefix follows the country code.")
        case Reason.SYMBOLS:
            return _("It holds spaces or other symbols.")
        case Reason.OTHER_TEXT:
            return _("There is other text around the number.")
        case Reason.LETTERS:
            return _("It is written with letters.")
        case Reason.EXTENSION:
            return _("It holds an extension, which E.164 has no room for.")
        case Reason.SPREADSHEET_DECIMAL:
            return _("A spreadsheet has added a decimal.")
        case Reason.EMPTY:
            return _("There is no number.")
        case Reason.NOT_A_NUMBER:
            return _("This is not a telephone number.")
        case Reason.NO_COUNTRY_CHOSEN:
            return _("The country code is missing, and no default country is set.")
        case Reason.UNKNOWN_COUNTRY_CODE:
            return _("No country has this country code.")
        case Reason.TOO_SHORT:
            return _("It is too short for its country.")
        case Reason.TOO_LONG:
            return _("It is too long for its country.")
        case Reason.TOO_MANY_DIGITS:
            return _("It has more than 15 digits.")
        case Reason.WRONG_LENGTH:
            return _("No number of its country has this length.")
        case Reason.AREA_CODE_MISSING:
            return _("The area code is missing.")
        case Reason.NOT_IN_PLAN:
            return _("Its country has no such number.")
        case Reason.SEVERAL:
            return _("There is more than one number.")
        case Reason.SPREADSHEET_POWER:
            return _("A spreadsheet has rounded it, and digits are lost.")


def state_words(state: NumberState) -> str:
    """How a number stands, in a word or two."""
    match state:
        case NumberState.VALID:
            return _("Valid")
        case NumberState.CORRECTABLE:
            return _("Can be corrected")
        case NumberState.INVALID:
            return _("Not valid")
        case NumberState.EMPTY:
            return _("Empty")


def kind_words(kind: NumberKind) -> str:  # noqa: C901 - one line a kind
    """What a number is for."""
    match kind:
        case NumberKind.PREMIUM_RATE:
            return _("premium rate")
        case NumberKind.TOLL_FREE:
            return _("toll-free")
        case NumberKind.SHARED_COST:
            return _("shared cost")
        case NumberKind.VOIP:
            return _("internet telephony")
        case NumberKind.PERSONAL:
            return _("personal")
        case NumberKind.PAGER:
            return _("pager")
        case NumberKind.COMPANY:
            return _("company")
        case NumberKind.VOICEMAIL:
            return _("voicemail")
        case NumberKind.FIXED_LINE_OR_MOBILE:
            return _("fixed line or mobile")
        case NumberKind.FIXED_LINE:
            return _("fixed line")
        case NumberKind.MOBILE:
            return _("mobile")
