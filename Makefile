# nevod -- a thin front to meson and ninja.  `make help` lists the targets.
#
# BUILD   build folder (build)         CC   compiler (the system's cc)
# OPTS    options of `make run`, beside its small defaults

BUILD ?= build
OPTS ?=
RUN_DEFAULTS = --population 8 --generations 3 --epochs 1 --train-limit 6000 \
	--final-epochs 3 --seed 1

.PHONY: help build run test check fmt bench bench-neat clean

help:
	@echo 'make build   install what the build needs, compile build/nevod'
	@echo 'make run     build, then evolve CNNs on Fashion-MNIST'
	@echo '             (OPTS="--population 20 ..." changes the settings)'
	@echo 'make test    install what the tests need, build, run every test'
	@echo 'make check   layers, formatting, warnings of clang'
	@echo 'make fmt     format the C sources'
	@echo 'make bench   time one genome of each of three sizes'
	@echo 'make bench-neat  classic NEAT on the tables of its paper'
	@echo 'make clean   remove the build folders'

build:
	@tools/install-deps build
	@tools/fetch-web
	@test -f $(BUILD)/build.ninja || meson setup $(BUILD)
	@ninja -C $(BUILD)

run: build
	@tools/install-deps run
	$(BUILD)/nevod evolve --dataset fashion-mnist $(RUN_DEFAULTS) $(OPTS)

test: build
	@tools/install-deps test
	@tools/run-tests $(BUILD)

check:
	@tools/install-deps check
	@tools/check-layers
	@tools/check-format
	@test -f build-clang/build.ninja || CC=clang meson setup build-clang
	@ninja -C build-clang

fmt:
	@tools/install-deps check
	@find src tests fuzz bench -name '*.[ch]' 2>/dev/null | \
		xargs clang-format -i

bench: build
	@tools/install-deps run
	@node bench/genomes.mjs $(BUILD)/nevod

bench-neat: build
	@bench/neat $(BUILD)/nevod

clean:
	rm -rf build build-*
