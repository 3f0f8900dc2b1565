# Real simulators: datasets/simulators/README.md. Included by the Makefile.
#
# make robosuite-data TASK=Lift|Can|Stack|Square      demonstrations of the scripted expert: datasets/robosuite/lift.hdf5
# make metaworld-data TASK=door-open                  any of Meta-World's 50 tasks: datasets/metaworld/door-open.hdf5
# make robosuite-rollouts RUN=results/RUN             the run's policies in the simulator; metaworld-rollouts alike
# make test-simulators                                about 5 minutes; the first time also the installation (1.7 GB); needs no built program

SEED ?= 0
WORKERS ?= 2
SIMULATORS := datasets/simulators
ROBOSUITE := datasets/robosuite/venv
METAWORLD := datasets/metaworld/venv
# Debian's name of the library that draws without a display.
simulator_missing = $(strip $(if $(shell PATH="$$PATH:/sbin" ldconfig -p 2>/dev/null | grep libOSMesa.so.8),,libosmesa6))

.PHONY: install-osmesa robosuite-install metaworld-install robosuite-data metaworld-data robosuite-rollouts metaworld-rollouts test-simulators measure-simulators

# By the Makefile's own way of installing.
install-osmesa:
	@$(if $(simulator_missing),$(MAKE) --no-print-directory install missing="$(simulator_missing)",true)

robosuite-install: $(ROBOSUITE)/installed | install-osmesa
metaworld-install: $(METAWORLD)/installed | install-osmesa

# Exactly the list (robosuite also asks for what only tele-operation needs, which wants a compiler). The stamp is written last: an
# installation that failed is begun again.
%/venv/installed: %/requirements.txt | install-osmesa
	rm -rf $*/venv
	$(PYTHON) -m venv $*/venv
	$*/venv/bin/pip install --quiet --disable-pip-version-check --no-deps --requirement $<
	@touch $@

lower = $(shell printf '%s' '$(1)' | tr '[:upper:]' '[:lower:]')
needs = $(if $($(1)),,$(error name it: $(1)=$(2)))

robosuite-data: robosuite-install
	$(call needs,TASK,Lift|Can|Stack|Square)$(ROBOSUITE)/bin/python $(SIMULATORS)/collect.py robosuite $(TASK) \
	    datasets/robosuite/$(call lower,$(TASK)).hdf5 --demonstrations $(or $(DEMONSTRATIONS),100) --seed $(SEED) --workers $(WORKERS) \
	    $(if $(NOISE),--noise $(NOISE))

metaworld-data: metaworld-install
	$(call needs,TASK,door-open)$(METAWORLD)/bin/python $(SIMULATORS)/collect.py metaworld $(TASK) \
	    datasets/metaworld/$(TASK:-v3=).hdf5 --demonstrations $(or $(DEMONSTRATIONS),60) --seed $(SEED) --workers $(WORKERS) \
	    $(if $(NOISE),--noise $(NOISE))

robosuite-rollouts: robosuite-install build
	$(call needs,RUN,results/RUN)$(ROBOSUITE)/bin/python $(SIMULATORS)/rollouts.py robosuite $(RUN) $(rollout_options)

metaworld-rollouts: metaworld-install build
	$(call needs,RUN,results/RUN)$(METAWORLD)/bin/python $(SIMULATORS)/rollouts.py metaworld $(RUN) $(rollout_options)

rollout_options = --alt $(ALT) --workers $(WORKERS) $(if $(TASK),--task $(TASK)) $(if $(OUT),--out $(OUT)) \
    $(if $(STARTS),--starts $(STARTS)) $(if $(POLICIES),--policies $(POLICIES))

test-simulators: robosuite-install metaworld-install
	$(foreach test,collect rollouts rollout_errors,$(ROBOSUITE)/bin/python $(SIMULATORS)/test_$(test).py &&) true
	$(ROBOSUITE)/bin/python datasets/robosuite/test_robosuite.py
	$(METAWORLD)/bin/python datasets/metaworld/test_metaworld.py

# The table of datasets/simulators/README.md.
measure-simulators: robosuite-install metaworld-install
	$(ROBOSUITE)/bin/python $(SIMULATORS)/measure.py robosuite --episodes 20
	$(METAWORLD)/bin/python $(SIMULATORS)/measure.py metaworld --episodes 20 \
	    --tasks reach drawer-close door-open pick-place peg-insert-side bin-picking
