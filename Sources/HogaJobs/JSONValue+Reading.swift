package import HogaCore

// Reading JSON whose shape Hoga wrote itself: what is absent is zero, empty or NaN.

extension JSONValue {
  package func double(_ key: String) -> Double { Optional(self).double(key) }
  package func int(_ key: String) -> Int64 { Optional(self).int(key) }
  package func string(_ key: String) -> String { Optional(self).string(key) }
}

extension JSONValue? {
  package subscript(key: String) -> JSONValue? { self.flatMap { $0[key] } }

  /// NaN where there is no number.
  package func double(_ key: String) -> Double {
    switch self[key] {
    case .double(let value): value
    case .int(let value): Double(value)
    default: .nan
    }
  }

  /// Zero where there is no whole number.
  package func int(_ key: String) -> Int64 {
    guard case .int(let value) = self[key] else { return 0 }
    return value
  }

  /// Empty where there is no text.
  package func string(_ key: String) -> String {
    guard case .string(let value) = self[key] else { return "" }
    return value
  }

  /// Empty where this is no list.
  package var list: [JSONValue] {
    guard case .array(let values) = self else { return [] }
    return values
  }

  package var texts: [String] {
    list.compactMap {
      guard case .string(let value) = $0 else { return nil }
      return value
    }
  }
}
