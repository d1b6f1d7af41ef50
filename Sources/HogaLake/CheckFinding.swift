public import HogaCore

/// Something that a check found in one file, and how often.
public struct CheckFinding: Hashable, Sendable {
  public enum Severity: String, Hashable, Sendable {
    /// The data contradicts itself or cannot be read: results built on it would be wrong.
    case error
    /// True of some markets and feeds, and worth knowing.
    case warning
  }

  /// What can be found. The raw values are the names in JSON.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    // The file.
    case unreadable
    case foreignFile = "foreign_file"
    case leftover
    case schemaMismatch = "schema_mismatch"
    case metadata
    case empty
    // Cells.
    case null
    case unknownValue = "unknown_value"
    case price
    case size
    // Order and time.
    case arrivalBackward = "arrival_backward"
    case sequenceBackward = "sequence_backward"
    case duplicateSequence = "duplicate_sequence"
    case duplicateTrade = "duplicate_trade"
    case timeBackward = "time_backward"
    case negativeLatency = "negative_latency"
    case otherDate = "other_date"
    case silence
    // Books.
    case feedGap = "feed_gap"
    case noSnapshot = "no_snapshot"
    case openMessage = "open_message"
    case levelOrder = "level_order"
    case crossed
    case locked
    case oneSided = "one_sided"
    case emptyBook = "empty_book"
    case orderFault = "order_fault"
    // Bars.
    case rowOrder = "row_order"
    case duplicateRow = "duplicate_row"
    case wrongDate = "wrong_date"
    case offGrid = "off_grid"
    case future
    case notFinite = "not_finite"
    case barShape = "bar_shape"
    case dayRows = "day_rows"

    public var severity: Severity {
      switch self {
      // Books lock for an instant and lose a side in thin markets; feeds lose messages and say so;
      // exchanges stamp with several clocks, and local clocks run behind theirs.
      case .foreignFile, .leftover, .empty, .timeBackward, .negativeLatency, .otherDate, .silence,
        .feedGap, .noSnapshot, .locked, .oneSided, .emptyBook, .dayRows:
        .warning
      case .unreadable, .schemaMismatch, .metadata, .null, .unknownValue, .price, .size,
        .arrivalBackward, .sequenceBackward, .duplicateSequence, .duplicateTrade, .openMessage,
        .levelOrder, .crossed, .rowOrder, .duplicateRow, .wrongDate, .offGrid, .future, .notFinite,
        .barShape, .orderFault:
        .error
      }
    }

    /// What it is, for people.
    public var meaning: String {
      switch self {
      case .unreadable: "cannot be read"
      case .foreignFile: "is no file of the lake"
      case .leftover: "left behind by a writer that was killed"
      case .schemaMismatch: "columns are not those of the table"
      case .metadata: "footer is not that of its place"
      case .empty: "no rows"
      case .null: "null where a value is needed"
      case .unknownValue: "value outside of the column's set"
      case .price: "price at or below zero"
      case .size: "size below zero, or zero where something traded or is shown"
      case .arrivalBackward: "arrival before the row above"
      case .sequenceBackward: "sequence below the row above"
      case .duplicateSequence: "sequence repeated"
      case .duplicateTrade: "trade id repeated"
      case .timeBackward: "exchange time before the row above"
      case .negativeLatency: "arrived before the exchange's time"
      case .otherDate: "arrived on another date (UTC) than the partition's"
      case .silence: "nothing arrived for longer than the limit"
      case .feedGap: "messages lost; the book is stale until the next snapshot"
      case .noSnapshot: "no snapshot before this; the book is not known there"
      case .openMessage: "table ends inside a message"
      case .levelOrder: "levels out of order, or with a hole"
      case .crossed: "best bid above best ask"
      case .locked: "best bid at best ask"
      case .oneSided: "one side of the book is empty"
      case .emptyBook: "both sides of the book are empty"
      case .orderFault: "row that does not fit the orders before it"
      case .rowOrder: "row out of the order of symbol and time"
      case .duplicateRow: "symbol and time repeated"
      case .wrongDate: "time on another date (UTC) than the partition's"
      case .offGrid: "time off the grid of the bars' interval"
      case .future: "time that has not come yet"
      case .notFinite: "infinite number"
      case .barShape: "high below low, or open or close outside of them"
      case .dayRows: "symbols with another number of rows than a whole day has"
      }
    }
  }

  public var kind: Kind
  public var severity: Severity
  public var count: Int
  /// The first row, counted from one; `nil` where the file as a whole is meant.
  public var firstRow: Int?
  /// What stands there, or why the file cannot be read.
  public var detail: String

  public var json: JSONValue {
    .object([
      ("kind", .string(kind.rawValue)), ("severity", .string(severity.rawValue)),
      ("count", .int(Int64(count))), ("first_row", firstRow.map { .int(Int64($0)) } ?? .null),
      ("detail", .string(detail)),
    ])
  }
}

extension CheckFinding: CustomStringConvertible {
  public var description: String {
    var text = "\(severity.rawValue): \(kind.meaning)"
    if let firstRow { text += ": \(count), first in row \(firstRow)" }
    return detail.isEmpty ? text : text + " (\(detail))"
  }
}

/// Counts findings by kind, keeping the first of each.
struct FindingTally {
  private var found: [CheckFinding.Kind: CheckFinding] = [:]

  /// Findings in the order of their kinds.
  var findings: [CheckFinding] { CheckFinding.Kind.allCases.compactMap { found[$0] } }

  @inline(never)
  mutating func add(
    _ kind: CheckFinding.Kind, row: Int? = nil, severity: CheckFinding.Severity? = nil,
    _ detail: @autoclosure () -> String = ""
  ) {
    if found[kind] != nil {
      found[kind]!.count += 1
      // One error among warnings of its kind makes it an error.
      if severity == .error { found[kind]!.severity = .error }
    } else {
      found[kind] = CheckFinding(
        kind: kind, severity: severity ?? kind.severity, count: 1, firstRow: row.map { $0 + 1 },
        detail: detail())
    }
  }
}
