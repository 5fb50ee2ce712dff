# Everything a developer or CI runs. `make demo` and `make test` need nothing but
# Python 3.11 to 3.13; they make the environment themselves.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
INSTALL_PACKAGES := packaging/linux/install-packages.sh
UNPACK_PACKAGES := packaging/linux/unpack-packages.sh
# some containers forbid to keep compiled modules: each of the many starts of the program that the
# tests make, and each of five collections of them, would compile everything anew
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo system-python test test-oracles test-voice healthy-calls lint unit bench healthy-runs bench-attack fuzz mutants audit public-servers packages profile-reference translations screenshots walk \
    constraints clean build-packages freeze selftest installer-linux installer-windows test-windows

demo: $(READY)
	$(INSTALL_PACKAGES) packaging/linux/run-packages.txt
	$(BIN)/natwizard demo --pdf report.pdf --json report.json
	$(BIN)/natwizard demo --shipped --pdf report-shipped.pdf --json report-shipped.json

test: packages lint unit

# once more with the system's own Python, which is not the one that comes first in the path everywhere
system-python:
	$(MAKE) demo VENV=.venv-system PYTHON=/usr/bin/python3
	.venv-system/bin/pytest -n 4 --tb=native -m "not windows and not quiet and not lab" tests/probes

lint: $(READY)
	$(BIN)/ruff format --check natwizard tests packaging
	$(BIN)/ruff check natwizard tests packaging
	$(BIN)/mypy
	$(BIN)/mypy --platform win32
	$(BIN)/mypy --platform darwin
	$(BIN)/lint-imports

# four at a time, for most of them wait for packets and browsers; then those that measure time, which
# want the machine to themselves. Both parts run to their end, so that one run tells everything.
unit: $(READY) build/axe
	failed=0; \
	$(BIN)/pytest -n 4 -m "not windows and not voice and not quiet" || failed=1; \
	$(BIN)/pytest -m "quiet and not windows and not voice" || failed=1; \
	exit $$failed

# every voice and every fault of a microphone, in both browsers
test-voice: packages $(READY)
	$(BIN)/pytest -m voice

# ten healthy headset tests and calls in each browser, none of which may have a finding
healthy-calls: packages $(READY)
	$(BIN)/python -m tests.benchmarks.healthy_calls

# stands apart from the tests: prints tables, takes some minutes, wants an idle machine and irtt
bench: $(READY)
	$(BIN)/python -m tests.benchmarks.bench_startup
	$(BIN)/python -m tests.benchmarks.bench_media
	$(BIN)/python -m tests.benchmarks.bench_numbers
	$(BIN)/python -m tests.benchmarks.bench_pdf
	$(BIN)/python -m tests.benchmarks.bench_start
	$(BIN)/python -m tests.benchmarks.bench_fleet
	$(BIN)/python -m tests.benchmarks.bench_share
	$(BIN)/python -m tests.benchmarks.bench_reflector

# ten whole runs of each kind where nothing is wrong: how long they take, and no row red or unknown
healthy-runs: packages $(READY)
	PYTHONPATH=tests $(BIN)/python -m tests.benchmarks.bench_runs

# a thousand hostile addresses, five thousand connections, a flood of junk; Linux, two minutes
bench-attack: $(READY)
	$(BIN)/python -m tests.benchmarks.bench_attack

# every decoder that reads what strangers send, each for FUZZ_S seconds; `make test` has a short
# run. What is found goes into tests/fuzz/corpus, less what goes no new way through the code.
FUZZ_S ?= 600
FUZZ_TARGETS ?= stun stamp sip mirror lines udp dns answer head

fuzz: $(READY)
	for target in $(FUZZ_TARGETS); do \
	    mkdir -p build/fuzz/$$target tests/fuzz/corpus/$$target && \
	    PYTHONPATH=tests $(BIN)/python -m fuzz.run $$target -max_total_time=$(FUZZ_S) \
	        -artifact_prefix=build/fuzz/$$target- build/fuzz/$$target tests/fuzz/corpus/$$target \
	    && PYTHONPATH=tests $(BIN)/python -m fuzz.run $$target -merge=1 \
	        tests/fuzz/corpus/$$target build/fuzz/$$target || exit 1; \
	done

# known vulnerabilities (asks the internet) and licences of all that the lists name
audit: $(READY)
	$(PYTHON) -m venv build/audit
	build/audit/bin/pip install --quiet --require-hashes -r constraints-build.txt
	$(BIN)/python packaging/audit.py build/audit/bin/pip-audit

# asks each server that the shipped profile names once (needs the internet), and all of them again
# later if one is silent: some sleep until they are asked
ASK_AGAIN_S ?= 600

public-servers: $(READY)
	$(INSTALL_PACKAGES) packaging/linux/run-packages.txt
	$(BIN)/natwizard profile check --live || \
	    { sleep $(ASK_AGAIN_S) && $(BIN)/natwizard profile check --live; }

# small faults, one at a time, in a copy of the project: which do the tests let live? An hour or two
MUTANTS ?= 200
SEED ?= 1
PART ?= 1/1
UNDER ?= natwizard
LIMIT_S ?= 300
KNOWN ?= --known
TESTS ?=

