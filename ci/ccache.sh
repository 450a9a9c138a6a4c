# shellcheck shell=bash
# Compilers behind ccache, for what is built again with each change of a series:
# it knows a compilation by all that goes into it, wherever the tree lies.
# Sourced after ci/lib.sh, never run.

export CCACHE_DIR=${cache:?source ci/lib.sh first}/ccache CCACHE_MAXSIZE=3G
export CCACHE_NOHASHDIR=1
# A compiler runs once, with -MD, and not a second time as preprocessor: this saves a
# fifth of a kernel's time. Two configurations then share nothing, as each has an
# autoconf.h of its own.
export CCACHE_DEPEND=1
