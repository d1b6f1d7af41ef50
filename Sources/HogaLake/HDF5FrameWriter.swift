internal import CHDF5
internal import HogaCore

/// Writes a frame in the layout of pandas' “fixed” frames.
///
/// Source of the layout: pandas, `io/pytables.py`, classes `BlockManagerFixed` and `GenericFixed`, as
/// its files show it.
struct HDF5FrameWriter {
  let group: HDF5Group
  let layout: HDF5Layout
  let chunkRows: Int
  let gzipLevel: UInt32

  private var path: String { group.path }

  func write(_ frame: Frame) throws {
    for (name, value) in [
      ("CLASS", "GROUP"), ("VERSION", "1.0"), ("pandas_type", "frame"),
      ("pandas_version", "0.15.2"), ("encoding", "UTF-8"), ("errors", "strict"),
      ("axis0_variety", "regular"),
    ] { try group.set(name, value) }
    try group.set("ndim", 2)
    try group.set("nblocks", Int64(layout.blocks.count))
    let values = layout.fields.filter { $0.level < 0 }
    try writeTexts("axis0", values.map(\.name), name: nil)
    try writeIndex(frame)
    for (index, storage) in layout.blocks.enumerated() {
      let fields = values.filter { $0.block == index }
      try group.set("block\(index)_items_variety", "regular")
      try writeTexts("block\(index)_items", fields.map(\.name), name: nil)
      try writeBlock("block\(index)_values", storage, fields, frame)
    }
    let json = try layout.json()
    try write(HDF5File.layoutName, hoga_h5_byte(), [json.count], json)
  }

  // MARK: The index

  private func writeIndex(_ frame: Frame) throws {
    let levels = layout.fields.filter { $0.level >= 0 }
    if levels.isEmpty {
      try group.set("axis1_variety", "regular")
      try write("axis1", hoga_h5_int64(), [layout.rows], (0..<Int64(layout.rows)).map { $0 }) {
        try HDF5Group.set($0, "kind", "integer", path)
      }
      return
    }
    if levels.count == 1, case .timestamp(let times) = try frame.column(levels[0].name) {
      try group.set("axis1_variety", "regular")
      try write("axis1", hoga_h5_int64(), [layout.rows], times) {
        try HDF5Group.set($0, "kind", "datetime64", path)
        try HDF5Group.set($0, "index_class", "datetime", path)
        try HDF5Group.set($0, "name", levels[0].name, path)
      }
      return
    }
    try group.set("axis1_variety", "multi")
    try group.set("axis1_nlevels", Int64(levels.count))
    for field in levels {
      let codes: [Int32]
      switch try frame.column(field.name) {
      case .category(let texts):
        try writeTexts("axis1_level\(field.level)", texts.levels, name: field.name)
        codes = texts.codes
      case .timestamp(let times):
        let distinct = Set(times).subtracting([Column.missing]).sorted()
        var codeOf: [Int64: Int32] = [Column.missing: -1]
        for (code, time) in distinct.enumerated() { codeOf[time] = Int32(code) }
        codes = times.map { codeOf[$0] ?? -1 }
        guard !distinct.isEmpty else {
          throw UsageError("\(path): column \(field.name) of the index holds nothing but nulls")
        }
        try write("axis1_level\(field.level)", hoga_h5_int64(), [distinct.count], distinct) {
          try HDF5Group.set($0, "kind", "datetime64", path)
          try HDF5Group.set($0, "name", field.name, path)
        }
      default: preconditionFailure("the index is of texts and times")
      }
      try write("axis1_label\(field.level)", hoga_h5_int32(), [codes.count], codes)
    }
  }

  // MARK: Blocks

