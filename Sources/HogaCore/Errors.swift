/// What is wrong with data that came from outside, and where it was found.
///
/// Thrown by readers, importers and fits. The command line prints it and exits with 65.
public struct DataError: Error, Hashable, Sendable, CustomStringConvertible {
  public var reason: String
  public var file: String?
  /// The line (text) or row (columns), counted from one.
  public var row: Int?
  public var column: String?

  public init(_ reason: String, file: String? = nil, row: Int? = nil, column: String? = nil) {
    self.reason = reason
    self.file = file
    self.row = row
    self.column = column
  }

  /// The same error with the places filled in that it did not know itself.
  public func located(file: String? = nil, row: Int? = nil, column: String? = nil) -> DataError {
    DataError(
      reason, file: self.file ?? file, row: self.row ?? row, column: self.column ?? column)
  }

  public var description: String {
    var place = file ?? ""
    if let row { place += place.isEmpty ? "row \(row)" : ":\(row)" }
    if let column { place += place.isEmpty ? "column \(column)" : ", column \(column)" }
    return place.isEmpty ? reason : "\(place): \(reason)"
  }
}

/// Something that was asked for by name is not there: a file, a partition, a run. Exit code 66.
public struct MissingInputError: Error, Hashable, Sendable, CustomStringConvertible {
  public var description: String
  public init(_ description: String) { self.description = description }
}

/// A setting or argument that makes no sense. Exit code 64.
public struct UsageError: Error, Hashable, Sendable, CustomStringConvertible {
  public var description: String
  public init(_ description: String) { self.description = description }
}

/// The machine could not do it: disk full, permission denied, library absent. Exit code 74.
public struct ResourceError: Error, Hashable, Sendable, CustomStringConvertible {
  public var description: String
  public init(_ description: String) { self.description = description }
}
