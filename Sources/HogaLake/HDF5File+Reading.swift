internal import CHDF5
internal import Foundation
public import HogaCore
internal import Synchronization

extension HDF5File {
  /// Reads a frame that `write` wrote, with its metadata.
  ///
  /// - Throws: `MissingInputError`; `DataError` where the file was not written by Hoga, is damaged,
  ///   or has no such group.
  public static func read(
    _ path: String, key: String = "table"
  ) throws -> (frame: Frame, metadata: [String: String]) {
    try checkSeal(path)
    return try HDF5Handle.lock.withLock { _ in
      hoga_h5_quiet()
      let access = try HDF5Handle.list(hoga_h5_access(), path)
      let file = try HDF5Handle(unsafe hoga_h5_open_file(path, access.id), path) { H5Fclose($0) }
      return try HDF5FrameReader(file: file.id, key: key, path: path).read()
    }
  }
}

/// Reads what `HDF5FrameWriter` wrote. The seal vouches for the content, so little is doubted here.
private struct HDF5FrameReader {
  let file: hid_t
  let key: String
  let path: String

  func read() throws -> (frame: Frame, metadata: [String: String]) {
    let bytes: [UInt8] = try array(HDF5File.layoutName, hoga_h5_byte(), 0)
    guard let layout = try? JSONDecoder().decode(HDF5Layout.self, from: Data(bytes)) else {
      throw DataError("does not describe its columns as Hoga does", file: path)
    }
    var frame = Frame()
    for field in layout.fields {
      let column = try field.level >= 0 ? level(field, layout) : value(field, layout)
      guard let column, column.count == layout.rows else {
        throw DataError("is not what its description says", file: path, column: field.name)
      }
      frame.append(field.name, column)
    }
    return (frame, layout.metadata)
  }

  private func level(_ field: HDF5Layout.Field, _ layout: HDF5Layout) throws -> Column? {
    if field.type == "timestamp", layout.levelCount == 1 {
      return .timestamp(try array("axis1", hoga_h5_int64(), 0))
    }
    let codes: [Int32] = try array("axis1_label\(field.level)", hoga_h5_int32(), 0)
    let name = "axis1_level\(field.level)"
    if field.type == "timestamp" {
      let times: [Int64] = try array(name, hoga_h5_int64(), 0)
      guard codes.allSatisfy({ $0 < times.count }) else { return nil }
      return .timestamp(codes.map { $0 < 0 ? Column.missing : times[Int($0)] })
    }
    let texts = try texts(name)
    guard codes.allSatisfy({ $0 < texts.count }) else { return nil }
    return .category(Categories(codes: codes, levels: texts))
  }

  private func value(_ field: HDF5Layout.Field, _ layout: HDF5Layout) throws -> Column? {
    guard layout.blocks.indices.contains(field.block), field.item >= 0 else { return nil }
    let name = "block\(field.block)_values"
    switch layout.blocks[field.block] {
    case .double:
      let values: [Double] = try column(name, hoga_h5_double(), field.item, layout.rows, 0)
      return layout.column(field, doubles: values)
    case .int64, .time:
      let values: [Int64] = try column(name, hoga_h5_int64(), field.item, layout.rows, 0)
      return layout.column(field, integers: values)
    case .int32:
      return .int32(try column(name, hoga_h5_int32(), field.item, layout.rows, 0))
    case .bool:
      let values: [UInt8] = try column(name, hoga_h5_bool(), field.item, layout.rows, 0)
      return .bool(values.map { $0 != 0 })
    }
  }

  private func open(_ name: String) throws -> HDF5Handle {
    let id = unsafe hoga_h5_open_dataset(file, "/\(key)/\(name)")
    guard id >= 0 else { throw DataError("holds no \(key)/\(name)", file: path) }
    return try HDF5Handle.dataset(id, path)
  }

  private func count(_ set: borrowing HDF5Handle) throws -> Int {
    let space = try HDF5Handle.space(H5Dget_space(set.id), path)
    return Int(H5Sget_simple_extent_npoints(space.id))
  }

  private func array<Value: BitwiseCopyable>(_ name: String, _ type: hid_t, _ zero: Value) throws
    -> [Value]
  {
    let set = try open(name)
    var values = [Value](repeating: zero, count: try count(set))
    try HDF5Handle.check(
      unsafe hoga_h5_read(set.id, type, hoga_h5_all(), hoga_h5_all(), &values), path)
    return values
  }

  private func column<Value: BitwiseCopyable>(
    _ name: String, _ type: hid_t, _ item: Int, _ rows: Int, _ zero: Value
  ) throws -> [Value] {
    let set = try open(name)
    let space = try HDF5Handle.space(H5Dget_space(set.id), path)
    var size: [UInt64] = [0, 0]
    guard H5Sget_simple_extent_ndims(space.id) == 2,
      unsafe H5Sget_simple_extent_dims(space.id, &size, nil) == 2,
      size[0] == UInt64(rows), item < size[1]
    else { throw DataError("has another shape than it says", file: path, column: name) }
    let memory = try HDF5Handle.space(unsafe H5Screate_simple(1, [UInt64(rows)], nil), path)
    try HDF5Handle.check(hoga_h5_select_column(space.id, UInt64(item), UInt64(rows)), path)
    var values = [Value](repeating: zero, count: rows)
    try HDF5Handle.check(
      unsafe hoga_h5_read(set.id, type, memory.id, space.id, &values), path)
    return values
  }

  private func texts(_ name: String) throws -> [String] {
    let set = try open(name)
    let type = try HDF5Handle.type(H5Dget_type(set.id), path)
    let length = H5Tget_size(type.id)
    let count = try count(set)
    guard length > 0, length < 1 << 20 else { throw DataError("has no texts", file: path) }
    var bytes = [UInt8](repeating: 0, count: count * length)
    try HDF5Handle.check(
      unsafe hoga_h5_read(set.id, type.id, hoga_h5_all(), hoga_h5_all(), &bytes), path)
    return (0..<count).map { index in
      String(
        decoding: bytes[index * length..<(index + 1) * length].prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
