/// Reads JSON text, with doubles to the bit, into a `JSONValue`.
///
/// Strict (RFC 8259): no comments, no trailing commas, no duplicate keys, nothing after the
/// document. Numbers with a fraction or an exponent are doubles, others integers.
package struct JSONReader {
  private let bytes: [UInt8]
  private var place = 0
  private var depth = 0

  private init(_ text: String) { bytes = Array(text.utf8) }

  /// - Throws: `DataError` with the line of what is wrong.
  package static func read(_ text: String) throws -> JSONValue {
    var reader = JSONReader(text)
    let value = try reader.value()
    reader.skipSpace()
    guard reader.place == reader.bytes.count else { throw reader.wrong("text after the document") }
    return value
  }

  private func wrong(_ reason: String) -> DataError {
    let line = bytes[..<min(place, bytes.count)].count { $0 == UInt8(ascii: "\n") } + 1
    return DataError("not valid JSON: \(reason)", row: line)
  }

  private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      place += 1
    }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    skipSpace()
    guard next == byte else { return false }
    place += 1
    return true
  }

  private mutating func value() throws -> JSONValue {
    skipSpace()
    guard let byte = next else { throw wrong("it ends too early") }
    switch byte {
    case UInt8(ascii: "{"): return try nested { try $0.object() }
    case UInt8(ascii: "["): return try nested { try $0.array() }
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func nested(
    _ body: (inout JSONReader) throws -> JSONValue
  ) throws -> JSONValue {
    depth += 1
    guard depth <= 200 else { throw wrong("nested too deeply") }
    defer { depth -= 1 }
    return try body(&self)
  }

  private mutating func object() throws -> JSONValue {
    place += 1
    var members: [(String, JSONValue)] = []
    var keys: Set<String> = []
    if take(UInt8(ascii: "}")) { return .object(members) }
    repeat {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw wrong("a key is not text") }
      let key = try string()
      guard keys.insert(key).inserted else { throw wrong("the key \"\(key)\" comes twice") }
      guard take(UInt8(ascii: ":")) else { throw wrong("no colon after a key") }
      members.append((key, try value()))
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "}")) else { throw wrong("an object is not closed") }
    return .object(members)
  }

  private mutating func array() throws -> JSONValue {
    place += 1
    var values: [JSONValue] = []
    if take(UInt8(ascii: "]")) { return .array(values) }
    repeat { values.append(try value()) } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "]")) else { throw wrong("an array is not closed") }
    return .array(values)
  }

  private mutating func word(_ text: String, _ value: JSONValue) throws -> JSONValue {
    guard bytes[place...].starts(with: text.utf8) else { throw wrong("an unknown word") }
    place += text.utf8.count
    return value
  }

  private mutating func number() throws -> JSONValue {
    let start = place
    var isInteger = true
    while let byte = next {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"): break
      case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"): isInteger = false
      default: return try number(bytes[start..<place], isInteger)
      }
      place += 1
    }
    return try number(bytes[start..<place], isInteger)
  }

  private func number(_ digits: ArraySlice<UInt8>, _ isInteger: Bool) throws -> JSONValue {
    let text = String(decoding: digits, as: UTF8.self)
    guard let first = digits.first, first != UInt8(ascii: "+"), first != UInt8(ascii: ".") else {
      throw wrong("a value is missing")
    }
    if isInteger, let value = Int64(text) { return .int(value) }
    guard let value = Double(text), value.isFinite else { throw wrong("\(text) is no number") }
    return .double(value)
  }

  private mutating func string() throws -> String {
    place += 1
    var text: [UInt8] = []
    while let byte = next {
      place += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let valid = String(validating: text, as: UTF8.self) else {
          throw wrong("text is not UTF-8")
        }
        return valid
      case UInt8(ascii: "\\"): try escape(into: &text)
      case 0..<0x20: throw wrong("a control character in text")
      default: text.append(byte)
      }
    }
    throw wrong("text is not closed")
  }

  private mutating func escape(into text: inout [UInt8]) throws {
    guard let byte = next else { throw wrong("text is not closed") }
    place += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      var code = try fourDigits()
      if (0xD800..<0xDC00).contains(code) {
        guard bytes[place...].starts(with: "\\u".utf8) else { throw wrong("half a character") }
        place += 2
        let low = try fourDigits()
        guard (0xDC00..<0xE000).contains(low) else { throw wrong("half a character") }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw wrong("half a character") }
      text += Array(String(Character(scalar)).utf8)
    default: throw wrong("an unknown escape")
    }
  }

  private mutating func fourDigits() throws -> UInt32 {
    guard place + 4 <= bytes.count,
      let code = UInt32(String(decoding: bytes[place..<place + 4], as: UTF8.self), radix: 16)
    else { throw wrong("an escape is not four digits") }
    place += 4
    return code
  }
}