  private func writeBlock(
    _ name: String, _ storage: HDF5Layout.Storage, _ fields: [HDF5Layout.Field], _ frame: Frame
  ) throws {
    let type: hid_t
    switch storage {
    case .double: type = hoga_h5_double()
    case .int64, .time: type = hoga_h5_int64()
    case .int32: type = hoga_h5_int32()
    case .bool: type = hoga_h5_bool()
    }
    let size = [UInt64(layout.rows), UInt64(fields.count)]
    let space = try HDF5Handle.space(unsafe H5Screate_simple(2, size, nil), path)
    let creation = try HDF5Handle.list(
      unsafe hoga_h5_chunked(2, [UInt64(min(chunkRows, layout.rows)), 1], gzipLevel), path)
    let set = try HDF5Handle.dataset(
      unsafe hoga_h5_create_dataset(group.id, name, type, space.id, creation.id), path)
    try HDF5Group.set(set.id, "CLASS", "CARRAY", path)
    try HDF5Group.set(set.id, "VERSION", "1.1", path)
    try markTransposed(set.id)
    if storage == .time { try HDF5Group.set(set.id, "value_type", "datetime64[ns]", path) }
    let memory = try HDF5Handle.space(
      unsafe H5Screate_simple(1, [UInt64(layout.rows)], nil), path)
    for field in fields {
      try HDF5Handle.check(
        hoga_h5_select_column(space.id, UInt64(field.item), UInt64(layout.rows)), path)
      func write<Value: BitwiseCopyable>(_ values: [Value]) throws {
        try HDF5Handle.check(
          unsafe hoga_h5_write(set.id, type, memory.id, space.id, values), path)
      }
      let column = try frame.column(field.name)
      switch (storage, column) {
      case (.int64, .int64(let values)), (.time, .timestamp(let values)): try write(values)
      case (.int32, .int32(let values)): try write(values)
      case (.bool, .bool(let values)): try write(values.map { UInt8($0 ? 1 : 0) })
      default: try write(column.asDoubles ?? [])
      }
    }
  }

  /// pandas keeps blocks as columns by rows, and this file rows by columns.
  private func markTransposed(_ id: hid_t) throws {
    let space = try HDF5Handle.space(hoga_h5_scalar(), path)
    let value: [UInt8] = [1]
    try HDF5Handle.check(
      unsafe hoga_h5_write_attribute(id, "transposed", hoga_h5_bool(), space.id, value), path)
  }

  // MARK: Arrays

  private func writeTexts(_ name: String, _ texts: [String], name index: String?) throws {
    guard !texts.isEmpty, !texts.contains(where: { $0.utf8.contains(0) }) else {
      throw UsageError("\(path): texts of \(index ?? name) are none, or hold a zero byte")
    }
    let length = max(1, texts.map(\.utf8.count).max() ?? 1)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(texts.count * length)
    for text in texts {
      bytes += text.utf8
      bytes += repeatElement(0, count: length - text.utf8.count)
    }
    let type = try HDF5Handle.type(hoga_h5_text(length, 0), path)
    try write(name, type.id, [texts.count], bytes) {
      try HDF5Group.set($0, "kind", "string", path)
      if let index { try HDF5Group.set($0, "name", index, path) }
    }
  }

  /// Writes a small array as one piece, or a long one in packed chunks.
  private func write<Value: BitwiseCopyable>(
    _ name: String, _ type: hid_t, _ size: [Int], _ values: [Value],
    attributes: (hid_t) throws -> Void = { _ in }
  ) throws {
    let isLong = size[0] > chunkRows
    let space = try HDF5Handle.space(unsafe H5Screate_simple(1, size.map { UInt64($0) }, nil), path)
    let creation = try HDF5Handle.list(
      unsafe isLong
        ? hoga_h5_chunked(1, [UInt64(chunkRows)], gzipLevel) : hoga_h5_contiguous(), path)
    let set = try HDF5Handle.dataset(
      unsafe hoga_h5_create_dataset(group.id, name, type, space.id, creation.id), path)
    try HDF5Handle.check(
      unsafe hoga_h5_write(set.id, type, hoga_h5_all(), hoga_h5_all(), values), path)
    try HDF5Group.set(set.id, "CLASS", isLong ? "CARRAY" : "ARRAY", path)
    try HDF5Group.set(set.id, "VERSION", isLong ? "1.1" : "2.4", path)
    try HDF5Group.set(set.id, "FLAVOR", "numpy", path)
    try attributes(set.id)
  }
}
