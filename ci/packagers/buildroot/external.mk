include $(sort $(wildcard $(BR2_EXTERNAL_KEXEC_MAP_FILE_PATH)/package/*/*.mk))
