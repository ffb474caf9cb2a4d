# nevod -- a thin front to meson and ninja.  `make help` lists the targets.
#
# BUILD   build folder (build)         CC   compiler (the system's cc)
# FUZZ_SECONDS  for each target of `make fuzz` (600)
# OPTS    options of `make run`, beside its small defaults, and of `make bench`

BUILD ?= build
OPTS ?=
FUZZ_SECONDS ?= 600
FAULTS ?= 500
SEED ?= 1
RUN_DEFAULTS = --budget-pflop 0.02 --rungs 2 --train-limit 6000 --seed 1

.PHONY: help build install deb run test soak chaos test-cluster test-install test-arm64 valgrind check fuzz-http \
	tsan soak-mixed \
	check-api fmt docs examples pictures fuzz golden \
	bench bench-accuracy bench-conv bench-data bench-fidelity bench-landscapes \
	bench-loader bench-luck bench-neat \
	bench-neat-cnn bench-rates bench-recipes bench-search bench-web bench-work clean

help:
	@echo 'make build   install what the build needs, compile build/nevod'
	@echo 'make install   the executable, manual, completions, units (PREFIX=/usr/local)'
	@echo 'make deb     the Debian package, in build-deb/'
	@echo 'make run     build, then evolve CNNs on Fashion-MNIST'
	@echo '             (OPTS="--population 20 ..." changes the settings)'
	@echo 'make test    install what the tests need, build, run every test'
	@echo 'make soak    a run of 2,000 evaluations: nothing grows, nothing is left over'
	@echo 'make soak-mixed   load of every kind for an hour: no service grows'
	@echo '             (MINUTES=60 SEED=1)'
	@echo 'make chaos   kills, stops, cuts, lies and full disks while runs go on (FAULTS=500 SEED=1);'
	@echo '             ON="http queue queue3 postgres queue,postgres": on these, one after another'
	@echo 'make test-cluster   docs/cluster.md as written, between network namespaces'
	@echo '             (needs root)'
	@echo 'make test-install   the package on a bare Debian, by docs/operations.md (needs root)'
	@echo 'make test-arm64   kernels, compiled for arm64, under qemu'
	@echo 'make valgrind     the tests of nn, model and data under memcheck'
	@echo 'make check   layers, formatting, warnings of clang, types of the dashboard'
	@echo 'make check-api   the OpenAPI documents by two linters and a proxy, a client of them'
	@echo 'make fmt     format the C sources'
	@echo 'make docs    write docs/settings.md from the tables of settings'
	@echo 'make examples   record an example of each answer for api/examples.json'
	@echo 'make pictures   photograph the views of the dashboard for docs/, in some minutes'
	@echo 'make fuzz    feed broken input to every reader (FUZZ_SECONDS=600 each)'
	@echo 'make fuzz-http   what a stranger could send to each service (N=100000 requests, SEED=1)'
	@echo 'make tsan    strangers and some tests against services under the thread sanitizer'
	@echo '             (N=100000 requests, SEED=1)'
	@echo 'make golden  ask PyTorch anew for the numbers in tests/nn/golden/'
	@echo 'make bench   training speed against PyTorch, in a quarter of an'
	@echo '             hour (OPTS="--rounds 3 --nets net1" is shorter), and'
	@echo '             20 runs of classic NEAT a row'
	@echo 'make bench-accuracy   accuracy after an epoch against PyTorch'
	@echo 'make bench-conv   single convolutions, ours and those of oneDNN'
	@echo 'make bench-data   import of a large set, and training on it'
	@echo 'make bench-loader   picture folders, beside the DataLoader of PyTorch'
	@echo 'make bench-fidelity   what a score at each rung tells of a network'
	@echo 'make bench-landscapes   ways of breeding on made-up landscapes, in seconds'
	@echo 'make bench-luck   what of a score is the luck of its seed'
	@echo 'make bench-neat   classic NEAT on the tables of its paper, 100 runs a row'
	@echo 'make bench-neat-cnn   NEAT, truncation and random search, side by side'
	@echo 'make bench-rates      champions in long trainings, at parts of their learning rate'
	@echo 'make bench-recipes    what the parts of a training recipe are worth'
	@echo 'make bench-work       how well operations foretell the time of a training'
	@echo 'make bench-search     what a CPU-minute finds, beside Optuna and nets by hand'
	@echo 'make bench-web        the dashboard with a run of 100,000 genomes: medians of five'
	@echo 'make clean   remove the build folders'

build:
	@tools/install-deps build
	@tools/fetch-npm web
	@test -f $(BUILD)/build.ninja || meson setup $(BUILD)
	@ninja -C $(BUILD)

# PREFIX (/usr/local) and DESTDIR as everywhere; of a build for another prefix
# the folder is another one.
PREFIX ?= /usr/local
install:
	@tools/install-deps build
	@tools/fetch-npm web
	@test -f build-install/build.ninja || meson setup build-install
	@meson configure build-install --prefix=$(PREFIX)
	@ninja -C build-install nevod
	@DESTDIR=$(DESTDIR) meson install -C build-install --no-rebuild

deb:
	@tools/make-deb

run: build
	@tools/install-deps run
	$(BUILD)/nevod evolve --dataset fashion-mnist $(RUN_DEFAULTS) $(OPTS)

