#include <arrow/io/file.h>
#include <arrow/util/key_value_metadata.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/schema.h>
#include <parquet/column_reader.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>
#include <parquet/statistics.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <limits>

#include "Common.hpp"

using arrow::Status;

namespace {

// A torn file can ask for any amount. No column of one day comes near this.
constexpr int64_t kMemoryLimit = int64_t(8) << 30;
// Nor does any row group.
constexpr int64_t kGroupLimit = int64_t(1) << 28;
constexpr int64_t kProbedRows = int64_t(1) << 22;

struct ColumnPlace {
  std::string name;
  std::string type_text;
  std::shared_ptr<arrow::DataType> type;
  HogaArrowKind kind = HOGA_ARROW_UNSUPPORTED;
  int32_t scale = 0;
  // The column's place among the file's leaves; -1 where it is nested.
  int leaf = -1;
  // Whether the file stores the values as they stand in memory, but for nulls.
  bool is_direct = false;
};

bool is_null(double) { return false; }
bool is_null(int64_t value) { return value == std::numeric_limits<int64_t>::min(); }
bool is_null(int32_t value) { return value == std::numeric_limits<int32_t>::min(); }
double null_of(double) { return std::numeric_limits<double>::quiet_NaN(); }
int64_t null_of(int64_t) { return std::numeric_limits<int64_t>::min(); }
int32_t null_of(int32_t) { return std::numeric_limits<int32_t>::min(); }

/// Decodes one column of one row group right into the caller's memory.
///
/// Arrow's own way goes over builders and bitmaps and takes twice the time.
template <typename Type>
Status decode(
    parquet::ColumnReader &untyped, int16_t defined, int64_t rows, typename Type::c_type *out,
    int64_t first_row) {
  using Value = typename Type::c_type;
  constexpr int64_t kBatch = 16 * 1024;
  auto &reader = static_cast<parquet::TypedColumnReader<Type> &>(untyped);
  std::vector<int16_t> levels(static_cast<size_t>(kBatch));
  int64_t done = 0;
  while (done < rows) {
    Value *values = out + done;
    int64_t value_count = 0;
    const int64_t count = reader.ReadBatch(
        std::min(kBatch, rows - done), levels.data(), nullptr, values, &value_count);
    if (count <= 0 || value_count > count) {
      return Status::Invalid("ends after ", first_row + done, " rows");
    }
    bool clash = false;
    for (int64_t index = 0; index < value_count; ++index) clash |= is_null(values[index]);
    if (clash) {
      return Status::Invalid(
          "holds the smallest integer between rows ", first_row + done + 1, " and ",
          first_row + done + count, "; it stands for null and cannot be a value");
    }
    if (value_count < count) {
      const int64_t present = std::count(levels.data(), levels.data() + count, defined);
      if (present != value_count) return Status::Invalid("contradicts itself on its nulls");
      // Spread from the end, so that no value is overwritten before it has moved.
      int64_t next = value_count;
      for (int64_t row = count - 1; row >= 0; --row) {
        values[row] = levels[size_t(row)] == defined ? values[--next] : null_of(Value());
      }
    }
    done += count;
  }
  return Status::OK();
}

}  // namespace

struct HogaParquetReader {
  hoga::Failure failure;
  arrow::CappedMemoryPool pool{arrow::system_memory_pool(), kMemoryLimit};
  std::shared_ptr<arrow::io::ReadableFile> file;
  std::unique_ptr<parquet::arrow::FileReader> reader;
  std::shared_ptr<parquet::FileMetaData> metadata;
  std::vector<ColumnPlace> columns;
  // What was asked for last: decoded by Arrow, or a direct column that is decoded when copied.
  std::shared_ptr<arrow::ChunkedArray> loaded;
  const ColumnPlace *direct = nullptr;
  std::vector<int> loaded_groups;
  hoga::Levels levels;

