#pragma once
#include <stddef.h>

/* Which level of x86-64 this build needs ("x86-64-v3"), or the name of another architecture. */
const char *alt_processor_level(void);

/* Writes the instruction sets, separated by commas, that this build uses and this processor lacks.
   have_none: as if it had none, for tests. Returns how many there are. */
int alt_processor_lacks(int have_none, char *names, size_t size);
