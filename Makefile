# Every command of the project; `make` alone prints them. The work is done in deploy/native and ops.
.DEFAULT_GOAL := help
.PHONY: help demo up down status logs clean setup doctor check test faults storm mutants bench schema compose-environment
BEGIN := @deploy/begin

help:   ; @sed -n 's/^#: //p' Makefile

#: See it
#:   make demo               set up, start everything with a movable clock, run the tour, leave it running
demo:   ; $(BEGIN) demo
#: Run it
#:   make up                 set up what is missing and start the whole stack
up:     ; $(BEGIN) up
#:   make status             what runs, since when, and whether it answers
status: ; $(BEGIN) status
#:   make logs SERVICE=…     follow one part: postgres kafka objects mail gateway quotes consent retention billing
logs:   ; $(BEGIN) logs "$(SERVICE)"
#:   make down               stop this stack and nothing else
down:   ; $(BEGIN) down
#:   make clean              stop it and remove its folder
clean:  ; $(BEGIN) clean
#: Prepare
#:   make setup              bring what is missing, once: wheels, Kafka, the S3 server
setup:  ; $(BEGIN) setup
#:   make doctor             what is there, what is missing, what to do
doctor: ; $(BEGIN) doctor
#: Change it
#:   make check              format, lint, types, imports, unit tests; nothing needs to run
check:  ; $(BEGIN) check
#:   make test               everything, on the real parts, in a stack of its own
test:   ; $(BEGIN) test
#:   make faults             every fault as far as it goes; writes the table in tests/README.md
faults: ; $(BEGIN) faults
#:   make storm SEED=… MINUTES=… OPERATIONS=…  seeded traffic and faults on a stack of its own, then every check
storm:  ; $(BEGIN) setup && .venv/bin/python -m tests.storm --seed $(or $(SEED),1) $(if $(MINUTES),--minutes $(MINUTES)) \
	$(if $(OPERATIONS),--operations $(OPERATIONS))
#:   make mutants            faults planted in a copy of the tree; a named test must see each
mutants: ; $(BEGIN) setup && .venv/bin/python -m tests.mutants
#:   make bench ONLY=…        every goal beside its yardstick; writes tests/bench/README.md
bench:  ; $(BEGIN) bench $(ONLY)
#:   make schema             write each schema.sql anew from the migrations
schema: ; $(BEGIN) schema
#: Ship
#:   make compose-environment  keys, passwords and deploy/.env for deploy/compose.yaml
compose-environment: ; $(BEGIN) compose-environment
#: FLUX3D_HOME (.local) and FLUX3D_PORT_BASE (8440) choose the stack; two can run side by side.
