$(eval $(call program,sc,,$(addprefix $(MINGW)/lib/,libadvapi32.a libcrypt32.a libmsvcrt.a)))
