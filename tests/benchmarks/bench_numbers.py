"""Rows a second of `natwizard plan numbers --file` beside a plain loop of phonenumbers.

Not a test: python tests/benchmarks/bench_numbers.py [rows]. Both read and write the same CSV
file, one after the other in the same process, three times; the best of each counts.
"""

import csv
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

from natwizard.planner.number_file import check_file, find_columns
from natwizard.planner.numbers import NumberChecker
from natwizard.planner.table_file import recognise

ROUNDS = 3
MIXES = {"one country, all clean": 0.0, "all countries, 10 % to correct": 0.1}


def write_contacts(path: Path, rows: int, dirty: float) -> None:
    """Contacts with clean numbers, and a share of numbers that need correcting."""
    chance = random.Random(7)
    examples = [
        phonenumbers.format_number(number, PhoneNumberFormat.E164)
        for region in sorted(phonenumbers.SUPPORTED_REGIONS)
        if (number := phonenumbers.example_number_for_type(region, 1)) is not None
    ]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("Id", "Name", "Phone"))
        for row in range(rows):
            phone = f"+4420794{chance.randrange(100_000):05d}"
            if dirty and chance.random() < 0.5:
                phone = chance.choice(examples)
            if chance.random() < dirty:
                phone = f"020 7946 {chance.randrange(10_000):04d}"
            writer.writerow((row, f"Desk A, {row}", phone))


def plain_loop(source: Path, target: Path) -> None:
    """What a script of ten lines would do."""
    with (
        source.open(encoding="utf-8", newline="") as file,
        target.open("w", encoding="utf-8", newline="") as sink,
    ):
        reader, writer = csv.reader(file), csv.writer(sink)
        writer.writerow((*next(reader), "valid", "e164", "country", "type"))
        for row in reader:
            try:
                number = phonenumbers.parse(row[2], "GB")
            except NumberParseException:
                writer.writerow((*row, "false", "", "", ""))
                continue
            valid = phonenumbers.is_valid_number(number)
            writer.writerow(
                (
                    *row,
                    valid,
                    phonenumbers.format_number(number, PhoneNumberFormat.E164),
                    phonenumbers.region_code_for_number(number),
                    phonenumbers.number_type(number),
                )
            )


def ours(source: Path, target: Path) -> None:
    """The same through natwizard, reasons and counts included."""
    checker = NumberChecker("GB")
    with source.open("rb") as file, target.open("wb") as sink:
        form = recognise(file)
        check_file(file, sink, form, find_columns(form, checker, header=None), checker)


def best_rate(work: Callable[[Path, Path], None], source: Path, target: Path, rows: int) -> float:
    """Rows a second of the best of some rounds."""
    rates = []
    for _round in range(ROUNDS):
        started = time.perf_counter()
        work(source, target)
        rates.append(rows / (time.perf_counter() - started))
    return max(rates)


def main(rows: int) -> None:
    """Print one line for each mix of numbers."""
    with tempfile.TemporaryDirectory() as folder:
        for name, dirty in MIXES.items():
            source, target = Path(folder, "in.csv"), Path(folder, "out.csv")
            write_contacts(source, rows, dirty)
            # once more with the library's own cache, which natwizard switches on
            plain = best_rate(plain_loop, source, target, rows)
            rate = best_rate(ours, source, target, rows)
            cached = best_rate(plain_loop, source, target, rows)
            sys.stdout.write(
                f"{name}: natwizard {rate:,.0f} rows/s, plain loop {plain:,.0f} rows/s"
                f" (ratio {rate / plain:.1f}), with pattern cache {cached:,.0f} rows/s"
                f" (ratio {rate / cached:.1f})\n"
            )
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sys.stdout.write(f"peak memory of the whole process: {peak_kb / 1024:.0f} MiB\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