test: build
	@tools/install-deps test
	@tools/fetch-npm tests/s3
	@tools/fetch-npm tests/deploy
	@tools/run-tests $(BUILD)

soak: build
	@NEVOD_EXE=$(abspath $(BUILD))/nevod \
		node --test --test-reporter=spec tests/soak/*.test.mjs

MINUTES ?= 60
soak-mixed: build
	@tools/install-deps test
	@NEVOD_EXE=$(abspath $(BUILD))/nevod node tests/soak/mixed.mjs $(MINUTES) $(SEED)

chaos: build
	@tools/install-deps test
	@tests/chaos/run $(BUILD)/nevod $(FAULTS) $(SEED) "$(KINDS)" $(ON)

test-cluster: build
	@tools/install-deps test
	@tests/cluster/namespaces $(BUILD)/nevod

test-install: build
	@tools/install-deps deb install
	@tests/install/stranger

test-arm64: build
	@tools/install-deps arm64
	@tools/test-arm64 $(BUILD)

valgrind: build
	@tools/install-deps valgrind
	@tools/run-valgrind $(BUILD)

check: build
	@tools/install-deps check
	@tools/check-layers
	@tools/check-format
	@tools/check-hardening $(BUILD)/nevod
	@test -f build-clang/build.ninja || CC=clang meson setup build-clang
	@ninja -C build-clang
	@tools/check-web $(BUILD)/src/service/pages/broker.json

check-api: build
	@tools/check-api $(abspath $(BUILD))

fmt:
	@tools/install-deps check
	@find src tests fuzz bench -name '*.[ch]' 2>/dev/null | \
		xargs clang-format -i

docs: build
	@$(BUILD)/src/wire/print_schemas --settings >docs/settings.md

# What is recorded is an example only of a document that the tests hold to.
examples: build
	@NEVOD_EXE=$(abspath $(BUILD))/nevod NEVOD_RECORD_EXAMPLES=$(abspath api)/examples.json \
		node --test tests/e2e/schema.test.mjs

pictures: build
	@tools/install-deps test
	@NEVOD_EXE=$(abspath $(BUILD))/nevod NEVOD_TEST_PATIENCE=10 \
		node tests/e2e/pictures.mjs docs/pictures $(OPTS)

fuzz:
	@tools/install-deps build check
	@tools/run-fuzz $(FUZZ_SECONDS)

N ?= 100000
fuzz-http:
	@tools/install-deps build test
	@tests/strangers/run $(N) $(SEED)

tsan:
	@tools/install-deps build test
	@tools/run-tsan $(N) $(SEED)

# Debian's PyTorch belongs to Debian's python3, whatever else is in PATH.
golden:
	@tools/install-deps golden
	@/usr/bin/python3 tests/nn/golden/make_golden.py

bench: build
	@tools/install-deps bench
	@/usr/bin/python3 bench/compare.py $(BUILD)/nevod $(OPTS)
	@bench/neat $(BUILD)/nevod 20

bench-accuracy: build
	@tools/install-deps bench
	@/usr/bin/python3 bench/accuracy.py $(BUILD)/nevod $(OPTS)

bench-conv: build
	@tools/install-deps bench-conv
	@ninja -C $(BUILD) bench/bench_conv
	@for class in avx512-2 avx2-2 simd128-2; do \
		$(BUILD)/bench/bench_conv $$class || [ $$? -eq 77 ] || exit 1; \
	done

bench-data: build
	@tools/install-deps bench-data
	@/usr/bin/python3 bench/data.py $(BUILD)/nevod $(OPTS)

bench-loader: build
	@tools/install-deps bench-loader
	@/usr/bin/python3 bench/loader.py $(BUILD)/nevod $(OPTS)

bench-landscapes: build
	@ninja -C $(BUILD) bench/bench_landscapes
	@$(BUILD)/bench/bench_landscapes $(OPTS)

bench-neat: build
	@bench/neat $(BUILD)/nevod 100

bench-neat-cnn: build
	@tools/install-deps run
	@/usr/bin/python3 bench/neat_cnn.py $(BUILD)/nevod $(OPTS)

bench-recipes: build
	@tools/install-deps run
	@/usr/bin/python3 bench/recipes.py $(BUILD)/nevod $(OPTS)

bench-fidelity: build
	@tools/install-deps run
	@/usr/bin/python3 bench/fidelity.py $(BUILD)/nevod $(OPTS)

bench-luck: build
	@tools/install-deps run
	@/usr/bin/python3 bench/luck.py $(BUILD)/nevod $(OPTS)

bench-rates: build
	@tools/install-deps run
	@/usr/bin/python3 bench/rates.py $(BUILD)/nevod $(OPTS)

bench-work: build
	@tools/install-deps run
	@/usr/bin/python3 bench/work.py $(BUILD)/nevod $(OPTS)

bench-search: build
	@tools/install-deps search
	@/usr/bin/python3 bench/search.py $(BUILD)/nevod $(OPTS)

bench-web: build
	@tools/install-deps test
	@node bench/web.mjs $(BUILD)/nevod $(BUILD)/bench/big_run $(OPTS)

clean:
	rm -rf build build-*