  Status open(int32_t descriptor) {
    auto opened = arrow::io::ReadableFile::Open(descriptor, &pool);
    if (!opened.ok()) ::close(descriptor);
    ARROW_ASSIGN_OR_RAISE(file, std::move(opened));
    ARROW_ASSIGN_OR_RAISE(const int64_t size, file->GetSize());
    if (size < 12) return Status::Invalid("too short for a Parquet file (", size, " bytes)");
    char magic[4];
    ARROW_ASSIGN_OR_RAISE(const int64_t got, file->ReadAt(0, 4, magic));
    if (got != 4 || std::string_view(magic, 4) != "PAR1") {
      return Status::Invalid("does not begin as a Parquet file");
    }
    parquet::ReaderProperties properties(&pool);
    properties.set_page_checksum_verification(true);
    auto parquet_reader = parquet::ParquetFileReader::Open(file, properties);
    metadata = parquet_reader->metadata();

    parquet::ArrowReaderProperties arrow_properties(/*use_threads=*/false);
    arrow_properties.set_pre_buffer(false);
    arrow_properties.set_smallest_decimal_enabled(true);
    const auto *schema = metadata->schema();
    for (int leaf = 0; leaf < schema->num_columns(); ++leaf) {
      const auto *column = schema->Column(leaf);
      if (column->physical_type() == parquet::Type::BYTE_ARRAY && column->logical_type()
          && column->logical_type()->is_string()) {
        arrow_properties.set_read_dictionary(leaf, true);
      }
    }
    ARROW_ASSIGN_OR_RAISE(
        reader,
        parquet::arrow::FileReader::Make(&pool, std::move(parquet_reader), arrow_properties));
    std::shared_ptr<arrow::Schema> arrow_schema;
    ARROW_RETURN_NOT_OK(reader->GetSchema(&arrow_schema));
    const auto &fields = reader->manifest().schema_fields;
    if (fields.size() != size_t(arrow_schema->num_fields())) {
      return Status::Invalid("the schema contradicts itself");
    }
    for (int index = 0; index < arrow_schema->num_fields(); ++index) {
      const auto &field = arrow_schema->field(index);
      ColumnPlace place;
      place.name = field->name();
      place.type = field->type();
      place.type_text = field->type()->ToString();
      place.leaf = fields[size_t(index)].column_index;
      if (place.leaf >= 0) place.kind = hoga::kind_of(*field->type());
      place.scale = hoga::scale_of(*field->type());
      place.is_direct = is_direct(place);
      columns.push_back(std::move(place));
    }
    return check(size);
  }

  bool is_direct(const ColumnPlace &place) const {
    if (place.leaf < 0) return false;
    const auto *column = metadata->schema()->Column(place.leaf);
    if (column->max_repetition_level() != 0 || column->max_definition_level() > 1) return false;
    switch (place.type->id()) {
      case arrow::Type::DOUBLE: return column->physical_type() == parquet::Type::DOUBLE;
      case arrow::Type::INT32: return column->physical_type() == parquet::Type::INT32;
      case arrow::Type::TIMESTAMP:
        if (static_cast<const arrow::TimestampType &>(*place.type).unit()
            != arrow::TimeUnit::NANO) {
          return false;
        }
        [[fallthrough]];
      case arrow::Type::INT64:
      case arrow::Type::DECIMAL64: return column->physical_type() == parquet::Type::INT64;
      default: return false;
    }
  }

  /// Refuses a footer whose numbers cannot be true, before anyone allocates by them.
  Status check(int64_t size) const {
    int64_t rows = 0;
    for (int group = 0; group < metadata->num_row_groups(); ++group) {
      const auto part = metadata->RowGroup(group);
      if (part->num_rows() < 0 || part->num_rows() > kGroupLimit
          || __builtin_add_overflow(rows, part->num_rows(), &rows)) {
        return Status::Invalid("row group ", group, " says it has ", part->num_rows(), " rows");
      }
      for (const auto &column : columns) {
        if (column.leaf < 0) continue;
        const auto chunk = part->ColumnChunk(column.leaf);
        const int64_t start = chunk->has_dictionary_page()
                && chunk->dictionary_page_offset() > 0
                && chunk->dictionary_page_offset() < chunk->data_page_offset()
            ? chunk->dictionary_page_offset()
            : chunk->data_page_offset();
        const int64_t bytes = chunk->total_compressed_size();
        if (start < 4 || bytes < 0 || start > size || bytes > size - start) {
          return Status::Invalid("column ", column.name, " lies outside of the file");
        }
        if (chunk->num_values() != part->num_rows()
            && column.kind != HOGA_ARROW_UNSUPPORTED) {
          return Status::Invalid("column ", column.name, " has another length than its row group");
        }
      }
    }
    if (rows != metadata->num_rows()) {
      return Status::Invalid("row groups have ", rows, " rows, the file ", metadata->num_rows());
    }
    return Status::OK();
  }

