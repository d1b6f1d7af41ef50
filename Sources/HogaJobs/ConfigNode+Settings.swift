internal import Foundation
internal import HogaConfig
internal import HogaCore

// What the settings of every kind of workflow have in common.

extension ConfigNode {
  /// A mapping of settings given as `key.path=value`.
  init(assignments: [String]) throws {
    self.init(.mapping([]), file: Self.commandLine, line: 0, path: "")
    try assign(assignments)
  }

  /// Applies settings given as `key.path=value`; an empty value unsets.
  mutating func assign(_ assignments: [String]) throws {
    for assignment in assignments {
      guard let equals = assignment.firstIndex(of: "="), equals != assignment.startIndex else {
        throw UsageError("--set \(assignment): write key.path=value")
      }
      let value = String(assignment[assignment.index(after: equals)...])
      try set(
        String(assignment[..<equals]),
        to: .parse(value.isEmpty ? "~" : value, file: Self.commandLine))
    }
  }

  /// A name that folders and files can have.
  func name() throws -> String {
    let text = try string()
    guard !text.isEmpty, !text.hasPrefix("."),
      text.allSatisfy({ $0.isLetter || $0.isNumber || "-_.".contains($0) })
    else { throw error("a name has letters, digits, '-', '_' and '.' only") }
    return text
  }

  /// The number under `seed` that everything random starts from; 1 where there is none.
  func seed() throws -> UInt64 {
    guard let node = self["seed"] else { return 1 }
    let seed = try node.int()
    guard seed >= 0, seed <= Int(Int32.max) else {
      throw node.error("a seed is between 0 and \(Int32.max)")
    }
    return UInt64(seed)
  }

  func notNegative() throws -> Int {
    let value = try int()
    guard value >= 0 else { throw error("must not be below zero") }
    return value
  }
  func positive() throws -> Int {
    let value = try int()
    guard value > 0 else { throw error("must be above zero") }
    return value
  }
  func positiveSpan() throws -> TimeSpan {
    let value = try timeSpan()
    guard value > .zero else { throw error("must be above zero") }
    return value
  }
  func span(_ key: String, default span: TimeSpan) throws -> TimeSpan {
    guard let node = self[key] else { return span }
    let value = try node.timeSpan()
    guard value >= .zero else { throw node.error("must not be below zero") }
    return value
  }
  func positiveDouble() throws -> Double {
    let value = try double()
    guard value > 0 else { throw error("must be above zero") }
    return value
  }

  /// A path as written, taken from a folder unless it is absolute; `~` and `$HOGA_DATA` are
  /// expanded.
  func path(relativeTo folder: String) throws -> String { try Self.path(string(), folder) }

  func paths(relativeTo folder: String) throws -> [String] {
    try strings().map { try Self.path($0, folder) }
  }

  private static func path(_ text: String, _ folder: String) throws -> String {
    var path = text
    if path.hasPrefix("$HOGA_DATA") {
      guard let data = ProcessInfo.processInfo.environment["HOGA_DATA"] else {
        throw MissingInputError("\(path): the environment variable HOGA_DATA is not set")
      }
      path = data + path.dropFirst("$HOGA_DATA".count)
    }
    path = NSString(string: path).expandingTildeInPath
    return path.hasPrefix("/") ? path : folder + "/" + path
  }
}
