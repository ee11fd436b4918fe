$(eval $(call program,sc,,$(addprefix $(MINGW)/lib/,libadvapi32.a libmsvcrt.a)))
