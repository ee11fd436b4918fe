$(eval $(call program,echoctl))
$(eval $(call resident,echoctl))
