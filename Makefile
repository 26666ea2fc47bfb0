# Everything from a fresh clone: `make demo`, `make test`. Any Python from 3.10 on: make PYTHON=python3.13 …
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PHOTOS ?=
REPORT ?=
DISTRACTORS ?=
ABOUT ?=
WEIGHTS ?=
TRAIN ?=
OUT ?= run
KILLS ?=
MINUTES ?= 110
PEERS ?= .venv-peers
RUNS ?= 5
SAME ?=
WHAT ?= start
BASE ?= v0.1.0
ROUNDS ?= 6
FAIL ?=
HOURS ?=
READERS ?=
ONLY ?=
WAYS ?= uv pipx
WITH ?=

# hnswlib comes as source, and is compiled for the very processor at hand unless this is set: an installation that is
# copied to an older one would then end without a word. To compile for this processor: HNSWLIB_NO_NATIVE= make …
export HNSWLIB_NO_NATIVE ?= 1

# A process of tests for each core; more than eight would need more memory than most machines have.
PARALLEL := -n auto --maxprocesses 8 --dist loadgroup

BENCHES := $(shell sed -nE 's/^(bench-[a-z-]+):.*/\1/p' $(firstword $(MAKEFILE_LIST)))
.PHONY: help demo axe raws test test-long quick test-kernel check lint types format samples train peers picture architecture page-picture review-pictures man soak fuzz try-installs clean $(BENCHES)

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 24

# The core alone: no torch, no download of weights.
$(BIN)/.core: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

# All extras, and what the checks need.
$(BIN)/.dev: $(BIN)/.core
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@

demo: $(BIN)/.core  ## install, index sample_images, query it
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh benchmarks/demo.sh

# What browser tests look for barriers with. It is not ours to publish, and without npm those tests are skipped.
$(VENV)/axe/.fetched: $(BIN)/.dev
	mkdir -p $(@D)
	if command -v npm >/dev/null; then cd $(@D) && npm pack --silent axe-core@4 >/dev/null && touch .fetched; fi

axe: $(VENV)/axe/.fetched  ## fetch axe-core for the browser tests, with npm

RAW = libraw_cffi-0.19.0
$(VENV)/raws/.fetched: $(BIN)/.dev
	mkdir -p $(@D)
	if $(BIN)/python -m pip download --quiet --no-deps --no-binary libraw-cffi --dest $(@D) libraw-cffi==0.19.0; then \
		tar -xzf $(@D)/$(RAW).tar.gz -C $(@D) --strip-components=3 $(RAW)/libraw_cffi/tests/_DSC2164.ARW && touch $@; fi

raws: $(VENV)/raws/.fetched  ## fetch a RAW of a real camera for the tests, with pip

test: $(BIN)/.dev axe raws  ## all extras, then the test suite, but for long tests
	$(BIN)/python -m pytest $(PARALLEL) -m "not long"

test-long: $(BIN)/.dev  ## the long tests: some benchmarks on little material, a training that goes on
	$(BIN)/python -m pytest $(PARALLEL) -m long

quick: $(BIN)/.dev  ## unit and contract tests alone, in about a minute
	$(BIN)/python -m pytest $(PARALLEL) -m "not slow" --durations 5

test-kernel: $(BIN)/.dev  ## disks and shares that this kernel cannot mount, in one that runs as a program: Linux
	$(BIN)/python -m tools.kernel_tests

check: $(BIN)/.dev lint types test  ## what must pass before a commit

lint: $(BIN)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(BIN)/.dev
	$(BIN)/mypy

format: $(BIN)/.dev  ## rewrite the code in the project's format
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

# `bench` brings the peers that the figures are compared with.
$(BIN)/.bench: $(BIN)/.dev
	$(BIN)/python -m pip install --quiet --editable '.[bench]'
	@touch $@

bench-embedders: $(BIN)/.bench  ## recall per edit of every embedder: PHOTOS=dir [DISTRACTORS=dir] [WEIGHTS="sscd=FILE …"] [ORIGINALS=100 MOST_DISTRACTORS=1000 OUTPUT=file.md]
	$(BIN)/python -m benchmarks.models.embedders $(PHOTOS) $(if $(DISTRACTORS),--distractors $(DISTRACTORS)) \
		$(foreach file,$(WEIGHTS),--weights "$(file)") \
		$(if $(ORIGINALS),--originals $(ORIGINALS)) \
		$(if $(MOST_DISTRACTORS),--most-distractors $(MOST_DISTRACTORS)) \
		$(if $(ABOUT),--about "$(ABOUT)") --output $(or $(OUTPUT),docs/embedders-measured.md)