  /// Statistics in the units of memory, or false where there are none that fit.
  bool range(int32_t group, int32_t column, int64_t *smallest, int64_t *largest) const {
    const auto &place = columns[size_t(column)];
    if (place.leaf < 0) return false;
    int64_t factor = 1;
    switch (place.type->id()) {
      case arrow::Type::INT64:
      case arrow::Type::INT32:
      case arrow::Type::INT16:
      case arrow::Type::INT8:
      case arrow::Type::DECIMAL32:
      case arrow::Type::DECIMAL64: break;
      case arrow::Type::DATE32: factor = 86'400'000'000'000; break;
      case arrow::Type::TIMESTAMP:
        switch (static_cast<const arrow::TimestampType &>(*place.type).unit()) {
          case arrow::TimeUnit::SECOND: return false;
          case arrow::TimeUnit::MILLI: factor = 1'000'000; break;
          case arrow::TimeUnit::MICRO: factor = 1'000; break;
          case arrow::TimeUnit::NANO: break;
        }
        break;
      default: return false;
    }
    const auto chunk = metadata->RowGroup(group)->ColumnChunk(place.leaf);
    if (!chunk->is_stats_set()) return false;
    const auto statistics = chunk->statistics();
    if (!statistics || !statistics->HasMinMax()) return false;
    int64_t low = 0, high = 0;
    if (statistics->physical_type() == parquet::Type::INT64) {
      const auto &typed = static_cast<const parquet::Int64Statistics &>(*statistics);
      low = typed.min();
      high = typed.max();
    } else if (statistics->physical_type() == parquet::Type::INT32) {
      const auto &typed = static_cast<const parquet::Int32Statistics &>(*statistics);
      low = typed.min();
      high = typed.max();
    } else {
      return false;
    }
    return !__builtin_mul_overflow(low, factor, smallest)
        && !__builtin_mul_overflow(high, factor, largest) && *smallest <= *largest;
  }

  Status load(int32_t column, const int32_t *groups, int32_t group_count, int64_t *rows) {
    unload();
    const auto &place = columns[size_t(column)];
    if (place.kind == HOGA_ARROW_UNSUPPORTED) {
      return Status::Invalid("type ", place.type_text, " is not supported");
    }
    loaded_groups.assign(groups, groups + group_count);
    *rows = 0;
    for (int group : loaded_groups) *rows += metadata->RowGroup(group)->num_rows();
    if (place.is_direct) {
      if (*rows > kMemoryLimit / 8) return Status::OutOfMemory("too many rows at once");
      // The caller allocates next and cannot fail; a footer that lies about its rows fails here.
      if (*rows > kProbedRows) {
        void *probe = std::malloc(size_t(*rows) * 8);
        if (probe == nullptr) return Status::OutOfMemory("too many rows at once");
        std::free(probe);
      }
      direct = &place;
      return Status::OK();
    }
    ARROW_ASSIGN_OR_RAISE(auto table, reader->ReadRowGroups(loaded_groups, {place.leaf}));
    if (table->num_columns() != 1 || table->num_rows() != *rows) {
      return Status::Invalid("has ", table->num_rows(), " rows instead of ", *rows);
    }
    loaded = table->column(0);
    return Status::OK();
  }

  Status copy(void *out) {
    if (direct == nullptr) return hoga::copy_column(*loaded, out, levels);
    const auto *column = metadata->schema()->Column(direct->leaf);
    const int16_t defined = column->max_definition_level();
    int64_t row = 0;
    for (int group : loaded_groups) {
      const int64_t rows = metadata->RowGroup(group)->num_rows();
      auto chunk = reader->parquet_reader()->RowGroup(group)->Column(direct->leaf);
      Status status;
      switch (column->physical_type()) {
        case parquet::Type::DOUBLE:
          status = decode<parquet::DoubleType>(
              *chunk, defined, rows, static_cast<double *>(out) + row, row);
          break;
        case parquet::Type::INT64:
          status = decode<parquet::Int64Type>(
              *chunk, defined, rows, static_cast<int64_t *>(out) + row, row);
          break;
        default:
          status = decode<parquet::Int32Type>(
              *chunk, defined, rows, static_cast<int32_t *>(out) + row, row);
      }
      ARROW_RETURN_NOT_OK(status);
      row += rows;
    }
    return Status::OK();
  }

  void unload() {
    loaded.reset();
    levels.clear();
    direct = nullptr;
  }
};