mutants: $(READY)
	PYTHONPATH=tests $(BIN)/python -m mutants.run $(KNOWN) --count $(MUTANTS) --seed $(SEED) \
	    --part $(PART) --under $(UNDER) --limit $(LIMIT_S) $(if $(TESTS),--tests $(TESTS))

packages:
	$(INSTALL_PACKAGES) packaging/linux/run-packages.txt packaging/linux/test-packages.txt \
	    packaging/linux/freeze-packages.txt
	$(UNPACK_PACKAGES) packaging/linux/unpacked-packages.txt build/unpacked

build-packages:
	$(INSTALL_PACKAGES) packaging/linux/run-packages.txt packaging/linux/freeze-packages.txt \
	    packaging/linux/build-packages.txt

# what people install; each step also runs by hand: packaging/build.py --help
freeze: $(READY)
	$(BIN)/python packaging/build.py freeze

selftest: $(READY)
	$(BIN)/python packaging/build.py freeze selftest

installer-linux: $(READY) build-packages
	$(BIN)/python packaging/build.py freeze selftest deb rpm portable sbom

# on Linux, under wine; needs Python 3.11.7, the version of the Windows library
installer-windows: $(READY) build-packages
	$(BIN)/python packaging/build.py windows-python freeze selftest sign installer portable verify \
	    sbom --target windows

test-windows: $(READY) build-packages
	$(BIN)/python packaging/build.py windows-suite --target windows
	$(BIN)/pytest -m windows -o faulthandler_timeout=600 tests/packaging

# other people's engines that are too large for every environment: ClickHouse for the views of
# packaging/fleet; and a grammar of PowerShell for the scripts of the guides
test-oracles: $(READY)
	$(BIN)/pip install --quiet --require-hashes -r constraints-oracles.txt
	$(BIN)/pytest -o timeout=600 -o faulthandler_timeout=590 tests/fleet/test_clickhouse.py \
	    tests/docs/test_scripts_of_guides.py

profile-reference: $(READY)
	$(BIN)/python packaging/profile_reference.py > docs/profile-reference.md

# after any change of a text; then translate what `packaging/translations.py missing` lists
translations: $(READY)
	$(BIN)/python packaging/translations.py update
	-$(BIN)/python packaging/translations.py missing

# an agent's first run, a helpdesk's session and an administrator's day as pictures, each language
walk: $(READY) packages
	PYTHONPATH=tests $(BIN)/python -m gui.walk

screenshots: $(READY) packages
	for scale in 1 1.5 2; do $(BIN)/python tests/gui/pictures.py $$scale || exit 1; done
	$(BIN)/python tests/gui/desk_pictures.py
	$(BIN)/python tests/fleet/picture.py
	PYTHONPATH=tests $(BIN)/python -m computers.headset_page build/headset-page
	mkdir -p docs/screenshots
	cp build/screenshots/01-welcome-light-1x.png docs/screenshots/welcome.png
	cp build/screenshots/02-running-udp_media-light-1x.png docs/screenshots/running.png
	cp build/screenshots/03-06-webphone_port-light-1x.png docs/screenshots/webphone-port.png
	cp build/screenshots/04-summary-bad-light-1x.png docs/screenshots/summary-not-ready.png
	cp build/screenshots/04-summary-bad-dark-1x.png docs/screenshots/summary-not-ready-dark.png
	cp build/screenshots/04-summary-bad-high_contrast-1x.png docs/screenshots/summary-high-contrast.png
	cp build/screenshots/04-summary-good-light-1x.png docs/screenshots/summary-ready.png
	cp build/screenshots/10-history-light.png docs/screenshots/history.png
	cp build/screenshots/11-compare-light.png docs/screenshots/compare.png
	cp build/screenshots/12-watch-light.png docs/screenshots/watch.png
	cp build/screenshots/07-administrator-light-1x.png docs/screenshots/administrator.png
	cp build/screenshots/08-1-planner-storage-light-1x.png docs/screenshots/planner-storage.png
	cp build/screenshots/08-6-planner-checklist-light-1x.png docs/screenshots/planner-checklist.png
	cp build/screenshots/04-summary-offline-light-1x.png docs/screenshots/summary-offline.png
	cp build/screenshots/10-opened-light-1x.png docs/screenshots/opened-report.png
	cp build/screenshots/11-settings-03-light-1x.png docs/screenshots/settings.png
	cp build/screenshots/12-sharing-welcome-light-1x.png docs/screenshots/sharing.png
	cp build/screenshots/fleet.png docs/screenshots/fleet.png

constraints: $(READY)
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --upgrade \
	    --no-emit-index-url --no-annotate --no-header --extra dev pyproject.toml -o constraints.txt

	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-annotate --no-header --extra oracles -c constraints.txt \
	    pyproject.toml -o constraints-oracles.txt
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-annotate --no-header --extra build -c constraints.txt \
	    pyproject.toml -o constraints-build.txt
	$(BIN)/uv pip compile --python-version 3.13 --python-platform linux --generate-hashes \
	    --no-emit-index-url --no-annotate --no-header -c constraints.txt \
	    packaging/reflector/requirements.in -o packaging/reflector/requirements.txt

# axe-core, which examines the HTML report in a real browser
build/axe: constraints-axe.txt $(READY)
	$(BIN)/pip install --quiet --no-deps --require-hashes --upgrade --target $@ -r constraints-axe.txt
	touch $@

$(READY): constraints.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes -r constraints.txt
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