bench-adapt: $(BIN)/.bench  ## does what `adapt` learns help with unseen kinds: KINDS=dir, a folder a kind [ONLY=text]
	$(BIN)/python -m benchmarks.models.adapting $(KINDS) $(if $(ONLY),--only $(ONLY))

bench-bursts: $(BIN)/.bench  ## how many bursts do answers show, with and without `--diverse`: PHOTOS=dir [BURSTS=12] [FRAMES=8] [SEEDS=5]
	$(BIN)/python -m benchmarks.models.bursts $(PHOTOS) $(if $(BURSTS),--bursts $(BURSTS)) \
		$(if $(FRAMES),--frames $(FRAMES)) $(if $(SEEDS),--seeds $(SEEDS))

bench-templates: $(BIN)/.bench  ## do sentences around words find more: PHOTOS=dir, a folder a kind, WEIGHTS=file [MODEL=name] [TOKENIZER=file]
	$(BIN)/python -m benchmarks.models.templates $(PHOTOS) $(if $(WEIGHTS),--weights $(WEIGHTS)) \
		$(if $(MODEL),--model $(MODEL)) $(if $(TOKENIZER),--tokenizer $(TOKENIZER))

bench-regions: $(BIN)/.bench  ## what regions find, per edit: PHOTOS=dir [DISTRACTORS=dir]
	$(BIN)/python -m benchmarks.models.regions $(PHOTOS) $(if $(DISTRACTORS),--distractors $(DISTRACTORS)) \
		$(if $(ABOUT),--about "$(ABOUT)") --output docs/regions-measured.md

bench-region-margin: $(BIN)/.bench  ## the margin of regions: PHOTOS=dir DISTRACTORS=dir, a folder a kind
	$(BIN)/python -m benchmarks.models.regions $(PHOTOS) --distractors $(DISTRACTORS) --by-folder \
		--skip Faces_easy --skip BACKGROUND_Google

bench-region-cost: $(BIN)/.bench  ## what regions cost: PHOTOS=dir
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m benchmarks.models.region_cost $(PHOTOS)

bench-preprocessing: $(BIN)/.bench  ## crop, squash or letterbox: PHOTOS=dir
	$(BIN)/python -m benchmarks.models.preprocessing $(PHOTOS)

calibrate-embedders: $(BIN)/.dev  ## levels of every embedder: TRAIN=dir of tars [PHOTOS=dir to check them on]
	$(BIN)/python -m benchmarks.models.calibrate_embedders $(TRAIN) $(if $(PHOTOS),--check $(PHOTOS))

# Programs that find duplicates, in an environment of their own. Of imagededup the hashes alone are run, so
# the networks it asks for (gigabytes) are not installed.
$(PEERS)/.installed:
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet difPy imagehash pillow scipy PyWavelets tqdm scikit-learn matplotlib
	$(PEERS)/bin/python -m pip install --quiet --no-deps imagededup
	@touch $@

peers: $(PEERS)/.installed  ## install the programs that bench-accuracy and bench-speed compare with

bench-speed: $(BIN)/.bench  ## what indexing costs beside what it cannot do without: PHOTOS=dir [RUNS=5]
	$(BIN)/python -m benchmarks.cost.speed $(PHOTOS) --runs $(RUNS) \
		$(if $(wildcard $(PEERS)/.installed),--peers $(PEERS)/bin/python)

bench-memory: $(BIN)/.bench  ## how much memory 20,000 small, 100 huge and 300 large files take, these in dupes, too: PHOTOS=dir
	$(BIN)/python -m benchmarks.cost.memory $(PHOTOS)

bench-start: $(BIN)/.bench  ## what queries cost from start to end, beside importing numpy
	$(BIN)/python -m benchmarks.cost.start_cost

bench-words: $(BIN)/.bench  ## what `search WORDS` costs among many vectors, beside importing numpy: [COUNT=100000]
	$(BIN)/python -m benchmarks.cost.words_cost $(if $(COUNT),--count $(COUNT))

bench-look: $(BIN)/.bench  ## what a query costs that looks at the nearest: [PHOTO=file]
	$(BIN)/python -m benchmarks.cost.look_cost $(if $(PHOTO),"$(PHOTO)")

bench-apply: $(BIN)/.bench  ## what the check costs that two paths are not one file, over 1,000 files: [RUNS=5]
	$(BIN)/python -m benchmarks.cost.apply_cost --runs $(RUNS)

