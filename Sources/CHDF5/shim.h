#include <hdf5/serial/hdf5.h>
#include <string.h>

// What the library defines by macros, which Swift cannot see. Types and classes are copies of its own
// and must not be closed.

static inline hid_t hoga_h5_double(void) { return H5T_IEEE_F64LE; }
static inline hid_t hoga_h5_int64(void) { return H5T_STD_I64LE; }
static inline hid_t hoga_h5_int32(void) { return H5T_STD_I32LE; }
// How PyTables keeps truth values.
static inline hid_t hoga_h5_bool(void) { return H5T_STD_B8LE; }
static inline hid_t hoga_h5_byte(void) { return H5T_STD_U8LE; }

/// A type of fixed-length text, padded with zeros; to be closed.
static inline hid_t hoga_h5_text(size_t length, int is_utf8) {
  const hid_t type = H5Tcopy(H5T_C_S1);
  if (type < 0) return type;
  if (H5Tset_size(type, length) < 0 || H5Tset_strpad(type, H5T_STR_NULLPAD) < 0
      || H5Tset_cset(type, is_utf8 ? H5T_CSET_UTF8 : H5T_CSET_ASCII) < 0) {
    H5Tclose(type);
    return -1;
  }
  return type;
}

/// Access that leaves locking to the caller: the temporary file is locked by its owner already.
static inline hid_t hoga_h5_access(void) {
  const hid_t list = H5Pcreate(H5P_FILE_ACCESS);
  if (list >= 0) H5Pset_file_locking(list, 0, 1);
  return list;
}

static inline hid_t hoga_h5_creation(hsize_t user_block) {
  const hid_t list = H5Pcreate(H5P_FILE_CREATE);
  if (list >= 0) H5Pset_userblock(list, user_block);
  return list;
}

static inline hid_t hoga_h5_create_file(const char *path, hid_t creation, hid_t access) {
  return H5Fcreate(path, H5F_ACC_TRUNC, creation, access);
}
static inline hid_t hoga_h5_open_file(const char *path, hid_t access) {
  return H5Fopen(path, H5F_ACC_RDONLY, access);
}
static inline hid_t hoga_h5_create_group(hid_t parent, const char *name) {
  return H5Gcreate2(parent, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
}

static inline hid_t hoga_h5_chunked(int rank, const hsize_t *chunk, unsigned level) {
  const hid_t list = H5Pcreate(H5P_DATASET_CREATE);
  if (list < 0) return list;
  if (H5Pset_chunk(list, rank, chunk) < 0 || H5Pset_shuffle(list) < 0
      || H5Pset_deflate(list, level) < 0) {
    H5Pclose(list);
    return -1;
  }
  return list;
}
static inline hid_t hoga_h5_contiguous(void) { return H5Pcreate(H5P_DATASET_CREATE); }

static inline hid_t hoga_h5_create_dataset(
    hid_t parent, const char *name, hid_t type, hid_t space, hid_t creation) {
  return H5Dcreate2(parent, name, type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
}
static inline hid_t hoga_h5_open_dataset(hid_t parent, const char *name) {
  return H5Dopen2(parent, name, H5P_DEFAULT);
}
static inline herr_t hoga_h5_write(
    hid_t set, hid_t type, hid_t memory, hid_t file, const void *values) {
  return H5Dwrite(set, type, memory, file, H5P_DEFAULT, values);
}
static inline herr_t hoga_h5_read(hid_t set, hid_t type, hid_t memory, hid_t file, void *values) {
  return H5Dread(set, type, memory, file, H5P_DEFAULT, values);
}
static inline hid_t hoga_h5_scalar(void) { return H5Screate(H5S_SCALAR); }
static inline hid_t hoga_h5_all(void) { return H5S_ALL; }

/// Selects one column of a table.
static inline herr_t hoga_h5_select_column(hid_t space, hsize_t column, hsize_t rows) {
  const hsize_t start[2] = {0, column}, count[2] = {rows, 1};
  return H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL);
}

static inline herr_t hoga_h5_write_attribute(
    hid_t object, const char *name, hid_t type, hid_t space, const void *value) {
  const hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
  if (attribute < 0) return -1;
  const herr_t written = H5Awrite(attribute, type, value);
  return H5Aclose(attribute) < 0 ? -1 : written;
}

/// Keeps the library from printing its errors.
static inline void hoga_h5_quiet(void) { H5Eset_auto2(H5E_DEFAULT, NULL, NULL); }

static inline herr_t hoga_h5_keep_first(unsigned index, const H5E_error2_t *error, void *text) {
  if (index == 0 && error->desc != NULL) {
    strncpy((char *)text, error->desc, 511);
    ((char *)text)[511] = 0;
  }
  return 0;
}
/// Copies the innermost reason of the last failure, 512 bytes at most.
static inline void hoga_h5_reason(char *text) {
  text[0] = 0;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, hoga_h5_keep_first, text);
}
