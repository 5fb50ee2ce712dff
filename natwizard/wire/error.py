"""The one way a decoder says no."""


class WireError(ValueError):
    """Bytes that their protocol does not allow; the text says what was expected and seen."""