bench-proof: $(BIN)/.bench  ## what proving copies of 12 megapixels costs, beside decoding them once: PHOTOS=dir [COUNT=12]
	$(BIN)/python -m benchmarks.cost.proof_cost $(PHOTOS) $(if $(COUNT),--count $(COUNT))

bench-turn-margin: $(BIN)/.bench  ## how much farther turned queries must be: PHOTOS=dir DISTRACTORS=dir
	$(BIN)/python -m benchmarks.models.turn_margin $(PHOTOS) --distractors $(DISTRACTORS)

bench-candidates: $(BIN)/.bench  ## which pairs must be looked at, and what all pairs cost: PHOTOS=dir
	$(BIN)/python -m benchmarks.accuracy.candidates $(PHOTOS)

bench-scale: $(BIN)/.bench  ## what an index costs as it grows: [SIZES="10000 100000"] [PHOTOS=dir]
	$(BIN)/python -m benchmarks.scale $(if $(SIZES),--sizes $(SIZES)) $(if $(PHOTOS),--photos $(PHOTOS))

bench-filters: $(BIN)/.bench  ## what a filter costs a search, and whether it is exact: [COUNT=1000000]
	$(BIN)/python -m benchmarks.scale.filter_cost $(if $(COUNT),--count $(COUNT))

bench-store: $(BIN)/.bench  ## an engine beside the files of an index: speed, latency, recall: [COUNT=200000] [KILLS=20]
	$(BIN)/python -m benchmarks.scale.store_cost $(if $(COUNT),--count $(COUNT)) $(if $(KILLS),--kills $(KILLS))

$(BIN)/.libraries: $(BIN)/.bench
	$(BIN)/python -m pip install --quiet --editable '.[libraries]'
	@touch $@

bench-index-libraries: $(BIN)/.libraries  ## our index beside other libraries, on the same vectors: [COUNT=100000]
	$(BIN)/python -m benchmarks.scale.index_libraries $(if $(COUNT),--count $(COUNT))

bench-accuracy: $(BIN)/.bench peers  ## is `dupes` right, beside other programs: PHOTOS=dir [SAME="a.jpg b.jpg"]
	$(BIN)/python -m benchmarks.accuracy $(PHOTOS) --thorough --peers $(PEERS)/bin/python \
		$(if $(SAME),--same $(SAME))

bench-dupes: $(BIN)/.bench  ## what `dupes` costs over 10,000 photographs, a tenth of them copies: PHOTOS=dir
	$(BIN)/python -m benchmarks.cost.dupes_cost $(PHOTOS)

bench-keep: $(BIN)/.bench  ## is the original kept of 24 photographs and 40 kinds of copies: PHOTOS=dir [COUNT=24]
	$(BIN)/python -m benchmarks.keeping $(PHOTOS) $(if $(COUNT),--count $(COUNT))

bench-pairs: $(BIN)/.bench  ## is the comparison of two pictures right, and what does it cost: PHOTOS=dir
	$(BIN)/python -m benchmarks.accuracy.pairs $(PHOTOS)

# matplotlib is used for the typefaces it brings alone: then the same pages are drawn everywhere.
$(BIN)/.typefaces: $(BIN)/.bench
	$(BIN)/python -m pip install --quiet 'matplotlib>=3.9'
	@touch $@

bench-documents: $(BIN)/.typefaces  ## is what differs called a copy: [KINDS="chat,bracket"] [PAIRS=170] [COPIES=40] [SEED=1] [SPLIT=test] [PHOTOS=dir] [JSON=file]
	$(BIN)/python -m benchmarks.documents $(if $(KINDS),--kinds "$(KINDS)") $(if $(PAIRS),--pairs $(PAIRS)) \
		$(if $(COPIES),--copies $(COPIES)) $(if $(SEED),--seed $(SEED)) $(if $(SPLIT),--split $(SPLIT)) \
		$(if $(PHOTOS),--photos $(PHOTOS)) $(if $(JSON),--json $(JSON))

bench-unlisted: $(BIN)/.typefaces  ## are edits proved and found that no bound was chosen on: PHOTOS=dir [COUNT=24] [KINDS="marks;JPEG 3"] [SEED=1] [JSON=file]
	$(BIN)/python -m benchmarks.unlisted $(PHOTOS) --rank $(if $(COUNT),--count $(COUNT)) \
		$(if $(KINDS),--kinds "$(KINDS)") $(if $(SEED),--seed $(SEED)) $(if $(JSON),--json $(JSON))

