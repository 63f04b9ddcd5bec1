# Lethe: build, test and look after. `make help` lists the targets.
CC      ?= cc
BUILD   ?= build
PREFIX  ?= /usr/local
LIBDIR  ?= $(PREFIX)/lib
OPT     ?= -O2 -g
READLINE ?= 1
MPI     ?= 0
OPENMP  ?= -lgomp

WARN = -Wall -Wextra -Wshadow -Wconversion -Wvla -Wstrict-prototypes -Wmissing-prototypes
REAL = -std=c11 -D_GNU_SOURCE -ffp-contract=off -fno-math-errno -fno-trapping-math -pthread -MMD -MP
CPPFLAGS += -Iinclude -Isrc -I. -I$(BUILD)/gen -DLETHE_READLINE=$(READLINE)
CFLAGS_ALL = $(REAL) $(OPT) $(WARN) $(SAN) $(CFLAGS)
# The library also serves as a shared one: its calls to itself are direct, and only what the public
# headers declare is seen from outside.
VERSION := $(shell sed -n 's/^.define LETHE_VERSION "\(.*\)"/\1/p' include/lethe/lethe.h)
SONAME  := liblethe.so.$(firstword $(subst ., ,$(VERSION)))
$(BUILD)/src/%.o: REAL += -fPIC -fno-semantic-interposition
# oneDNN brings OpenMP, which is told to stay on one thread; elsewhere it may be -lomp.
LIBS = -ldnnl $(OPENMP) -lopenblas -lcjson -lprotobuf-c -lz -lzip -lpng -ljpeg -lnettle -lm -lpthread
# With MPI=1 mpirun can spread models over processes and machines; one file knows it.
MPICC  ?= mpicc
LINK   := $(if $(filter 1,$(MPI)),$(MPICC),$(CC))
UI_LIBS = -lncursesw -ltinfo $(if $(filter 1,$(READLINE)),-lreadline)

# Tests are linked by the quicker linker where it is there, and without debugging symbols unless a
# sanitizer names lines: two thirds of the time of some 170 links.
QUICK  := $(if $(shell command -v ld.gold 2>/dev/null),-fuse-ld=gold) $(if $(SAN),,-Wl,--strip-debug)

# As many jobs at once as processors; JOBS=1 for one.
JOBS ?= $(shell nproc 2>/dev/null || echo 2)
export JOBS
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(JOBS)
endif

# Commands are shown short; V=1 shows them whole.
ifeq ($(V),)
Q = @
say = @printf '  %-5s %s\n' $(1) $(2)
endif

