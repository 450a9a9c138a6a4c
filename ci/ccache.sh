# shellcheck shell=bash
# Compilers behind ccache, for what is built again with each change of a series:
# it knows a compilation by all that goes into it, wherever the tree lies.
# Sourced after ci/lib.sh, never run.

export CCACHE_DIR=${cache:?source ci/lib.sh first}/ccache CCACHE_MAXSIZE=3G
export CCACHE_NOHASHDIR=1
# What a file includes, ccache takes from the compiler's -MMD, in place of a run of
# the preprocessor before each compilation: a quarter of the time of a cold build.
export CCACHE_DEPEND=1
