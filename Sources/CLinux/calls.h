// Calls of Linux that the C library declares only to programs that define _GNU_SOURCE.
#pragma once

/// Brings everything of the file system that holds the open file to the disk; -1 with errno where it
/// cannot.
int syncfs(int descriptor);
