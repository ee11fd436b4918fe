$(eval $(call program,shell))
