# endpoint.c is a user-mode program's file: the provider stands on the guest's own TCP.
$(eval $(call driver,netio,,-DWSKLAB_WSK_EXPORTS,$(BUILD)/ntsup.lib $(MINGW)/lib/libkernel32.a))
$(BUILD)/netio/endpoint.o: netio/endpoint.c Makefile
	@mkdir -p $(@D)
	$(CLANG) $(USER_CFLAGS) -ffreestanding -c $< -o $@