soak: $(BIN)/.dev  ## is anything lost in libraries where all can go wrong: [COUNT=10000] [FOLDERS=200] [SEED=0]; HOURS=h: under kills, two writers, 100 readers, full disks
	$(if $(HOURS),$(BIN)/python -m benchmarks.torture.siege --hours $(HOURS) $(if $(READERS),--readers $(READERS)) \
		$(if $(SEED),--seed $(SEED)),$(BIN)/python -m benchmarks.torture $(if $(COUNT),--count $(COUNT)) $(if $(FOLDERS),--folders $(FOLDERS)) \
		$(if $(SEED),--seed $(SEED)))

fuzz: $(BIN)/.dev  ## is anything trusted that is read: inputs that lead further are searched for: [MINUTES=10] [SEED=0] [ONLY=image]
	$(BIN)/python -m benchmarks.fuzz $(if $(filter command,$(origin MINUTES)),--minutes $(MINUTES)) \
		$(if $(SEED),--seed $(SEED)) $(if $(ONLY),--only $(ONLY))

bench-decode: $(BIN)/.bench  ## what decoding costs, beside hashing, and by format: PHOTOS=dir
	$(BIN)/python -m benchmarks.cost.decode_cost $(PHOTOS)
	$(BIN)/python -m benchmarks.cost.format_cost $(PHOTOS)

bench-page: $(BIN)/.dev  ## what a page of 2,000 groups costs to write and to look at
	$(BIN)/python -m benchmarks.cost.html_page

bench-watch: $(BIN)/.dev  ## a burst of files in a watched folder: [COUNT=50000]
	$(BIN)/python -m benchmarks.cost.watch_burst $(if $(COUNT),--files $(COUNT))

bench-review: $(BIN)/.dev  ## what `review` costs beside a static page: first group, next group, memory, 100,000 pictures
	$(BIN)/python -m benchmarks.cost.review_cost

# Whatever else was given, such as PHOTOS=dir, goes to the benchmark of both versions.
BESIDE := WHAT BASE ROUNDS FAIL VENV PYTHON PEERS
given = $(foreach name,$(filter-out $(BESIDE),$(.VARIABLES)),$(if \
	$(filter command,$(origin $(name))),'$(name)=$($(name))'))
bench-beside: $(BIN)/.bench  ## a benchmark, on this tree and on another commit: [WHAT=start] [BASE=v0.1.0] [ROUNDS=6] [FAIL=1] …
	$(BIN)/python -m benchmarks.beside $(WHAT) --base $(BASE) --rounds $(ROUNDS) $(if $(FAIL),--fail-if-worse) \
		$(if $(filter accuracy speed,$(WHAT)),PEERS=$(abspath $(PEERS))) $(given)

$(BIN)/.train: $(BIN)/.core
	$(BIN)/python -m pip install --quiet --editable '.[train]'
	@touch $@

train: $(BIN)/.train  ## train the network further, or go on: TRAIN=dir of tars [OUT=run] [MINUTES=110]
	$(BIN)/python training/train.py $(TRAIN)/*.tar --out $(OUT) --minutes $(MINUTES) \
		--pairs training/near_duplicates.tsv --weights training/weights/copydet.safetensors \
		--fix-statistics --rate 5e-4 --small 128

picture: $(BIN)/.core  ## draw docs/terminal.svg and docs/dupes.svg again
	$(BIN)/python -m benchmarks.figures.picture

architecture: $(BIN)/.dev  ## draw docs/architecture.svg and docs/walks.svg again, and write their tables
	$(BIN)/python -m benchmarks.figures.architecture

page-picture: $(BIN)/.dev  ## draw docs/dupes-page.webp again (needs Chromium): [REPORT=file.json]
	$(BIN)/python -m benchmarks.figures.page_picture $(REPORT)

review-pictures: $(BIN)/.dev  ## draw docs/review-*.webp again (needs Chromium)
	$(BIN)/python -m benchmarks.figures.review_pictures

man: $(BIN)/.core  ## write docs/man/*.1 again, from what the help is made of
	$(BIN)/python -m tools.manual_pages

try-installs:  ## install as people do, and use it: [WAYS="uv pipx container"], the last with buildah [WITH="--base IMAGE"]
	$(PYTHON) -m tools.try_installs $(WAYS) $(WITH)

samples: $(BIN)/.core  ## draw sample_images/ again
	$(BIN)/python -m sample_images.generate

clean:
	rm -rf $(VENV) $(PEERS) build/beside .mypy_cache .ruff_cache .pytest_cache .hypothesis
