internal import HogaCore

/// A list of feature names in a file of JSON.
///
/// It is a list of texts, or one text that holds such a list in Python's notation
/// (`"['x_5m_O2C', 'x_1m_RVol']"`), as programs write that give `str(list)` to JSON.
public struct FeatureList: Hashable, Sendable {
  /// In the file's order; none comes twice.
  public var names: [String]

  /// - Throws: `DataError` where a name is empty or comes twice.
  public init(_ names: [String]) throws {
    var seen: Set<String> = []
    for name in names {
      guard !name.isEmpty else { throw DataError("the list of features has an empty name") }
      guard seen.insert(name).inserted else {
        throw DataError("comes twice in the list of features", column: name)
      }
    }
    self.names = names
  }

  /// - Throws: `DataError` for what is neither form.
  public init(text: String) throws {
    switch try JSONReader.read(text) {
    case .array(let values):
      try self.init(
        values.map {
          guard case .string(let name) = $0 else {
            throw DataError("the list of features holds something that is not text")
          }
          return name
        })
    case .string(let python):
      var reader = PythonList(python)
      try self.init(reader.read())
    default: throw DataError("not a list of features: a JSON list, or a text with a Python list")
    }
  }

  /// - Throws: `MissingInputError` where there is no file, `DataError` where it is no such list.
  public init(path: String) throws {
    let text = try TextFile.read(path)
    do {
      try self.init(text: text)
    } catch let error as DataError {
      throw error.located(file: path)
    }
  }

  /// The list as JSON.
  public var text: String { JSONValue.array(names.map { .string($0) }).text() }

  /// Where the list of a label's features belongs below a folder:
  /// `feature_list/y_15m/top50_example_features_20.json`.
  ///
  /// - Parameter top: How many symbols the universe has; `nil` writes `all` in place of `top50`.
  public static func path(label: String, top: Int?, count: Int) -> String {
    "feature_list/\(label)/\(top.map { "top\($0)" } ?? "all")_example_features_\(count).json"
  }

  /// - Throws: `ResourceError` where the disk does not take it.
  public func save(to path: String) throws { try TextFile.write(text, to: path) }
}

/// Reads a Python list of plain string literals.
private struct PythonList {
  private let scalars: [Unicode.Scalar]
  private var place = 0

  init(_ text: String) { scalars = Array(text.unicodeScalars) }

  mutating func read() throws -> [String] {
    try expect("[")
    var names: [String] = []
    while true {
      skipSpace()
      if take("]") { break }
      names.append(try literal())
      skipSpace()
      if take(",") { continue }
      try expect("]")
      break
    }
    skipSpace()
    guard place == scalars.count else { throw wrong("text after the list") }
    return names
  }

  private func wrong(_ reason: String) -> DataError {
    DataError("not a Python list of texts: \(reason) at character \(place + 1)")
  }

  private mutating func skipSpace() {
    while place < scalars.count, scalars[place].properties.isWhitespace { place += 1 }
  }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard place < scalars.count, scalars[place] == scalar else { return false }
    place += 1
    return true
  }

  private mutating func expect(_ scalar: Unicode.Scalar) throws {
    skipSpace()
    guard take(scalar) else { throw wrong("no '\(scalar)'") }
  }

  private mutating func literal() throws -> String {
    guard place < scalars.count, scalars[place] == "'" || scalars[place] == "\"" else {
      throw wrong("no quoted text")
    }
    let quote = scalars[place]
    place += 1
    var text = String.UnicodeScalarView()
    while place < scalars.count {
      let scalar = scalars[place]
      place += 1
      if scalar == quote { return String(text) }
      if scalar == "\n" { throw wrong("a line ends within a text") }
      text.append(scalar == "\\" ? try escape() : scalar)
    }
    throw wrong("a text is not closed")
  }

  private mutating func escape() throws -> Unicode.Scalar {
    guard place < scalars.count else { throw wrong("a text is not closed") }
    let scalar = scalars[place]
    place += 1
    switch scalar {
    case "\\", "'", "\"": return scalar
    case "n": return "\n"
    case "r": return "\r"
    case "t": return "\t"
    case "x": return try character(digits: 2)
    case "u": return try character(digits: 4)
    case "U": return try character(digits: 8)
    default: throw wrong("an escape that is not known here")
    }
  }

  private mutating func character(digits: Int) throws -> Unicode.Scalar {
    let end = place + digits
    guard end <= scalars.count, scalars[place..<end].allSatisfy(\.properties.isASCIIHexDigit) else {
      throw wrong("an escape without its \(digits) digits")
    }
    let text = String(String.UnicodeScalarView(scalars[place..<end]))
    place = end
    guard let code = UInt32(text, radix: 16), let scalar = Unicode.Scalar(code) else {
      throw wrong("an escape that is no character")
    }
    return scalar
  }
}
