internal import HogaCore

// Reading JSON whose shape Hoga wrote itself: what is absent is zero, empty or NaN.

extension JSONValue {
  func double(_ key: String) -> Double { Optional(self).double(key) }
  func int(_ key: String) -> Int64 { Optional(self).int(key) }
  func string(_ key: String) -> String { Optional(self).string(key) }
}

extension JSONValue? {
  subscript(key: String) -> JSONValue? { self.flatMap { $0[key] } }

  /// NaN where there is no number.
  func double(_ key: String) -> Double {
    switch self[key] {
    case .double(let value): value
    case .int(let value): Double(value)
    default: .nan
    }
  }

  /// Zero where there is no whole number.
  func int(_ key: String) -> Int64 {
    guard case .int(let value) = self[key] else { return 0 }
    return value
  }

  /// Empty where there is no text.
  func string(_ key: String) -> String {
    guard case .string(let value) = self[key] else { return "" }
    return value
  }

  /// Empty where this is no list.
  var list: [JSONValue] {
    guard case .array(let values) = self else { return [] }
    return values
  }

  var texts: [String] {
    list.compactMap {
      guard case .string(let value) = $0 else { return nil }
      return value
    }
  }
}
