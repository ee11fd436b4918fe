# Runs in Wine's user-mode host only: kernel32 and ntdll are there, and stacks are large enough for a CONTEXT.
$(eval $(call driver,ntsup,,-Wframe-larger-than=2048,$(MINGW)/lib/libkernel32.a $(MINGW)/lib/libntdll.a,-def:ntsup/ntsup.def))
$(BUILD)/ntsup.sys: ntsup/ntsup.def
