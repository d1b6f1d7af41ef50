#include <arrow/io/interfaces.h>
#include <arrow/util/key_value_metadata.h>
#include <parquet/arrow/writer.h>
#include <parquet/properties.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <limits>

#include "Common.hpp"

using arrow::Status;

namespace {

/// Bytes onto a descriptor that someone else owns; the system's errors keep their number.
class DescriptorStream : public arrow::io::OutputStream {
 public:
  explicit DescriptorStream(int descriptor) : descriptor_(descriptor) {}

  Status Write(const void *data, int64_t bytes) override {
    const auto *from = static_cast<const char *>(data);
    while (bytes > 0) {
      const ssize_t written = ::write(descriptor_, from, size_t(bytes));
      if (written < 0) {
        if (errno == EINTR) continue;
        return arrow::internal::IOErrorFromErrno(errno, "writing failed");
      }
      from += written;
      bytes -= written;
      position_ += written;
    }
    return Status::OK();
  }
  using arrow::io::OutputStream::Write;
  Status Close() override {
    closed_ = true;
    return Status::OK();
  }
  arrow::Result<int64_t> Tell() const override { return position_; }
  bool closed() const override { return closed_; }

  /// Fails all later writes: the descriptor may be someone else's by then.
  void detach() { descriptor_ = -1; }

 private:
  int descriptor_;
  int64_t position_ = 0;
  bool closed_ = false;
};

struct ColumnPlan {
  std::string name;
  HogaArrowKind kind;
  int32_t scale;
  HogaArrowEncoding encoding;
  std::shared_ptr<arrow::DataType> type;
};

/// A bitmap of the rows where `is_null` is false, or nothing where there is no null.
template <typename T, typename IsNull>
arrow::Result<std::shared_ptr<arrow::Buffer>> validity(
    const T *values, int64_t rows, int64_t *nulls, IsNull is_null) {
  int64_t count = 0;
  for (int64_t row = 0; row < rows; ++row) count += is_null(values[row]) ? 1 : 0;
  *nulls = count;
  if (count == 0) return std::shared_ptr<arrow::Buffer>();
  ARROW_ASSIGN_OR_RAISE(auto bitmap, arrow::AllocateEmptyBitmap(rows));
  uint8_t *bits = bitmap->mutable_data();
  for (int64_t row = 0; row < rows; ++row) {
    if (!is_null(values[row])) bits[row >> 3] |= uint8_t(1u << (row & 7));
  }
  return bitmap;
}

/// Wraps the caller's memory; it must outlive the array.
template <typename T, typename IsNull>
arrow::Result<std::shared_ptr<arrow::Array>> wrap(
    const std::shared_ptr<arrow::DataType> &type, const T *values, int64_t rows, IsNull is_null) {
  int64_t nulls = 0;
  ARROW_ASSIGN_OR_RAISE(auto bitmap, validity(values, rows, &nulls, is_null));
  auto buffer = arrow::Buffer::Wrap(values, size_t(rows));
  return arrow::MakeArray(arrow::ArrayData::Make(type, rows, {bitmap, buffer}, nulls));
}

}  // namespace

struct HogaParquetWriter {
  hoga::Failure failure;
  std::vector<ColumnPlan> columns;
  std::vector<std::string> keys, values;
  std::shared_ptr<DescriptorStream> sink;
  std::unique_ptr<parquet::arrow::FileWriter> writer;
  int64_t group_rows = 0;
  size_t next_column = 0;

