################################################################################
#
# kexec-try
#
################################################################################

KEXEC_TRY_VERSION = @VERSION@
KEXEC_TRY_SITE = $(BR2_EXTERNAL_KEXEC_MAP_FILE_PATH)/package/kexec-try/src
KEXEC_TRY_SITE_METHOD = local
KEXEC_TRY_LICENSE = GPL-2.0
KEXEC_TRY_LICENSE_FILES = COPYING

define KEXEC_TRY_BUILD_CMDS
	$(TARGET_MAKE_ENV) $(MAKE) $(TARGET_CONFIGURE_OPTS) -C $(@D) all
endef

define KEXEC_TRY_INSTALL_TARGET_CMDS
	$(TARGET_MAKE_ENV) $(MAKE) $(TARGET_CONFIGURE_OPTS) -C $(@D) \
		DESTDIR=$(TARGET_DIR) install
endef

$(eval $(generic-package))
