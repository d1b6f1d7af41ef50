public import HogaCore

/// A value of a configuration file that knows where it was written.
///
/// Reading is strict: a key that nobody asked for is an error with its line, since a misspelt
/// setting that is silently ignored costs more than a stop.
public struct ConfigNode: Hashable, Sendable {
  public indirect enum Content: Hashable, Sendable {
    /// Text as written; `isPlain` is false for quoted text, which is never read as null.
    case scalar(String, isPlain: Bool)
    case list([ConfigNode])
    case mapping([Member])
  }
  public struct Member: Hashable, Sendable {
    public var key: String
    public var value: ConfigNode
  }

  public var content: Content
  /// The file, or a word for where the text came from.
  public var file: String
  /// Counted from one; zero for values set on the command line.
  public var line: Int
  /// How to reach it from the top: `backtest.fees.maker`.
  public var path: String

  public init(_ content: Content, file: String, line: Int, path: String) {
    self.content = content
    self.file = file
    self.line = line
    self.path = path
  }

  /// Stands for the file of what was set on the command line.
  public static let commandLine = "command line"

  /// An error that points here.
  public func error(_ reason: String) -> DataError {
    DataError(
      path.isEmpty ? reason : "\(path): \(reason)", file: line > 0 ? file : Self.commandLine,
      row: line > 0 ? line : nil)
  }

  /// Written as `null`, `~` or nothing at all.
  public var isNull: Bool {
    guard case .scalar(let text, isPlain: true) = content else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(text)
  }

  // MARK: Structure

  /// The value under a key; `nil` where the key is absent, null, or this is no mapping.
  public subscript(key: String) -> ConfigNode? {
    guard case .mapping(let members) = content,
      let value = members.first(where: { $0.key == key })?.value, !value.isNull
    else { return nil }
    return value
  }

  public func require(_ key: String) throws(DataError) -> ConfigNode {
    guard let value = self[key] else { throw error("'\(key)' is missing") }
    return value
  }

  public func items() throws(DataError) -> [ConfigNode] {
    guard case .list(let items) = content else { throw error("a list is needed") }
    return items
  }

  public func members() throws(DataError) -> [Member] {
    guard case .mapping(let members) = content else { throw error("a mapping is needed") }
    return members
  }

  /// - Throws: where a key is none of `keys`, with the nearest of them as a hint.
  public func rejectUnknown(keys: [String]) throws(DataError) {
    for member in try members() where !keys.contains(member.key) {
      let near = keys.min { $0.editDistance(to: member.key) < $1.editDistance(to: member.key) }
      let hint = near.map { "; did you mean '\($0)'?" } ?? ""
      throw member.value.error("no such setting\(hint) There are: \(keys.joined(separator: ", "))")
    }
  }

  // MARK: Scalars

  public func string() throws(DataError) -> String {
    guard case .scalar(let text, _) = content else { throw error("a single value is needed") }
    return text
  }

  public func int() throws(DataError) -> Int {
    let text = try string()
    guard let value = Int(text.replacing("_", with: "")) else {
      throw error("'\(text)' is not a whole number")
    }
    return value
  }

  /// A finite number.
  public func double() throws(DataError) -> Double {
    let text = try string()
    guard let value = Double(text.replacing("_", with: "")), value.isFinite else {
      throw error("'\(text)' is not a number")
    }
    return value
  }

  public func bool() throws(DataError) -> Bool {
    switch try string() {
    case "true", "True", "yes", "on": return true
    case "false", "False", "no", "off": return false
    case let text: throw error("'\(text)' is neither true nor false")
    }
  }

  /// A length of time such as `20s`.
  public func timeSpan() throws(DataError) -> TimeSpan {
    let text = try string()
    guard let value = TimeSpan(text) else {
      throw error("'\(text)' is not a length of time such as 250ms, 20s or 5m")
    }
    return value
  }

