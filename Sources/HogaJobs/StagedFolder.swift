internal import Foundation
internal import HogaCore

/// A folder whose new contents are made out of sight and appear together at the end.
struct StagedFolder: Sendable {
  let path: String

  init(_ path: String) throws {
    // An empty path would put everything below the file system's root.
    guard !path.isEmpty else { throw UsageError("the folder for results has no name") }
    self.path = path
  }

  /// Lets `body` fill a hidden folder, then moves what is in it here, in the place of what had those
  /// names; `names` of an earlier run that are not made again are removed. After an error or Ctrl-C
  /// everything is as it was.
  ///
  /// - Parameter order: names that appear in this order, after all others.
  func replacing<Value>(
    _ names: [String], order: [String] = [], _ body: (String) throws -> Value
  ) throws -> Value {
    let manager = FileManager.default
    let existed = manager.fileExists(atPath: path)
    let stage = path + "/.partial"
    try? manager.removeItem(atPath: stage)  // left behind by a run that was killed
    do {
      try Self.make(stage)
      let value = try body(stage)
      let made = try manager.contentsOfDirectory(atPath: stage).sorted()
      let all = Set(names + made)
      for name in all.subtracting(order).sorted() + order.filter(all.contains) {
        let target = "\(path)/\(name)"
        if manager.fileExists(atPath: target) { try manager.removeItem(atPath: target) }
        if made.contains(name) { try manager.moveItem(atPath: "\(stage)/\(name)", toPath: target) }
      }
      try? manager.removeItem(atPath: stage)
      return value
    } catch {
      try? manager.removeItem(atPath: stage)
      if !existed { rmdir(path) }
      if let error = error as? CocoaError { throw ResourceError("\(path): \(error)") }
      throw error
    }
  }

  static func make(_ folder: String) throws {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw ResourceError("\(folder): cannot be made: \(error.localizedDescription)")
    }
  }
}
