# shellcheck shell=bash
# Compilers behind ccache, for what is built again with each change of a series:
# it knows a compilation by all that goes into it, wherever the tree lies.
# Sourced after ci/lib.sh, never run.

export CCACHE_DIR=${cache:?source ci/lib.sh first}/ccache CCACHE_MAXSIZE=3G
export CCACHE_NOHASHDIR=1
# Not CCACHE_DEPEND: a kernel is compiled in several configurations, of which each has
# an autoconf.h of its own, and most files are the same after the preprocessor.
