#include <arrow/util/decimal.h>
#include <arrow/util/float16.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "Common.hpp"

namespace hoga {

using arrow::Array;
using arrow::Status;
using arrow::Type;

namespace {

constexpr int64_t kMissing64 = std::numeric_limits<int64_t>::min();
constexpr int32_t kMissing32 = std::numeric_limits<int32_t>::min();

Status misfit(int64_t row, const std::string &what) {
  return Status::Invalid("row ", row + 1, ": ", what);
}

/// Copies fixed-width values; `convert(value, &result)` returns false where a value does not fit.
template <typename From, typename To, typename Convert>
Status copy_values(
    const Array &array, To *out, To missing, int64_t first_row, Convert convert) {
  const From *values = array.data()->GetValues<From>(1);
  const bool has_nulls = array.null_count() > 0;
  for (int64_t row = 0; row < array.length(); ++row) {
    if (has_nulls && array.IsNull(row)) {
      out[row] = missing;
    } else if (!convert(values[row], &out[row])) {
      return misfit(first_row + row, "the value does not fit");
    }
  }
  return Status::OK();
}

/// Copies values that stay as they are, and refuses one that would be taken for a null.
template <typename T>
Status copy_same(const Array &array, T *out, T missing, int64_t first_row) {
  const T *values = array.data()->GetValues<T>(1);
  if (array.null_count() > 0) {
    return copy_values<T, T>(array, out, missing, first_row, [=](T value, T *result) {
      *result = value;
      return value != missing;
    });
  }
  // Branch-free, so that the compiler makes vectors of it.
  bool clash = false;
  for (int64_t row = 0; row < array.length(); ++row) {
    out[row] = values[row];
    clash |= values[row] == missing;
  }
  if (!clash) return Status::OK();
  for (int64_t row = 0; row < array.length(); ++row) {
    if (values[row] == missing) {
      return misfit(first_row + row, "the smallest integer stands for null and cannot be a value");
    }
  }
  return Status::OK();
}

template <typename From>
Status widen64(const Array &array, int64_t *out, int64_t first_row, int64_t factor = 1) {
  return copy_values<From, int64_t>(
      array, out, kMissing64, first_row, [=](From value, int64_t *result) {
        if constexpr (std::is_same_v<From, uint64_t>) {
          if (value > uint64_t(std::numeric_limits<int64_t>::max())) return false;
        }
        return !__builtin_mul_overflow(int64_t(value), factor, result) && *result != kMissing64;
      });
}

template <typename From>
Status widen32(const Array &array, int32_t *out, int64_t first_row) {
  return copy_values<From, int32_t>(
      array, out, kMissing32, first_row, [](From value, int32_t *result) {
        *result = value;
        return true;
      });
}

int64_t nanoseconds_per(arrow::TimeUnit::type unit) {
  switch (unit) {
    case arrow::TimeUnit::SECOND: return 1'000'000'000;
    case arrow::TimeUnit::MILLI: return 1'000'000;
    case arrow::TimeUnit::MICRO: return 1'000;
    case arrow::TimeUnit::NANO: return 1;
  }
  return 1;
}

Status copy_wide_decimal(const Array &array, int64_t *out, int64_t first_row) {
  const auto &decimals = static_cast<const arrow::Decimal128Array &>(array);
  for (int64_t row = 0; row < array.length(); ++row) {
    if (array.IsNull(row)) {
      out[row] = kMissing64;
      continue;
    }
    const arrow::Decimal128 value(decimals.GetValue(row));
    const int64_t low = static_cast<int64_t>(value.low_bits());
    if (value.high_bits() != (low < 0 ? -1 : 0) || low == kMissing64) {
      return misfit(first_row + row, "the decimal has more than 18 digits");
    }
    out[row] = low;
  }
  return Status::OK();
}

template <typename ArrayType>
Status copy_texts(const Array &array, int32_t *out, Levels &levels) {
  const auto &texts = static_cast<const ArrayType &>(array);
  for (int64_t row = 0; row < array.length(); ++row) {
    out[row] = array.IsNull(row) ? -1 : levels.code(texts.GetView(row));
  }
  return Status::OK();
}

template <typename ArrayType>
Status copy_dictionary(
    const arrow::DictionaryArray &array, int32_t *out, int64_t first_row, Levels &levels) {
  const auto &dictionary = static_cast<const ArrayType &>(*array.dictionary());
  constexpr int32_t kUnseen = -2;
  std::vector<int32_t> translated(static_cast<size_t>(dictionary.length()), kUnseen);
  for (int64_t row = 0; row < array.length(); ++row) {
    if (array.IsNull(row)) {
      out[row] = -1;
      continue;
    }
    const int64_t index = array.GetValueIndex(row);
    if (index < 0 || index >= dictionary.length()) {
      return misfit(first_row + row, "the code is not in the dictionary");
    }
    int32_t &code = translated[static_cast<size_t>(index)];
    if (code == kUnseen) {
      code = dictionary.IsNull(index) ? -1 : levels.code(dictionary.GetView(index));
    }
    out[row] = code;
  }
  return Status::OK();
}

Status copy_any_dictionary(const Array &array, int32_t *out, int64_t first_row, Levels &levels) {
  const auto &codes = static_cast<const arrow::DictionaryArray &>(array);
  switch (codes.dictionary()->type_id()) {
    case Type::STRING: return copy_dictionary<arrow::StringArray>(codes, out, first_row, levels);
    case Type::LARGE_STRING:
      return copy_dictionary<arrow::LargeStringArray>(codes, out, first_row, levels);
    case Type::STRING_VIEW:
      return copy_dictionary<arrow::StringViewArray>(codes, out, first_row, levels);
    default: return Status::Invalid("a dictionary of something other than text");
  }
}

Status copy_bools(const Array &array, uint8_t *out, int64_t first_row) {
  const auto &values = static_cast<const arrow::BooleanArray &>(array);
  for (int64_t row = 0; row < array.length(); ++row) {
    // Memory has no third state for these.
    if (array.IsNull(row)) return misfit(first_row + row, "true or false is null");
    out[row] = values.Value(row) ? 1 : 0;
  }
  return Status::OK();
}

Status copy_array(const Array &array, void *out, int64_t first_row, Levels &levels) {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  auto *doubles = static_cast<double *>(out) + first_row;
  auto *wide = static_cast<int64_t *>(out) + first_row;
  auto *narrow = static_cast<int32_t *>(out) + first_row;
  switch (array.type_id()) {
    case Type::DOUBLE:
      if (array.null_count() == 0) {
        std::memcpy(
            doubles, array.data()->GetValues<double>(1), size_t(array.length()) * sizeof(double));
        return Status::OK();
      }
      return copy_values<double, double>(array, doubles, kNaN, first_row, [](double value, double *r) {
        *r = value;
        return true;
      });
    case Type::FLOAT:
      return copy_values<float, double>(array, doubles, kNaN, first_row, [](float value, double *r) {
        *r = value;
        return true;
      });
    case Type::HALF_FLOAT:
      return copy_values<uint16_t, double>(
          array, doubles, kNaN, first_row, [](uint16_t bits, double *r) {
            *r = arrow::util::Float16::FromBits(bits).ToDouble();
            return true;
          });
    case Type::NA: std::fill_n(doubles, array.length(), kNaN); return Status::OK();
    case Type::INT64: return copy_same<int64_t>(array, wide, kMissing64, first_row);
    case Type::UINT64: return widen64<uint64_t>(array, wide, first_row);
    case Type::UINT32: return widen64<uint32_t>(array, wide, first_row);
    case Type::INT32: return copy_same<int32_t>(array, narrow, kMissing32, first_row);
    case Type::INT16: return widen32<int16_t>(array, narrow, first_row);
    case Type::INT8: return widen32<int8_t>(array, narrow, first_row);
    case Type::UINT16: return widen32<uint16_t>(array, narrow, first_row);
    case Type::UINT8: return widen32<uint8_t>(array, narrow, first_row);
    case Type::BOOL: return copy_bools(array, static_cast<uint8_t *>(out) + first_row, first_row);
    case Type::TIMESTAMP: {
      const auto unit = static_cast<const arrow::TimestampType &>(*array.type()).unit();
      if (unit == arrow::TimeUnit::NANO) {
        return copy_same<int64_t>(array, wide, kMissing64, first_row);
      }
      return widen64<int64_t>(array, wide, first_row, nanoseconds_per(unit));
    }
    case Type::DATE32: return widen64<int32_t>(array, wide, first_row, 86'400'000'000'000);
    case Type::DATE64: return widen64<int64_t>(array, wide, first_row, 1'000'000);
    case Type::DECIMAL32: return widen64<int32_t>(array, wide, first_row);
    case Type::DECIMAL64: return copy_same<int64_t>(array, wide, kMissing64, first_row);
    case Type::DECIMAL128: return copy_wide_decimal(array, wide, first_row);
    case Type::STRING: return copy_texts<arrow::StringArray>(array, narrow, levels);
    case Type::LARGE_STRING: return copy_texts<arrow::LargeStringArray>(array, narrow, levels);
    case Type::STRING_VIEW: return copy_texts<arrow::StringViewArray>(array, narrow, levels);
    case Type::DICTIONARY: return copy_any_dictionary(array, narrow, first_row, levels);
    default: return Status::Invalid("type ", array.type()->ToString(), " is not supported");
  }
}

bool is_text(const arrow::DataType &type) {
  return type.id() == Type::STRING || type.id() == Type::LARGE_STRING
      || type.id() == Type::STRING_VIEW;
}

}  // namespace

HogaArrowKind kind_of(const arrow::DataType &type) {
  switch (type.id()) {
    case Type::NA:  // nothing but nulls, whatever they were
    case Type::DOUBLE:
    case Type::FLOAT:
    case Type::HALF_FLOAT: return HOGA_ARROW_DOUBLE;
    case Type::INT64:
    case Type::UINT64:
    case Type::UINT32: return HOGA_ARROW_INT64;
    case Type::INT32:
    case Type::INT16:
    case Type::INT8:
    case Type::UINT16:
    case Type::UINT8: return HOGA_ARROW_INT32;
    case Type::BOOL: return HOGA_ARROW_BOOL;
    case Type::TIMESTAMP:
    case Type::DATE32:
    case Type::DATE64: return HOGA_ARROW_TIMESTAMP;
    case Type::DECIMAL32:
    case Type::DECIMAL64:
    case Type::DECIMAL128: {
      const int32_t scale = scale_of(type);
      return scale >= 0 && scale <= 18 ? HOGA_ARROW_DECIMAL : HOGA_ARROW_UNSUPPORTED;
    }
    case Type::STRING:
    case Type::LARGE_STRING:
    case Type::STRING_VIEW: return HOGA_ARROW_CATEGORY;
    case Type::DICTIONARY:
      return is_text(*static_cast<const arrow::DictionaryType &>(type).value_type())
          ? HOGA_ARROW_CATEGORY
          : HOGA_ARROW_UNSUPPORTED;
    default: return HOGA_ARROW_UNSUPPORTED;
  }
}

int32_t scale_of(const arrow::DataType &type) {
  switch (type.id()) {
    case Type::DECIMAL32:
    case Type::DECIMAL64:
    case Type::DECIMAL128: return static_cast<const arrow::DecimalType &>(type).scale();
    default: return 0;
  }
}

int32_t Levels::code(std::string_view text) {
  auto [place, isNew] = codes_.try_emplace(std::string(text), int32_t(texts_.size()));
  if (isNew) texts_.emplace_back(text);
  return place->second;
}

void Levels::clear() {
  texts_.clear();
  codes_.clear();
}

Status copy_column(const arrow::ChunkedArray &column, void *out, Levels &levels) {
  levels.clear();
  int64_t row = 0;
  for (const auto &chunk : column.chunks()) {
    ARROW_RETURN_NOT_OK(copy_array(*chunk, out, row, levels));
    row += chunk->length();
  }
  return Status::OK();
}

}  // namespace hoga
