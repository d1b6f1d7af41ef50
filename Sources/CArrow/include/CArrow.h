#pragma once

#include <stddef.h>
#include <stdint.h>

// A C interface over Apache Arrow C++ for Parquet, typed CSV and Feather.
//
// Nothing throws across it. A call that can fail returns a `HogaArrowStatus`, and the handle keeps
// the message until its next call. A handle belongs to one thread at a time.

#ifdef __cplusplus
extern "C" {
#endif

enum {
  HOGA_ARROW_OK = 0,
  /// The file's content is wrong or of a kind that is not understood.
  HOGA_ARROW_DATA = 1,
  /// The machine could not do it: `hoga_…_errno` tells the system's reason, 0 for memory.
  HOGA_ARROW_RESOURCE = 2,
};
typedef int32_t HogaArrowStatus;

/// How a column stands in memory; see `ColumnType` for the nulls.
enum {
  HOGA_ARROW_UNSUPPORTED = -1,
  HOGA_ARROW_DOUBLE = 0,     // double
  HOGA_ARROW_INT64 = 1,      // int64_t
  HOGA_ARROW_INT32 = 2,      // int32_t
  HOGA_ARROW_BOOL = 3,       // uint8_t
  HOGA_ARROW_TIMESTAMP = 4,  // int64_t, nanoseconds since 1970 UTC
  HOGA_ARROW_DECIMAL = 5,    // int64_t, counts of 10^-scale
  HOGA_ARROW_CATEGORY = 6,   // int32_t codes into levels
};
typedef int32_t HogaArrowKind;

enum {
  HOGA_ARROW_PLAIN = 0,
  HOGA_ARROW_DICTIONARY = 1,
  HOGA_ARROW_DELTA = 2,
  HOGA_ARROW_BYTE_STREAM_SPLIT = 3,
};
typedef int32_t HogaArrowEncoding;

// MARK: Reading Parquet

typedef struct HogaParquetReader HogaParquetReader;

HogaParquetReader *hoga_parquet_reader_create(void);
void hoga_parquet_reader_destroy(HogaParquetReader *reader);
const char *hoga_parquet_reader_message(const HogaParquetReader *reader);
int32_t hoga_parquet_reader_errno(const HogaParquetReader *reader);

/// Opens the file behind a descriptor, which the reader owns from here on, whatever it returns.
HogaArrowStatus hoga_parquet_reader_open(HogaParquetReader *reader, int32_t descriptor);

int64_t hoga_parquet_reader_rows(const HogaParquetReader *reader);
int32_t hoga_parquet_reader_groups(const HogaParquetReader *reader);
int64_t hoga_parquet_reader_group_rows(const HogaParquetReader *reader, int32_t group);
int32_t hoga_parquet_reader_columns(const HogaParquetReader *reader);
const char *hoga_parquet_reader_column_name(const HogaParquetReader *reader, int32_t column);
/// The type in Arrow's words, for messages.
const char *hoga_parquet_reader_column_type(const HogaParquetReader *reader, int32_t column);
HogaArrowKind hoga_parquet_reader_column_kind(const HogaParquetReader *reader, int32_t column);
int32_t hoga_parquet_reader_column_scale(const HogaParquetReader *reader, int32_t column);
/// Compressed bytes of a column in one row group.
int64_t hoga_parquet_reader_chunk_bytes(
    const HogaParquetReader *reader, int32_t group, int32_t column);
int32_t hoga_parquet_reader_metadata_count(const HogaParquetReader *reader);
const char *hoga_parquet_reader_metadata_key(
    const HogaParquetReader *reader, int32_t index, int64_t *length);
const char *hoga_parquet_reader_metadata_value(
    const HogaParquetReader *reader, int32_t index, int64_t *length);

/// Gives smallest and largest value of an integer-like column in one row group, in the units of
/// memory. Returns 0 where the file does not say.
int32_t hoga_parquet_reader_range(
    HogaParquetReader *reader, int32_t group, int32_t column, int64_t *smallest, int64_t *largest);

/// Prepares one column of some row groups for copying, until the next load.
HogaArrowStatus hoga_parquet_reader_load(
    HogaParquetReader *reader, int32_t column, const int32_t *groups, int32_t group_count,
    int64_t *rows);
/// Copies the loaded column out as its kind; `out` has room for its rows.
HogaArrowStatus hoga_parquet_reader_copy(HogaParquetReader *reader, void *out);
/// Texts of the category column copied last, coded by first appearance.
int32_t hoga_parquet_reader_level_count(const HogaParquetReader *reader);
const char *hoga_parquet_reader_level(
    const HogaParquetReader *reader, int32_t level, int64_t *length);
void hoga_parquet_reader_unload(HogaParquetReader *reader);

// MARK: Writing Parquet

typedef struct HogaParquetWriter HogaParquetWriter;

HogaParquetWriter *hoga_parquet_writer_create(void);
/// Frees the writer; a file that was not closed has no footer and cannot be read.
void hoga_parquet_writer_destroy(HogaParquetWriter *writer);
const char *hoga_parquet_writer_message(const HogaParquetWriter *writer);
int32_t hoga_parquet_writer_errno(const HogaParquetWriter *writer);

HogaArrowStatus hoga_parquet_writer_add_column(
    HogaParquetWriter *writer, const char *name, HogaArrowKind kind, int32_t scale,
    HogaArrowEncoding encoding);
/// Sets a pair of the footer; allowed until the file is closed.
HogaArrowStatus hoga_parquet_writer_add_metadata(
    HogaParquetWriter *writer, const char *key, const char *value);
/// Begins the file on a descriptor that stays the caller's.
HogaArrowStatus hoga_parquet_writer_open(
    HogaParquetWriter *writer, int32_t descriptor, int32_t zstd_level);
/// Begins a row group; `rows` values of every column must follow, in order.
HogaArrowStatus hoga_parquet_writer_begin_group(HogaParquetWriter *writer, int64_t rows);
/// Writes the next column from memory, which is only read, during the call.
HogaArrowStatus hoga_parquet_writer_column(HogaParquetWriter *writer, const void *values);
/// Writes the next column from codes and its texts, `offsets` having one more than `level_count`.
HogaArrowStatus hoga_parquet_writer_categories(
    HogaParquetWriter *writer, const int32_t *codes, const char *bytes, const int32_t *offsets,
    int32_t level_count);
/// Writes the footer. Bytes are with the system, not yet on the disk.
HogaArrowStatus hoga_parquet_writer_close(HogaParquetWriter *writer);

// MARK: Reading typed CSV

typedef struct HogaCSVReader HogaCSVReader;

HogaCSVReader *hoga_csv_reader_create(void);
void hoga_csv_reader_destroy(HogaCSVReader *reader);
const char *hoga_csv_reader_message(const HogaCSVReader *reader);
int32_t hoga_csv_reader_errno(const HogaCSVReader *reader);
/// Names a column of a file without a header.
HogaArrowStatus hoga_csv_reader_add_column(HogaCSVReader *reader, const char *name);
/// Reads a whole file and infers the types. The descriptor is the reader's from here on.
HogaArrowStatus hoga_csv_reader_read(HogaCSVReader *reader, int32_t descriptor, char delimiter);
int64_t hoga_csv_reader_rows(const HogaCSVReader *reader);
int32_t hoga_csv_reader_columns(const HogaCSVReader *reader);
const char *hoga_csv_reader_column_name(const HogaCSVReader *reader, int32_t column);
const char *hoga_csv_reader_column_type(const HogaCSVReader *reader, int32_t column);
HogaArrowKind hoga_csv_reader_column_kind(const HogaCSVReader *reader, int32_t column);
HogaArrowStatus hoga_csv_reader_copy(HogaCSVReader *reader, int32_t column, void *out);
int32_t hoga_csv_reader_level_count(const HogaCSVReader *reader);
const char *hoga_csv_reader_level(const HogaCSVReader *reader, int32_t level, int64_t *length);

// MARK: Reading Feather (the Arrow IPC file format)

typedef struct HogaFeatherReader HogaFeatherReader;

HogaFeatherReader *hoga_feather_reader_create(void);
void hoga_feather_reader_destroy(HogaFeatherReader *reader);
const char *hoga_feather_reader_message(const HogaFeatherReader *reader);
int32_t hoga_feather_reader_errno(const HogaFeatherReader *reader);
/// Opens the file behind a descriptor, which the reader owns from here on, whatever it returns.
HogaArrowStatus hoga_feather_reader_open(HogaFeatherReader *reader, int32_t descriptor);
int32_t hoga_feather_reader_batches(const HogaFeatherReader *reader);
int32_t hoga_feather_reader_columns(const HogaFeatherReader *reader);
const char *hoga_feather_reader_column_name(const HogaFeatherReader *reader, int32_t column);
const char *hoga_feather_reader_column_type(const HogaFeatherReader *reader, int32_t column);
HogaArrowKind hoga_feather_reader_column_kind(const HogaFeatherReader *reader, int32_t column);
int32_t hoga_feather_reader_column_scale(const HogaFeatherReader *reader, int32_t column);
/// Reads a batch of rows and checks it; the columns can be copied until the next load.
HogaArrowStatus hoga_feather_reader_load(HogaFeatherReader *reader, int32_t batch, int64_t *rows);
/// Copies a column of the loaded batch out as its kind; `out` has room for its rows.
HogaArrowStatus hoga_feather_reader_copy(HogaFeatherReader *reader, int32_t column, void *out);
int32_t hoga_feather_reader_level_count(const HogaFeatherReader *reader);
const char *hoga_feather_reader_level(
    const HogaFeatherReader *reader, int32_t level, int64_t *length);

#ifdef __cplusplus
}
#endif