# Files in src/nn/ops hold numerical kernels: compiled once for float, once for double.
TWICE   := $(sort $(wildcard src/nn/ops/*.c))
# Files in src/codec/lanes are compiled once per instruction set; the processor chooses at run time.
LANES   := $(sort $(wildcard src/codec/lanes/*.c))
X86     := $(filter x86_64-% amd64-%,$(shell $(CC) -dumpmachine))
LANES_SETS = base $(if $(X86),avx2 avx512)
LANES_OBJ  = $(foreach set,$(LANES_SETS),$(LANES:%.c=$(BUILD)/%.$(set).o))
# The library ends with the room `study`; workbench and cmd are of the program.
APP_SRC := $(sort $(wildcard src/workbench/*.c src/cmd/*.c))
LIB_SRC := $(filter-out $(TWICE) $(APP_SRC),$(sort $(wildcard src/*/*.c src/unlearn/methods/*.c)))
UI_SRC  := $(filter-out ui/main.c,$(sort $(wildcard ui/*.c ui/*/*.c)))
LIB_OBJ  = $(LIB_SRC:%.c=$(BUILD)/%.o) $(LANES_OBJ) $(TWICE:%.c=$(BUILD)/%.f32.o) $(TWICE:%.c=$(BUILD)/%.f64.o) \
           $(if $(wildcard src/onnx/*.c),$(BUILD)/gen/onnx.pb-c.o)
APP_OBJ  = $(APP_SRC:%.c=$(BUILD)/%.o)
UI_OBJ   = $(UI_SRC:%.c=$(BUILD)/%.o)
UNIT_SRC := $(sort $(wildcard tests/unit/*/*.c))
UNIT_BIN  = $(UNIT_SRC:tests/unit/%.c=$(BUILD)/tests/%)
SHIM      = $(BUILD)/tests/faults.so
TOOL_BIN  = $(patsubst tests/eval/%.c,$(BUILD)/tests/tool/%,$(sort $(wildcard tests/eval/*.c)))
BENCH_SRC := $(sort $(wildcard tests/bench/*.c))
BENCH_BIN  = $(BENCH_SRC:tests/bench/%.c=$(BUILD)/bench/%)
SUPPORT_OBJ = $(patsubst %.c,$(BUILD)/%.o,$(sort $(wildcard tests/support/*.c)))

.PHONY: all run test figures models zoo faults bench bench-networks lint san install clean help setup check fuzz deb dist
all: setup
	@$(MAKE) --no-print-directory $(BUILD)/lethe $(BUILD)/liblethe.a $(BUILD)/liblethe.so

setup:
	@MPI=$(MPI) .ci/setup build

run: all
	@if [ -t 0 ] && [ -t 1 ]; then $(BUILD)/lethe --tui sample_models/digits-mlp; \
	else $(BUILD)/lethe -f sessions/first-light.lethe; fi

test: all
	@$(MAKE) --no-print-directory check

check: $(UNIT_BIN) $(TOOL_BIN) $(SHIM) $(BUILD)/lethe
	@BUILD=$(BUILD) tests/run.sh $(UNIT_BIN)

# What PyTorch, numpy, another runtime and MPI say to the same, where they are installed; programs
# built against the installed library; packages; the longest walks over blankets and faults.
figures: setup
	@$(MAKE) --no-print-directory $(BUILD)/lethe $(TOOL_BIN) $(SHIM)
	@BUILD=$(BUILD) LETHE_TESTS=figures tests/run.sh

$(BUILD)/liblethe.a: $(LIB_OBJ)
	@rm -f $@
	$(call say,AR,$@)
	$(Q)$(AR) rcs $@ $^

$(BUILD)/libprogram.a: $(APP_OBJ)
	@rm -f $@
	$(call say,AR,$@)
	$(Q)$(AR) rcs $@ $^

$(BUILD)/gen/liblethe.map: $(wildcard include/lethe/*.h)
	@mkdir -p $(@D)
	@{ echo '{ global:'; grep -oh '\blethe_[a-z0-9_]* *(' $^ | tr -d ' (' | sort -u | sed 's/$$/;/'; echo 'local: *; };'; } >$@

$(BUILD)/liblethe.so.$(VERSION): $(LIB_OBJ) $(BUILD)/gen/liblethe.map
	$(call say,LINK,$@)
	$(Q)$(LINK) $(CFLAGS_ALL) -shared -Wl,-soname,$(SONAME) -Wl,--version-script=$(BUILD)/gen/liblethe.map \
	  -Wl,-Bsymbolic-functions -Wl,-z,defs -o $@ $(LIB_OBJ) $(LDFLAGS) $(LIBS)

$(BUILD)/liblethe.so: $(BUILD)/liblethe.so.$(VERSION)
	@ln -sf liblethe.so.$(VERSION) $(BUILD)/$(SONAME)
	@ln -sf $(SONAME) $@

$(BUILD)/lethe: $(BUILD)/ui/main.o $(UI_OBJ) $(BUILD)/libprogram.a $(BUILD)/liblethe.a
	$(call say,LINK,$@)
	$(Q)$(LINK) $(CFLAGS_ALL) -o $@ $^ $(LDFLAGS) $(UI_LIBS) $(LIBS)

# The same program with MPI beside one without, for the test of MPI=1.
$(BUILD)/lethe-mpi: $(BUILD)/ui/main.o $(UI_OBJ) src/base/ranks.c $(BUILD)/libprogram.a $(BUILD)/liblethe.a
	$(Q)$(MPICC) $(CPPFLAGS) $(CFLAGS_ALL) -DLETHE_MPI=1 -o $@ $^ $(LDFLAGS) $(UI_LIBS) $(LIBS)

# The program with one more row in the table of metrics, for the test of adding one.
$(BUILD)/lethe-row: $(BUILD)/row/metric.c $(BUILD)/ui/main.o $(UI_OBJ) $(BUILD)/libprogram.a $(BUILD)/liblethe.a
	$(Q)$(LINK) $(CPPFLAGS) $(CFLAGS_ALL) -o $@ $^ $(LDFLAGS) $(UI_LIBS) $(LIBS)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS_ALL) -c -o $@ $<

$(BUILD)/%.f32.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(CPPFLAGS) -DLETHE_REAL_BITS=32 $(CFLAGS_ALL) -O3 -c -o $@ $<

$(BUILD)/%.f64.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(CPPFLAGS) -DLETHE_REAL_BITS=64 $(CFLAGS_ALL) -O3 -c -o $@ $<

$(BUILD)/src/base/ranks.o: CC = $(LINK)
$(BUILD)/src/base/ranks.o: CPPFLAGS += -DLETHE_MPI=$(MPI)
$(BUILD)/src/base/ranks.o: $(BUILD)/mpi-$(MPI)
$(BUILD)/mpi-$(MPI):
	@mkdir -p $(@D)
	@rm -f $(BUILD)/mpi-*
	@touch $@

$(BUILD)/src/codec/%.o: OPT += -O3
SET_base   =
SET_avx2   = -mavx2 -mfma
SET_avx512 = -mavx512f -mavx512dq -mprefer-vector-width=512
define lanes_rule
$(BUILD)/src/codec/lanes/%.$(1).o: src/codec/lanes/%.c
	@mkdir -p $$(@D)
	$$(call say,CC,$$@)
	$$(Q)$$(CC) $$(CPPFLAGS) -DCODEC_SET=$(1) $$(CFLAGS_ALL) $$(SET_$(1)) -c -o $$@ $$<
endef
$(foreach set,$(LANES_SETS),$(eval $(call lanes_rule,$(set))))

# onnx.proto comes with libonnx-dev; the generated code is not ours to warn about.
ONNX_PROTO ?= $(firstword $(wildcard /usr/include/onnx/onnx.proto /usr/local/include/onnx/onnx.proto))
$(BUILD)/gen/onnx.pb-c.c $(BUILD)/gen/onnx.pb-c.h &: $(ONNX_PROTO)
	@mkdir -p $(BUILD)/gen
	$(call say,GEN,$@)
	$(Q)protoc-c --c_out=$(BUILD)/gen --proto_path=$(dir $(ONNX_PROTO)) $(ONNX_PROTO)
# Its functions get names of our own, so that a program may have another copy of them.
$(BUILD)/gen/onnx_names.h: $(BUILD)/gen/onnx.pb-c.h
	@grep -oh '\bonnx__[a-z0-9_]*\b' $< | sort -u | sed 's/.*/#define & lethe_&/' >$@
$(BUILD)/gen/onnx.pb-c.o: $(BUILD)/gen/onnx.pb-c.c $(BUILD)/gen/onnx_names.h
	$(call say,CC,$@)
	$(Q)$(CC) $(CPPFLAGS) $(REAL) -fPIC $(OPT) $(SAN) -include $(BUILD)/gen/onnx_names.h -w -c -o $@ $<
$(patsubst %.c,$(BUILD)/%.o,$(wildcard src/onnx/*.c)): $(BUILD)/gen/onnx_names.h
$(patsubst %.c,$(BUILD)/%.o,$(wildcard src/onnx/*.c)): CPPFLAGS += -include $(BUILD)/gen/onnx_names.h
$(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/onnx/*.c)): private CPPFLAGS += -include $(BUILD)/gen/onnx_names.h

# Prints random cases for an independent implementation; a script compares.
$(BUILD)/tests/tool/%: tests/eval/%.c $(BUILD)/tests/support/tool.o $(BUILD)/liblethe.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINK) $(CPPFLAGS) $(CFLAGS_ALL) $(QUICK) -o $@ $< $(BUILD)/tests/support/tool.o $(BUILD)/liblethe.a $(LDFLAGS) $(LIBS)

$(BUILD)/tests/%: tests/unit/%.c $(SUPPORT_OBJ) $(UI_OBJ) $(BUILD)/libprogram.a $(BUILD)/liblethe.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINK) $(CPPFLAGS) $(CFLAGS_ALL) $(QUICK) -o $@ $< $(SUPPORT_OBJ) $(UI_OBJ) $(BUILD)/libprogram.a $(BUILD)/liblethe.a $(LDFLAGS) -lcmocka $(UI_LIBS) $(LIBS)

$(BUILD)/bench/%: tests/bench/%.c $(SUPPORT_OBJ) $(UI_OBJ) $(BUILD)/libprogram.a $(BUILD)/liblethe.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINK) $(CPPFLAGS) $(CFLAGS_ALL) -o $@ $< $(SUPPORT_OBJ) $(UI_OBJ) $(BUILD)/libprogram.a $(BUILD)/liblethe.a $(LDFLAGS) -lcmocka $(UI_LIBS) $(LIBS)

# To be preloaded: lets operations on files go wrong. In its own process, so without sanitizers.
$(SHIM): tests/faults/shim.c
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) -std=c11 -D_GNU_SOURCE $(WARN) -fPIC -shared -O1 -o $@ $< -ldl

# Every operation on files of every command that writes goes wrong in every way (a quarter hour).
faults: all $(SHIM)
	@LETHE=$(CURDIR)/$(BUILD)/lethe tests/faults/run.sh $(CURDIR)/$(SHIM) all

# Every network of tests/onnx in every way PyTorch can export it (needs python3-torch).
zoo: all
	@OPENBLAS_NUM_THREADS=1 tests/onnx/zoo.sh all

models: all
	@LETHE=$(BUILD)/lethe tests/models.sh

bench: setup $(BENCH_BIN)
	@for b in $(filter-out %/network_bench %/ekfac_bench,$(BENCH_BIN)); do OPENBLAS_NUM_THREADS=1 $$b || exit 1; done

# What removals cost on networks of usual sizes, then EKFAC beside PyTorch's where that is there;
# NETWORKS="a.onnx b.onnx" for others than the usual ones.
bench-networks: setup $(BUILD)/bench/network_bench $(BUILD)/bench/ekfac_bench
	@OPENBLAS_NUM_THREADS=1 $(BUILD)/bench/network_bench $(NETWORKS)
	@BUILD=$(BUILD) /usr/bin/python3 tests/bench/ekfac_torch.py || [ $$? -eq 77 ]

$(BUILD)/lethe.1: $(BUILD)/lethe
	$(Q)$(BUILD)/lethe --man >$@

lint: setup
	@.ci/setup lint
	@$(MAKE) --no-print-directory $(BENCH_BIN)
	@tests/lint.sh

# The same tests under the address and undefined-behaviour sanitizers, in their own build folder.
san: setup
	@LETHE_TEST_SHARE=4 $(MAKE) --no-print-directory check BUILD=$(BUILD)/san OPT='-O1 -g' \
	  SAN='-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer'

# Readers under libFuzzer, FUZZ_SECONDS each, from the seeds in the repository (needs clang).
FUZZ_SECONDS ?= 60
ONNX_CASES   := $(wildcard /usr/share/libonnx-testdata/data/*/*/model.onnx)
FUZZ_NAMES   := $(patsubst tests/fuzz/%.c,%,$(sort $(wildcard tests/fuzz/*.c)))
$(BUILD)/fuzz/onnx_fuzz: private CPPFLAGS += -include $(BUILD)/gen/onnx_names.h
$(BUILD)/fuzz/%: tests/fuzz/%.c $(BUILD)/liblethe.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS_ALL) -fsanitize=fuzzer -o $@ $< $(BUILD)/liblethe.a $(LDFLAGS) $(LIBS)

fuzz:
	@.ci/setup fuzz
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/clang CC=clang OPT='-O1 -g' \
	  SAN='-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all' \
	  $(FUZZ_NAMES:%=$(BUILD)/clang/fuzz/%)
	@mkdir -p $(BUILD)/corpus/onnx_fuzz
	@n=0; for m in $(ONNX_CASES); do n=$$((n + 1)); cp $$m $(BUILD)/corpus/onnx_fuzz/case-$$n; done
	@for t in $(FUZZ_NAMES); do mkdir -p $(BUILD)/corpus/$$t; \
	  $(BUILD)/clang/fuzz/$$t -max_total_time=$(FUZZ_SECONDS) -malloc_limit_mb=1024 -rss_limit_mb=2048 \
	    -print_final_stats=1 -verbosity=0 -artifact_prefix=$(BUILD)/corpus/ \
	    $(BUILD)/corpus/$$t tests/fuzz/seeds/$${t%_fuzz} || exit 1; done

# A Debian package and a source archive that builds without git; tests/package.sh tries both.
VERSION ?= $(or $(shell sed -n 's/.*LETHE_VERSION "\([0-9.]*\)".*/\1/p' include/lethe/lethe.h 2>/dev/null),\
             $(shell sed -n 's/.*"lethe \([0-9.]*\)[\\].*/\1/p' ui/main.c))
deb: all $(BUILD)/lethe.1
	@BUILD=$(BUILD) VERSION=$(VERSION) .ci/deb
dist:
	@BUILD=$(BUILD) VERSION=$(VERSION) .ci/dist

# What the lessons load.
TAUGHT = digits digits-mlp digits-mlp-mislabelled digits-logreg moons moons-logreg rings
install: all $(BUILD)/lethe.1
	install -D $(BUILD)/lethe $(DESTDIR)$(PREFIX)/bin/lethe
	install -D -m 644 $(BUILD)/liblethe.a $(DESTDIR)$(LIBDIR)/liblethe.a
	install -m 755 $(BUILD)/liblethe.so.$(VERSION) $(DESTDIR)$(LIBDIR)/liblethe.so.$(VERSION)
	ln -sf liblethe.so.$(VERSION) $(DESTDIR)$(LIBDIR)/$(SONAME)
	ln -sf $(SONAME) $(DESTDIR)$(LIBDIR)/liblethe.so
	install -d $(DESTDIR)$(PREFIX)/include/lethe $(DESTDIR)$(LIBDIR)/pkgconfig
	install -m 644 include/lethe/*.h $(DESTDIR)$(PREFIX)/include/lethe/
	sed -e 's|@PREFIX@|$(PREFIX)|; s|@LIBDIR@|$(LIBDIR)|; s|@VERSION@|$(VERSION)|; s|@LIBS@|$(LIBS)|' include/lethe.pc.in \
	  >$(DESTDIR)$(LIBDIR)/pkgconfig/lethe.pc
	install -D -m 644 $(BUILD)/lethe.1 $(DESTDIR)$(PREFIX)/share/man/man1/lethe.1
	install -d $(DESTDIR)$(PREFIX)/share/bash-completion/completions $(DESTDIR)$(PREFIX)/share/zsh/site-functions
	$(BUILD)/lethe --completion bash >$(DESTDIR)$(PREFIX)/share/bash-completion/completions/lethe
	$(BUILD)/lethe --completion zsh >$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_lethe
	install -d $(DESTDIR)$(PREFIX)/share/lethe/sessions $(DESTDIR)$(PREFIX)/share/lethe/sample_models
	cp -R sessions/lessons $(DESTDIR)$(PREFIX)/share/lethe/sessions/
	cp -R $(TAUGHT:%=sample_models/%) $(DESTDIR)$(PREFIX)/share/lethe/sample_models/

clean:
	rm -rf $(BUILD)

help:
	@echo "make          build/lethe, liblethe.a and liblethe.so (installs missing packages first)"
	@echo "make run      the workbench on sample_models/digits-mlp; without a terminal, the scripted job"
	@echo "make test     the tests        make san      the same under sanitizers, half an hour"
	@echo "make figures  what PyTorch, numpy, R and MPI say to the same; the longest tests"
	@echo "make fuzz     readers on random bytes, FUZZ_SECONDS=60 each (clang)"
	@echo "make faults   every write that can go wrong does, in every way; a quarter hour"
	@echo "make models   the networks of sample_models made again, their accuracies compared"
	@echo "make zoo      PyTorch's exports of many networks against PyTorch (python3-torch)"
	@echo "make bench-networks  what steps of whole networks cost, NETWORKS=\"a.onnx ...\""
	@echo "make bench    measurements     make lint     layout, clang-tidy, cppcheck"
	@echo "make MPI=1    with MPI, for mpirun -n 4 build/lethe ..."
	@echo "make deb      a Debian package    make dist     a source archive"
	@echo "make install  PREFIX=$(PREFIX) DESTDIR=$(DESTDIR)        make clean"

.SECONDARY:
-include $(LIB_OBJ:.o=.d) $(APP_OBJ:.o=.d) $(SUPPORT_OBJ:.o=.d) $(UI_OBJ:.o=.d) $(BUILD)/ui/main.d $(UNIT_BIN:=.d) $(TOOL_BIN:=.d) $(BENCH_BIN:=.d)
