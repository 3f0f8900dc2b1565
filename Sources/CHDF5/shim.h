// HDF5 names its native types, property lists and several defaults through macros that cast or call
// H5open(); Swift cannot see those, so each one the project uses is wrapped in a static inline function.
// Functions whose signature differs between HDF5 releases (1.10 to 1.14) are wrapped here too.
#pragma once
#include <hdf5.h>

static inline hid_t alt_h5_native_float(void) { return H5T_NATIVE_FLOAT; }
static inline hid_t alt_h5_native_double(void) { return H5T_NATIVE_DOUBLE; }
static inline hid_t alt_h5_native_uint8(void) { return H5T_NATIVE_UINT8; }
static inline hid_t alt_h5_native_int64(void) { return H5T_NATIVE_INT64; }
static inline hid_t alt_h5_file_float64(void) { return H5T_IEEE_F64LE; }
static inline hid_t alt_h5_file_uint8(void) { return H5T_STD_U8LE; }
static inline hid_t alt_h5_file_int64(void) { return H5T_STD_I64LE; }
static inline hid_t alt_h5_c_string(void) { return H5T_C_S1; }
static inline size_t alt_h5_variable_length(void) { return H5T_VARIABLE; }

static inline hid_t alt_h5_file_access(void) { return H5P_FILE_ACCESS; }
static inline hid_t alt_h5_dataset_creation(void) { return H5P_DATASET_CREATE; }
static inline hid_t alt_h5_default_properties(void) { return H5P_DEFAULT; }
static inline hid_t alt_h5_all(void) { return H5S_ALL; }
static inline hid_t alt_h5_default_error_stack(void) { return H5E_DEFAULT; }
static inline unsigned alt_h5_read_only(void) { return H5F_ACC_RDONLY; }
static inline unsigned alt_h5_truncate(void) { return H5F_ACC_TRUNC; }
static inline haddr_t alt_h5_undefined_address(void) { return HADDR_UNDEF; }

/// The type of a link (hard, soft, external or user-defined), or H5L_TYPE_ERROR.
static inline H5L_type_t alt_h5_link_type(hid_t group, const char *name) {
    H5L_info_t info;
    return H5Lget_info(group, name, &info, H5P_DEFAULT) < 0 ? H5L_TYPE_ERROR : info.type;
}

/// Calls `callback` with every link of `group`, by name.
static inline herr_t alt_h5_each_link(hid_t group, H5L_iterate_t callback, void *context) {
    hsize_t index = 0;
    return H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, &index, callback, context);
}
