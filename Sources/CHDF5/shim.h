// HDF5 names its native types and property lists through macros that call H5open(); Swift cannot see
// macros, so each one the project uses is wrapped in a static inline function.
#pragma once
#include <hdf5.h>

static inline hid_t alt_h5_native_float(void) { return H5T_NATIVE_FLOAT; }
