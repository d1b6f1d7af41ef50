#pragma once

#include <arrow/api.h>
#include <arrow/util/io_util.h>

#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "CArrow.h"

namespace hoga {

/// The last error of a handle.
struct Failure {
  std::string message;
  int32_t error_number = 0;

  HogaArrowStatus data(std::string text) {
    message = std::move(text);
    error_number = 0;
    return HOGA_ARROW_DATA;
  }

  HogaArrowStatus from(const arrow::Status &status) {
    message = status.message();
    // Arrow calls both a torn file and a failing disk an I/O error; only the latter has an errno.
    error_number = arrow::internal::ErrnoFromStatus(status);
    if (error_number != 0 || status.IsOutOfMemory()) return HOGA_ARROW_RESOURCE;
    return HOGA_ARROW_DATA;
  }
};

/// Runs `body`, which returns an `arrow::Status`, and turns whatever it throws into a status.
template <typename Body>
HogaArrowStatus guarded(Failure &failure, Body body) noexcept {
  try {
    try {
      arrow::Status status = body();
      if (status.ok()) return HOGA_ARROW_OK;
      return failure.from(status);
    } catch (const std::bad_alloc &) {
      failure.error_number = 0;
      failure.message = "out of memory";
      return HOGA_ARROW_RESOURCE;
    } catch (const std::exception &error) {
      return failure.data(error.what());
    }
  } catch (...) {
    // Even the message could not be made.
    failure.error_number = 0;
    return HOGA_ARROW_RESOURCE;
  }
}

/// The kind in memory of an Arrow type, or unsupported.
HogaArrowKind kind_of(const arrow::DataType &type);
int32_t scale_of(const arrow::DataType &type);

/// Texts coded by first appearance.
class Levels {
 public:
  int32_t code(std::string_view text);
  void clear();
  const std::vector<std::string> &texts() const { return texts_; }

 private:
  std::vector<std::string> texts_;
  std::unordered_map<std::string, int32_t> codes_;
};

/// Copies a column out as its kind, with Hoga's nulls.
///
/// Returns `Invalid` where a value does not fit or would be taken for a null.
arrow::Status copy_column(const arrow::ChunkedArray &column, void *out, Levels &levels);

}  // namespace hoga
