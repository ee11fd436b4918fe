$(eval $(call objects,reg,reg,$(USER_CFLAGS) -ffreestanding))
$(eval $(call resident,reg,$(addprefix $(MINGW)/lib/,libadvapi32.a libmsvcrt.a)))
