# Each faulty/NAME.c makes a driver of its own: the sample's objects with NAME.c in the place of no_mistake.c. Words are
# joined by '-' in the names of the drivers, as in those of services.
FAULTY := $(patsubst faulty/%.c,%,$(sort $(wildcard faulty/*.c)))
SAMPLE_OBJECTS := $(filter-out %/no_mistake.o,$(echo_OBJECTS))

# $(call faulty,C NAME,DRIVER NAME)
define faulty
$(BUILD)/faulty/$(1).o: faulty/$(1).c Makefile
	@mkdir -p $$(@D)
	@echo '  cc   $$<'
	@$(CLANG) $(KERNEL_CFLAGS) -c $$< -o $$@
all: $(BUILD)/$(2).sys
$(BUILD)/$(2).sys: $(SAMPLE_OBJECTS) $(BUILD)/faulty/$(1).o $(BUILD)/pe-checksum faulty/faulty.mk
	@echo '  link $$@'
	@$(DRIVER_LINK) -pdb:$(BUILD)/$(2).pdb -pdbaltpath:$(2).pdb -out:$$@ \
	  $(SAMPLE_OBJECTS) $(BUILD)/faulty/$(1).o $(KERNEL_LIBS)
	@$(BUILD)/pe-checksum $$@
endef
$(foreach name,$(FAULTY),$(eval $(call faulty,$(name),$(subst _,-,$(name)))))