  Status open(int32_t descriptor, int32_t zstd_level) {
    parquet::WriterProperties::Builder properties;
    properties.compression(arrow::Compression::ZSTD)
        ->compression_level(zstd_level)
        ->version(parquet::ParquetVersion::PARQUET_2_6)
        ->created_by("hoga")
        ->enable_store_decimal_as_integer()
        ->enable_page_checksum()
        ->disable_dictionary();
    arrow::FieldVector fields;
    for (auto &column : columns) {
      switch (column.encoding) {
        case HOGA_ARROW_DICTIONARY: properties.enable_dictionary(column.name); break;
        case HOGA_ARROW_DELTA:
          properties.encoding(column.name, parquet::Encoding::DELTA_BINARY_PACKED);
          break;
        case HOGA_ARROW_BYTE_STREAM_SPLIT:
          properties.encoding(column.name, parquet::Encoding::BYTE_STREAM_SPLIT);
          break;
        default: properties.encoding(column.name, parquet::Encoding::PLAIN);
      }
      switch (column.kind) {
        case HOGA_ARROW_DOUBLE: column.type = arrow::float64(); break;
        case HOGA_ARROW_INT64: column.type = arrow::int64(); break;
        case HOGA_ARROW_INT32: column.type = arrow::int32(); break;
        case HOGA_ARROW_BOOL: column.type = arrow::boolean(); break;
        case HOGA_ARROW_TIMESTAMP:
          column.type = arrow::timestamp(arrow::TimeUnit::NANO, "UTC");
          break;
        case HOGA_ARROW_DECIMAL: column.type = arrow::decimal64(18, column.scale); break;
        case HOGA_ARROW_CATEGORY:
          column.type = arrow::dictionary(arrow::int32(), arrow::utf8());
          break;
        default: return Status::Invalid("column ", column.name, " has no kind");
      }
      fields.push_back(arrow::field(column.name, column.type));
    }
    sink = std::make_shared<DescriptorStream>(descriptor);
    ARROW_ASSIGN_OR_RAISE(
        writer,
        parquet::arrow::FileWriter::Open(
            *arrow::schema(fields), arrow::default_memory_pool(), sink, properties.build()));
    return Status::OK();
  }

  Status close() {
    ARROW_RETURN_NOT_OK(writer->AddKeyValueMetadata(arrow::key_value_metadata(keys, values)));
    return writer->Close();
  }

  /// 64-bit integers hold a little more than the 18 digits that the format allows for them.
  Status check_digits(const int64_t *counts) const {
    constexpr int64_t kLimit = 1'000'000'000'000'000'000;
    constexpr int64_t kMissing = std::numeric_limits<int64_t>::min();
    const auto is_wide = [](int64_t count) {
      return (count >= kLimit || count <= -kLimit) && count != kMissing;
    };
    bool any = false;
    for (int64_t row = 0; row < group_rows; ++row) any |= is_wide(counts[row]);
    if (!any) return Status::OK();
    const int64_t row = std::find_if(counts, counts + group_rows, is_wide) - counts;
    return Status::Invalid(
        "row ", row + 1, " of a row group: column ", columns[next_column].name,
        " has more than 18 digits");
  }

  Status write(const void *data) {
    const ColumnPlan &column = columns[next_column];
    std::shared_ptr<arrow::Array> array;
    switch (column.kind) {
      case HOGA_ARROW_DOUBLE: {
        const auto *doubles = static_cast<const double *>(data);
        ARROW_ASSIGN_OR_RAISE(array, wrap(column.type, doubles, group_rows, [](double value) {
                                return std::isnan(value);
                              }));
        break;
      }
      case HOGA_ARROW_INT64:
      case HOGA_ARROW_TIMESTAMP:
      case HOGA_ARROW_DECIMAL: {
        const auto *integers = static_cast<const int64_t *>(data);
        if (column.kind == HOGA_ARROW_DECIMAL) ARROW_RETURN_NOT_OK(check_digits(integers));
        ARROW_ASSIGN_OR_RAISE(array, wrap(column.type, integers, group_rows, [](int64_t value) {
                                return value == std::numeric_limits<int64_t>::min();
                              }));
        break;
      }
      case HOGA_ARROW_INT32: {
        const auto *integers = static_cast<const int32_t *>(data);
        ARROW_ASSIGN_OR_RAISE(array, wrap(column.type, integers, group_rows, [](int32_t value) {
                                return value == std::numeric_limits<int32_t>::min();
                              }));
        break;
      }
      case HOGA_ARROW_BOOL: {
        const auto *bytes = static_cast<const uint8_t *>(data);
        ARROW_ASSIGN_OR_RAISE(auto bitmap, arrow::AllocateEmptyBitmap(group_rows));
        uint8_t *bits = bitmap->mutable_data();
        for (int64_t row = 0; row < group_rows; ++row) {
          bits[row >> 3] |= uint8_t((bytes[row] & 1u) << (row & 7));
        }
        array = arrow::MakeArray(arrow::ArrayData::Make(
            column.type, group_rows, {nullptr, std::shared_ptr<arrow::Buffer>(std::move(bitmap))},
            0));
        break;
      }
      default: return Status::Invalid("column ", column.name, " needs texts");
    }
    ++next_column;
    return writer->WriteColumnChunk(*array);
  }

