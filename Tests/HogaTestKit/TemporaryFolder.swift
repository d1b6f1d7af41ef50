package import Foundation

/// A folder that goes away with its owner.
package final class TemporaryFolder {
  package let path: String

  package init() throws {
    path = NSTemporaryDirectory() + "/hoga-test-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a name in the folder.
  package func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a text file and returns its path.
  @discardableResult
  package func write(_ text: String, to name: String) throws -> String {
    try Data(text.utf8).write(to: URL(fileURLWithPath: self(name)))
    return self(name)
  }

  /// Files below a folder by their paths in it, hidden files too; `nil` contents are folders.
  package func snapshot(_ name: String = "") -> [String: Data?] {
    let root = name.isEmpty ? path : self(name)
    var files: [String: Data?] = [:]
    for entry in FileManager.default.subpaths(atPath: root) ?? [] {
      files[entry] = FileManager.default.contents(atPath: "\(root)/\(entry)")
    }
    return files
  }

  /// The paths of files below a folder, hidden files too, sorted.
  package func files(_ name: String = "") -> [String] {
    snapshot(name).filter { $0.value != nil }.keys.sorted()
  }
}
