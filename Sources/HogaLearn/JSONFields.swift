internal import HogaCore

/// The members of a JSON object, with errors that name what is missing or of another type.
struct JSONFields {
  private let json: JSONValue
  private let what: String

  init(_ json: JSONValue, _ what: String) throws {
    guard case .object = json else { throw DataError("the \(what) is not an object") }
    self.json = json
    self.what = what
  }

  func value(_ key: String) throws -> JSONValue {
    guard let value = json[key] else { throw DataError("the \(what) has no \"\(key)\"") }
    return value
  }

  func string(_ key: String) throws -> String {
    guard case .string(let text) = try value(key) else { throw wrong(key, "text") }
    return text
  }

  func int(_ key: String) throws -> Int64 {
    guard case .int(let number) = try value(key) else { throw wrong(key, "a whole number") }
    return number
  }

  func double(_ key: String) throws -> Double {
    guard let number = Self.double(try value(key)) else { throw wrong(key, "a number") }
    return number
  }

  func doubles(_ key: String) throws -> [Double] {
    guard case .array(let values) = try value(key) else { throw wrong(key, "a list of numbers") }
    return try values.map {
      guard let number = Self.double($0) else { throw wrong(key, "a list of numbers") }
      return number
    }
  }

  func strings(_ key: String) throws -> [String] {
    guard case .array(let values) = try value(key) else { throw wrong(key, "a list of texts") }
    return try values.map {
      guard case .string(let text) = $0 else { throw wrong(key, "a list of texts") }
      return text
    }
  }

  func fields(_ key: String) throws -> JSONFields { try JSONFields(value(key), key) }

  private func wrong(_ key: String, _ type: String) -> DataError {
    DataError("\"\(key)\" of the \(what) is not \(type)")
  }

  private static func double(_ json: JSONValue) -> Double? {
    switch json {
    case .double(let number): number
    case .int(let number): Double(number)
    default: nil
    }
  }
}

extension JSONValue {
  static func list(_ numbers: [Double]) -> JSONValue { .array(numbers.map { .double($0) }) }
  static func list(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
}
