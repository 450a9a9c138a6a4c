/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tar.h - a bundle as a stream
 *
 * The format is ustar: IEEE Std 1003.1-2017, pax, "ustar Interchange Format".
 */
#ifndef TRY_TAR_H
#define TRY_TAR_H

#include <stddef.h>

/**
 * tar_put_file() - write one file
 * @to: file descriptor of the stream
 * @name: its name in the stream, at most BUNDLE_NAME_MAX bytes
 * @mode: its permissions
 * @from: file descriptor of the file, at its start
 * @size: its size in bytes
 *
 * Return: 0, or -1 with one line on stderr: reading or writing failed, or the
 * file is shorter than @size.
 */
int tar_put_file(int to, const char *name, unsigned int mode, int from,
		 unsigned long long size);

/**
 * tar_put_text() - write one file whose content is in memory
 * @to: file descriptor of the stream
 * @name: its name in the stream, at most BUNDLE_NAME_MAX bytes
 * @mode: its permissions
 * @text: its content
 * @size: of it, in bytes
 *
 * Return: as tar_put_file().
 */
int tar_put_text(int to, const char *name, unsigned int mode,
		 const char *text, size_t size);

/**
 * tar_put_end() - write the end of the stream
 * @to: file descriptor of the stream
 *
 * Return: 0, or -1 with one line on stderr.
 */
int tar_put_end(int to);

/**
 * tar_unpack() - unpack a bundle from a stream
 * @from: file descriptor of the stream; read to its end
 * @dirfd: an empty directory for the files
 *
 * Takes regular files with names that a bundle may have, each once, no more and
 * none larger than a bundle may have; a name may have `./` before it, and the
 * directory `./` itself may be there. Anything else ends it: what is in the
 * directory then is not to be used. Nothing is verified here, see
 * bundle_verify().
 *
 * Return: 0, or -1 with one line on stderr.
 */
int tar_unpack(int from, int dirfd);

#endif /* TRY_TAR_H */
