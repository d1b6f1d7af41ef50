internal import CHDF5
internal import Foundation
internal import HogaCore
internal import Synchronization

/// An identifier of the HDF5 library, closed with its owner.
@safe struct HDF5Handle: ~Copyable {
  let id: hid_t
  private let release: (hid_t) -> Int32

  /// - Throws: `DataError` or `ResourceError` where the call that made `id` has failed.
  init(_ id: hid_t, _ file: String, release: @escaping (hid_t) -> Int32) throws {
    guard id >= 0 else { throw HDF5Handle.failure(file) }
    self.id = id
    self.release = release
  }

  deinit { _ = release(id) }

  static func space(_ id: hid_t, _ file: String) throws -> HDF5Handle {
    try HDF5Handle(id, file) { H5Sclose($0) }
  }
  static func list(_ id: hid_t, _ file: String) throws -> HDF5Handle {
    try HDF5Handle(id, file) { H5Pclose($0) }
  }
  static func dataset(_ id: hid_t, _ file: String) throws -> HDF5Handle {
    try HDF5Handle(id, file) { H5Dclose($0) }
  }
  static func type(_ id: hid_t, _ file: String) throws -> HDF5Handle {
    try HDF5Handle(id, file) { H5Tclose($0) }
  }
  static func group(_ id: hid_t, _ file: String) throws -> HDF5Handle {
    try HDF5Handle(id, file) { H5Gclose($0) }
  }

  static func check(_ status: Int32, _ file: String) throws {
    guard status >= 0 else { throw failure(file) }
  }

  /// The library was not built for several threads everywhere: one at a time.
  static let lock = Mutex(())

  /// What the last call failed of.
  static func failure(_ file: String) -> any Error {
    var buffer = [CChar](repeating: 0, count: 512)
    unsafe hoga_h5_reason(&buffer)
    let reason = String(
      decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    // What the system says stands in the text: `errno = 28`.
    if let place = reason.range(of: "errno = "),
      let number = Int32(reason[place.upperBound...].prefix { $0.isNumber }), number > 0
    {
      return ResourceError("\(file): \(systemMessage(number))")
    }
    return DataError("HDF5: \(reason.isEmpty ? "the library failed" : reason)", file: file)
  }
}