  public func date() throws(DataError) -> CivilDate {
    let text = try string()
    guard let value = CivilDate(text) else { throw error("'\(text)' is not a date yyyy-mm-dd") }
    return value
  }

  /// A list of values, or one value as a list of one.
  public func strings() throws(DataError) -> [String] {
    try list { (item) throws(DataError) in try item.string() }
  }
  public func doubles() throws(DataError) -> [Double] {
    try list { (item) throws(DataError) in try item.double() }
  }
  public func timeSpans() throws(DataError) -> [TimeSpan] {
    try list { (item) throws(DataError) in try item.timeSpan() }
  }

  private func list<Value>(
    _ read: (ConfigNode) throws(DataError) -> Value
  ) throws(DataError) -> [Value] {
    guard case .list(let items) = content else { return [try read(self)] }
    var values: [Value] = []
    for item in items { values.append(try read(item)) }
    return values
  }

  /// One of a few words.
  public func choice<Value: RawRepresentable & CaseIterable>(
    _ type: Value.Type
  ) throws(DataError) -> Value where Value.RawValue == String {
    let text = try string()
    guard let value = Value(rawValue: text) else {
      let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
      throw error("'\(text)' is none of \(known)")
    }
    return value
  }
}

extension ConfigNode {
  /// Sets the value at `key.path`, as `--set key.path=value` asks. List items are reached by
  /// number, from zero; missing mappings on the way are made.
  ///
  /// - Throws: `UsageError` where the path leads through a single value or past a list's end.
  public mutating func set(_ keyPath: String, to value: ConfigNode) throws {
    try set(keyPath.split(separator: ".").map(String.init)[...], to: value, whole: keyPath)
  }

  private mutating func set(
    _ keys: ArraySlice<String>, to value: ConfigNode, whole: String
  ) throws {
    guard let key = keys.first else {
      content = value.content
      line = 0
      return
    }
    let below = path.isEmpty ? key : "\(path).\(key)"
    switch content {
    case .mapping(var members):
      if let index = members.firstIndex(where: { $0.key == key }) {
        try members[index].value.set(keys.dropFirst(), to: value, whole: whole)
      } else {
        var node = ConfigNode(.mapping([]), file: file, line: 0, path: below)
        try node.set(keys.dropFirst(), to: value, whole: whole)
        members.append(Member(key: key, value: node))
      }
      content = .mapping(members)
    case .list(var items):
      guard let index = Int(key), items.indices.contains(index) else {
        throw UsageError("--set \(whole): '\(path)' has \(items.count) items, not '\(key)'")
      }
      try items[index].set(keys.dropFirst(), to: value, whole: whole)
      content = .list(items)
    case .scalar:
      guard isNull || line == 0 else {
        throw UsageError("--set \(whole): '\(path)' is a single value")
      }
      content = .mapping([])
      try set(keys, to: value, whole: whole)
    }
  }

  /// The same settings as JSON, which is YAML too; plain numbers and truth values stay such.
  public var json: JSONValue {
    switch content {
    case .list(let items): return .array(items.map(\.json))
    case .mapping(let members): return .object(members.map { ($0.key, $0.value.json) })
    case .scalar(let text, let isPlain):
      guard isPlain else { return .string(text) }
      if isNull { return .null }
      if let value = Int64(text) { return .int(value) }
      if let value = Double(text), value.isFinite { return .double(value) }
      return text == "true" ? true : text == "false" ? false : .string(text)
    }
  }
}

extension String {
  /// How many letters must be changed, added or removed to reach `other` (Levenshtein 1966).
  fileprivate func editDistance(to other: String) -> Int {
    let target = Array(other)
    var row = Array(0...target.count)
    for (index, letter) in enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for column in target.indices {
        let above = row[column + 1]
        row[column + 1] = Swift.min(
          above + 1, row[column] + 1, diagonal + (letter == target[column] ? 0 : 1))
        diagonal = above
      }
    }
    return row[target.count]
  }
}
