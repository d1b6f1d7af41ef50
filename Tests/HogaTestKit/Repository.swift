internal import Foundation

/// The checkout that the tests were built from.
package enum Repository {
  package static let path = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path(percentEncoded: false)

  package static func file(_ name: String) -> String { "\(path)/\(name)" }

  package static func text(_ name: String) throws -> String {
    try String(contentsOfFile: file(name), encoding: .utf8)
  }

  /// The part of a source file between `// Begin of the code in GUIDE.` and `// End of …`, which is
  /// compiled there and shown in the guide.
  package static func code(in source: String, of guide: String) throws -> String {
    let text = try String(contentsOfFile: source, encoding: .utf8)
    let parts = text.components(separatedBy: "// Begin of the code in \(guide).\n")
    guard parts.count > 1 else { return "" }
    return parts[1].components(separatedBy: "// End of the code in \(guide).\n")[0]
  }
}
