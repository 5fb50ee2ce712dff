"""The threads on which windows measure, as tests look whether one is left."""

import threading

LOADING_S = 30


class ProbeThreads:
    """Where the windows of one test measure. What a test before it left behind is not looked at."""

    def __init__(self) -> None:
        self._before = set(threading.enumerate())

    def left(self) -> list[threading.Thread]:
        """Those that do not end. One that was just loading something ends when it has."""
        begun = [each for each in threading.enumerate() if each.name == "probes"]
        own = [each for each in begun if each not in self._before]
        for each in own:
            each.join(LOADING_S)
        return [each for each in own if each.is_alive()]