extern "C" {

HogaParquetReader *hoga_parquet_reader_create(void) {
  return new (std::nothrow) HogaParquetReader();
}

void hoga_parquet_reader_destroy(HogaParquetReader *reader) { delete reader; }

const char *hoga_parquet_reader_message(const HogaParquetReader *reader) {
  return reader->failure.message.c_str();
}

int32_t hoga_parquet_reader_errno(const HogaParquetReader *reader) {
  return reader->failure.error_number;
}

HogaArrowStatus hoga_parquet_reader_open(HogaParquetReader *reader, int32_t descriptor) {
  return hoga::guarded(reader->failure, [=] { return reader->open(descriptor); });
}

int64_t hoga_parquet_reader_rows(const HogaParquetReader *reader) {
  return reader->metadata->num_rows();
}

int32_t hoga_parquet_reader_groups(const HogaParquetReader *reader) {
  return reader->metadata->num_row_groups();
}

int64_t hoga_parquet_reader_group_rows(const HogaParquetReader *reader, int32_t group) {
  return reader->metadata->RowGroup(group)->num_rows();
}

int32_t hoga_parquet_reader_columns(const HogaParquetReader *reader) {
  return int32_t(reader->columns.size());
}

const char *hoga_parquet_reader_column_name(const HogaParquetReader *reader, int32_t column) {
  return reader->columns[size_t(column)].name.c_str();
}

const char *hoga_parquet_reader_column_type(const HogaParquetReader *reader, int32_t column) {
  return reader->columns[size_t(column)].type_text.c_str();
}

HogaArrowKind hoga_parquet_reader_column_kind(const HogaParquetReader *reader, int32_t column) {
  return reader->columns[size_t(column)].kind;
}

int32_t hoga_parquet_reader_column_scale(const HogaParquetReader *reader, int32_t column) {
  return reader->columns[size_t(column)].scale;
}

int64_t hoga_parquet_reader_chunk_bytes(
    const HogaParquetReader *reader, int32_t group, int32_t column) {
  const int leaf = reader->columns[size_t(column)].leaf;
  if (leaf < 0) return 0;
  return reader->metadata->RowGroup(group)->ColumnChunk(leaf)->total_compressed_size();
}

int32_t hoga_parquet_reader_metadata_count(const HogaParquetReader *reader) {
  const auto &pairs = reader->metadata->key_value_metadata();
  return pairs ? int32_t(pairs->size()) : 0;
}

const char *hoga_parquet_reader_metadata_key(
    const HogaParquetReader *reader, int32_t index, int64_t *length) {
  const std::string &text = reader->metadata->key_value_metadata()->key(index);
  *length = int64_t(text.size());
  return text.data();
}

const char *hoga_parquet_reader_metadata_value(
    const HogaParquetReader *reader, int32_t index, int64_t *length) {
  const std::string &text = reader->metadata->key_value_metadata()->value(index);
  *length = int64_t(text.size());
  return text.data();
}

int32_t hoga_parquet_reader_range(
    HogaParquetReader *reader, int32_t group, int32_t column, int64_t *smallest,
    int64_t *largest) {
  int32_t found = 0;
  // Statistics that cannot be read only cost speed: the rows themselves are checked when read.
  hoga::guarded(reader->failure, [&] {
    found = reader->range(group, column, smallest, largest) ? 1 : 0;
    return Status::OK();
  });
  return found;
}

HogaArrowStatus hoga_parquet_reader_load(
    HogaParquetReader *reader, int32_t column, const int32_t *groups, int32_t group_count,
    int64_t *rows) {
  *rows = 0;
  return hoga::guarded(
      reader->failure, [=] { return reader->load(column, groups, group_count, rows); });
}

HogaArrowStatus hoga_parquet_reader_copy(HogaParquetReader *reader, void *out) {
  return hoga::guarded(reader->failure, [=] { return reader->copy(out); });
}

int32_t hoga_parquet_reader_level_count(const HogaParquetReader *reader) {
  return int32_t(reader->levels.texts().size());
}

const char *hoga_parquet_reader_level(
    const HogaParquetReader *reader, int32_t level, int64_t *length) {
  const std::string &text = reader->levels.texts()[size_t(level)];
  *length = int64_t(text.size());
  return text.data();
}

void hoga_parquet_reader_unload(HogaParquetReader *reader) {
  reader->unload();
}

}  // extern "C"
