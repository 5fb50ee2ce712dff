"""Fuzzes one target, guided by coverage: python -m fuzz.run stun -runs=100000 (tests on the path).

Whatever follows the target's name is libFuzzer's: folders of inputs, -runs, -max_total_time,
-seed. Its own copy of what it finds goes to the first folder named.
"""

import sys
from random import Random

import atheris

READERS = ["natwizard.wire", "natwizard.reflector", "natwizard.probes.connection", "dns"]

with atheris.instrument_imports(include=READERS):
    from fuzz.mutators import mutate_any
    from fuzz.targets import TARGETS

LONGEST_BYTES = 8192


def main() -> None:
    """Fuzz until an input makes the target raise, or until libFuzzer's limits."""
    name = sys.argv.pop(1)
    target = TARGETS[name]

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        chance = Random(seed)
        if chance.random() < 0.3:
            return atheris.Mutate(data, most)
        base = data or chance.choice(target.seeds)
        return mutate_any(target.mutators, base, chance)[:most]

    # libFuzzer calls itself again to merge folders, by the words before its options
    command = f"{sys.executable} -m fuzz.run {name}"
    arguments = [command, f"-max_len={LONGEST_BYTES}", "-timeout=20", *sys.argv[1:]]
    atheris.Setup(arguments, target.run, custom_mutator=mutate)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