  /// Codes anew by first appearance, so that unused and repeated texts stay out of the file.
  Status write_categories(
      const int32_t *codes, const char *bytes, const int32_t *offsets, int32_t level_count) {
    const ColumnPlan &column = columns[next_column];
    constexpr int32_t kUnseen = -2;
    std::vector<int32_t> translated(size_t(level_count), kUnseen);
    std::vector<int32_t> recoded(static_cast<size_t>(group_rows));
    hoga::Levels levels;
    for (int64_t row = 0; row < group_rows; ++row) {
      const int32_t code = codes[row];
      if (code < 0) {
        recoded[size_t(row)] = -1;
        continue;
      }
      if (code >= level_count) {
        return Status::Invalid("row ", row + 1, ": code ", code, " has no text");
      }
      int32_t &known = translated[size_t(code)];
      if (known == kUnseen) {
        known = levels.code(
            std::string_view(bytes + offsets[code], size_t(offsets[code + 1] - offsets[code])));
      }
      recoded[size_t(row)] = known;
    }
    arrow::StringBuilder texts;
    for (const auto &text : levels.texts()) ARROW_RETURN_NOT_OK(texts.Append(text));
    ARROW_ASSIGN_OR_RAISE(auto dictionary, texts.Finish());
    ARROW_ASSIGN_OR_RAISE(
        auto indices, wrap(arrow::int32(), recoded.data(), group_rows, [](int32_t code) {
          return code < 0;
        }));
    ++next_column;
    return writer->WriteColumnChunk(
        arrow::DictionaryArray(column.type, std::move(indices), std::move(dictionary)));
  }
};

extern "C" {

HogaParquetWriter *hoga_parquet_writer_create(void) {
  return new (std::nothrow) HogaParquetWriter();
}

void hoga_parquet_writer_destroy(HogaParquetWriter *writer) {
  // Arrow's writer tries to finish its file when it goes, even one that was given up.
  if (writer->sink) writer->sink->detach();
  hoga::guarded(writer->failure, [=] {
    writer->writer.reset();
    return Status::OK();
  });
  delete writer;
}

const char *hoga_parquet_writer_message(const HogaParquetWriter *writer) {
  return writer->failure.message.c_str();
}

int32_t hoga_parquet_writer_errno(const HogaParquetWriter *writer) {
  return writer->failure.error_number;
}

HogaArrowStatus hoga_parquet_writer_add_column(
    HogaParquetWriter *writer, const char *name, HogaArrowKind kind, int32_t scale,
    HogaArrowEncoding encoding) {
  return hoga::guarded(writer->failure, [=] {
    writer->columns.push_back(ColumnPlan{name, kind, scale, encoding, nullptr});
    return Status::OK();
  });
}

HogaArrowStatus hoga_parquet_writer_add_metadata(
    HogaParquetWriter *writer, const char *key, const char *value) {
  return hoga::guarded(writer->failure, [=] {
    writer->keys.emplace_back(key);
    writer->values.emplace_back(value);
    return Status::OK();
  });
}

HogaArrowStatus hoga_parquet_writer_open(
    HogaParquetWriter *writer, int32_t descriptor, int32_t zstd_level) {
  return hoga::guarded(writer->failure, [=] { return writer->open(descriptor, zstd_level); });
}

HogaArrowStatus hoga_parquet_writer_begin_group(HogaParquetWriter *writer, int64_t rows) {
  return hoga::guarded(writer->failure, [=] {
    writer->group_rows = rows;
    writer->next_column = 0;
    return writer->writer->NewRowGroup();
  });
}

HogaArrowStatus hoga_parquet_writer_column(HogaParquetWriter *writer, const void *values) {
  return hoga::guarded(writer->failure, [=] { return writer->write(values); });
}

HogaArrowStatus hoga_parquet_writer_categories(
    HogaParquetWriter *writer, const int32_t *codes, const char *bytes, const int32_t *offsets,
    int32_t level_count) {
  return hoga::guarded(writer->failure, [=] {
    return writer->write_categories(codes, bytes, offsets, level_count);
  });
}

HogaArrowStatus hoga_parquet_writer_close(HogaParquetWriter *writer) {
  return hoga::guarded(writer->failure, [=] { return writer->close(); });
}

}  // extern "C"
