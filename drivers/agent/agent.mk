$(eval $(call program,agent,,$(MINGW)/lib/libmsvcrt.a))
