$(eval $(call program,echoctl))
