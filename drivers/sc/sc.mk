sc_LIBRARIES := $(addprefix $(MINGW)/lib/,libadvapi32.a libmsvcrt.a)
$(eval $(call program,sc,,$(sc_LIBRARIES)))
$(eval $(call resident,sc,$(sc_LIBRARIES)))
