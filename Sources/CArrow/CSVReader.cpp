#include <arrow/csv/api.h>
#include <arrow/io/file.h>
#include <unistd.h>

#include "Common.hpp"

using arrow::Status;

struct HogaCSVReader {
  hoga::Failure failure;
  std::vector<std::string> names;
  std::shared_ptr<arrow::Table> table;
  std::vector<std::string> types;
  hoga::Levels levels;

  Status read(int32_t descriptor, char delimiter) {
    auto opened = arrow::io::ReadableFile::Open(descriptor);
    if (!opened.ok()) ::close(descriptor);
    ARROW_ASSIGN_OR_RAISE(auto file, std::move(opened));
    auto read = arrow::csv::ReadOptions::Defaults();
    read.use_threads = false;
    read.column_names = names;
    auto parse = arrow::csv::ParseOptions::Defaults();
    parse.delimiter = delimiter;
    parse.newlines_in_values = true;
    auto convert = arrow::csv::ConvertOptions::Defaults();
    // An empty cell of a text column is a null, as it is in the other types.
    convert.strings_can_be_null = true;
    ARROW_ASSIGN_OR_RAISE(
        auto reader,
        arrow::csv::TableReader::Make(arrow::io::default_io_context(), file, read, parse, convert));
    ARROW_ASSIGN_OR_RAISE(table, reader->Read());
    for (const auto &field : table->schema()->fields()) types.push_back(field->type()->ToString());
    return Status::OK();
  }
};

extern "C" {

HogaCSVReader *hoga_csv_reader_create(void) { return new (std::nothrow) HogaCSVReader(); }
void hoga_csv_reader_destroy(HogaCSVReader *reader) { delete reader; }

const char *hoga_csv_reader_message(const HogaCSVReader *reader) {
  return reader->failure.message.c_str();
}

int32_t hoga_csv_reader_errno(const HogaCSVReader *reader) { return reader->failure.error_number; }

HogaArrowStatus hoga_csv_reader_add_column(HogaCSVReader *reader, const char *name) {
  return hoga::guarded(reader->failure, [=] {
    reader->names.emplace_back(name);
    return Status::OK();
  });
}

HogaArrowStatus hoga_csv_reader_read(HogaCSVReader *reader, int32_t descriptor, char delimiter) {
  return hoga::guarded(reader->failure, [=] { return reader->read(descriptor, delimiter); });
}

int64_t hoga_csv_reader_rows(const HogaCSVReader *reader) { return reader->table->num_rows(); }
int32_t hoga_csv_reader_columns(const HogaCSVReader *reader) {
  return reader->table->num_columns();
}

const char *hoga_csv_reader_column_name(const HogaCSVReader *reader, int32_t column) {
  return reader->table->schema()->field(column)->name().c_str();
}

const char *hoga_csv_reader_column_type(const HogaCSVReader *reader, int32_t column) {
  return reader->types[size_t(column)].c_str();
}

HogaArrowKind hoga_csv_reader_column_kind(const HogaCSVReader *reader, int32_t column) {
  return hoga::kind_of(*reader->table->schema()->field(column)->type());
}

HogaArrowStatus hoga_csv_reader_copy(HogaCSVReader *reader, int32_t column, void *out) {
  return hoga::guarded(reader->failure, [=] {
    return hoga::copy_column(*reader->table->column(column), out, reader->levels);
  });
}

int32_t hoga_csv_reader_level_count(const HogaCSVReader *reader) {
  return int32_t(reader->levels.texts().size());
}

const char *hoga_csv_reader_level(const HogaCSVReader *reader, int32_t level, int64_t *length) {
  const std::string &text = reader->levels.texts()[size_t(level)];
  *length = int64_t(text.size());
  return text.data();
}

}  // extern "C"
