#include <arrow/io/file.h>
#include <arrow/ipc/reader.h>
#include <unistd.h>

#include <limits>

#include "Common.hpp"

using arrow::Status;

namespace {

// A torn file can ask for any amount; no batch of a table's writer comes near this.
constexpr int64_t kMemoryLimit = int64_t(8) << 30;

/// Memory for all readers, which is never given up: Arrow reads in threads of its own, and after an
/// error one of them may still let go of its buffer when the reader is gone.
arrow::MemoryPool *pool() {
  static auto *const shared = new arrow::CappedMemoryPool(arrow::system_memory_pool(), kMemoryLimit);
  return shared;
}

/// Who asks for that much is a damaged file.
Status blamed_on_file(const Status &status) {
  if (!status.IsOutOfMemory()) return status;
  return Status::Invalid("asks for more memory than there is, or than ", kMemoryLimit, " bytes");
}

}  // namespace

struct HogaFeatherReader {
  hoga::Failure failure;
  std::shared_ptr<arrow::io::ReadableFile> file;
  std::shared_ptr<arrow::ipc::RecordBatchFileReader> reader;
  std::vector<std::string> types;
  std::shared_ptr<arrow::RecordBatch> batch;
  hoga::Levels levels;

  Status open(int32_t descriptor) {
    auto opened = arrow::io::ReadableFile::Open(descriptor, pool());
    if (!opened.ok()) ::close(descriptor);
    ARROW_ASSIGN_OR_RAISE(file, std::move(opened));
    auto options = arrow::ipc::IpcReadOptions::Defaults();
    options.memory_pool = pool();
    options.use_threads = false;
    ARROW_ASSIGN_OR_RAISE(reader, arrow::ipc::RecordBatchFileReader::Open(file, options));
    for (const auto &field : reader->schema()->fields()) types.push_back(field->type()->ToString());
    return Status::OK();
  }

  /// Arrow trusts the offsets in a file until it is told not to.
  Status load(int32_t index, int64_t *rows) {
    batch.reset();
    ARROW_ASSIGN_OR_RAISE(batch, reader->ReadRecordBatch(index));
    ARROW_RETURN_NOT_OK(batch->ValidateFull());
    *rows = batch->num_rows();
    return Status::OK();
  }
};

extern "C" {

HogaFeatherReader *hoga_feather_reader_create(void) {
  return new (std::nothrow) HogaFeatherReader();
}
void hoga_feather_reader_destroy(HogaFeatherReader *reader) { delete reader; }

const char *hoga_feather_reader_message(const HogaFeatherReader *reader) {
  return reader->failure.message.c_str();
}

int32_t hoga_feather_reader_errno(const HogaFeatherReader *reader) {
  return reader->failure.error_number;
}

HogaArrowStatus hoga_feather_reader_open(HogaFeatherReader *reader, int32_t descriptor) {
  return hoga::guarded(reader->failure, [=] { return blamed_on_file(reader->open(descriptor)); });
}

int32_t hoga_feather_reader_batches(const HogaFeatherReader *reader) {
  return reader->reader->num_record_batches();
}

int32_t hoga_feather_reader_columns(const HogaFeatherReader *reader) {
  return reader->reader->schema()->num_fields();
}

const char *hoga_feather_reader_column_name(const HogaFeatherReader *reader, int32_t column) {
  return reader->reader->schema()->field(column)->name().c_str();
}

const char *hoga_feather_reader_column_type(const HogaFeatherReader *reader, int32_t column) {
  return reader->types[size_t(column)].c_str();
}

HogaArrowKind hoga_feather_reader_column_kind(const HogaFeatherReader *reader, int32_t column) {
  return hoga::kind_of(*reader->reader->schema()->field(column)->type());
}

int32_t hoga_feather_reader_column_scale(const HogaFeatherReader *reader, int32_t column) {
  return hoga::scale_of(*reader->reader->schema()->field(column)->type());
}

HogaArrowStatus hoga_feather_reader_load(
    HogaFeatherReader *reader, int32_t batch, int64_t *rows) {
  *rows = 0;
  return hoga::guarded(reader->failure, [=] { return blamed_on_file(reader->load(batch, rows)); });
}

HogaArrowStatus hoga_feather_reader_copy(HogaFeatherReader *reader, int32_t column, void *out) {
  return hoga::guarded(reader->failure, [=] {
    const arrow::ChunkedArray values(reader->batch->column(column));
    return hoga::copy_column(values, out, reader->levels);
  });
}

int32_t hoga_feather_reader_level_count(const HogaFeatherReader *reader) {
  return int32_t(reader->levels.texts().size());
}

const char *hoga_feather_reader_level(
    const HogaFeatherReader *reader, int32_t level, int64_t *length) {
  const std::string &text = reader->levels.texts()[size_t(level)];
  *length = int64_t(text.size());
  return text.data();
}

}  // extern "C"
