public import HogaCore

/// What to do with a row that cannot be used.
public enum ErrorPolicy: String, CaseIterable, Sendable {
  /// Throw at the first one; nothing is written.
  case stop
  /// Leave it out, count it, and go on.
  case skip
}

/// What an import read, wrote and left out.
public struct ImportReport: Hashable, Sendable {
  /// Rows that were left out for one reason.
  public struct Rejection: Hashable, Sendable {
    public var reason: String
    public var count: Int
    /// The first places, as `file:line: what was there`.
    public var examples: [String]
  }

  /// One fact with a number, such as `trades dropped as duplicates`.
  public struct Count: Hashable, Sendable {
    public var name: String
    public var count: Int
  }

  public var files: [String] = []
  public var lines = 0
  /// Bytes of text, after decompression.
  public var bytes: Int64 = 0
  /// Rows written, in the order of `MarketTable`; tables without rows are left out.
  public var rows: [Count] = []
  /// Partitions written: one per table, symbol and date.
  public var partitions = 0
  public var rejections: [Rejection] = []
  /// Interruptions of the depth feed: the book, known before, is stale from each until the next
  /// snapshot.
  public var gaps = 0
  /// What was added to all arrival times, in nanoseconds; zero where the clocks agree.
  public var clockShift = TimeSpan.zero
  /// What else a user should know, in numbers.
  public var counts: [Count] = []
  /// What else a user should know, in words.
  public var notes: [String] = []

  public init() {}

  public var rejectedRows: Int { rejections.reduce(0) { $0 + $1.count } }

  /// Rows written to a table of that name.
  public func rows(of table: String) -> Int { rows.first { $0.name == table }?.count ?? 0 }

  /// Rows written to a table.
  public func rows(of table: MarketTable) -> Int { rows(of: table.rawValue) }

  /// The number of that name in `counts`, zero where it is absent.
  public func count(_ name: String) -> Int { counts.first { $0.name == name }?.count ?? 0 }

  public var json: JSONValue {
    .object([
      "files": .array(files.map { .string($0) }), "lines": .int(Int64(lines)),
      "bytes": .int(bytes),
      "rows": .object(rows.map { ($0.name, .int(Int64($0.count))) }),
      "partitions": .int(Int64(partitions)), "gaps": .int(Int64(gaps)),
      "clock_shift_ns": .int(clockShift.nanoseconds),
      "rejected_rows": .int(Int64(rejectedRows)),
      "rejections": .array(
        rejections.map {
          .object([
            "reason": .string($0.reason), "count": .int(Int64($0.count)),
            "examples": .array($0.examples.map { .string($0) }),
          ])
        }),
      "counts": .object(counts.map { ($0.name, .int(Int64($0.count))) }),
      "notes": .array(notes.map { .string($0) }),
    ])
  }
}

extension ImportReport: CustomStringConvertible {
  /// For people: a few lines, the important ones first.
  public var description: String {
    let written = rows.map { "\($0.count) \($0.name)" }.joined(separator: ", ")
    var text = "read \(lines) lines, \(bytes) bytes of text, from \(files.count) file"
    text += files.count == 1 ? "\n" : "s\n"
    text += "wrote \(written.isEmpty ? "nothing" : written) in \(partitions) partition"
    text += partitions == 1 ? "\n" : "s\n"
    if gaps > 0 { text += "gaps in the depth feed: \(gaps)\n" }
    if clockShift != .zero {
      text += "arrival times were shifted by \(clockShift.seconds) s: "
      text += "the local clock was behind the exchange's\n"
    }
    for note in notes { text += "\(note)\n" }
    for count in counts where count.count > 0 { text += "\(count.name): \(count.count)\n" }
    for rejection in rejections {
      text += "rejected \(rejection.count): \(rejection.reason)\n"
      for example in rejection.examples { text += "  \(example)\n" }
    }
    return text
  }
}

/// Counts in the order in which their names first appear.
struct Counter {
  private(set) var counts: [ImportReport.Count] = []
  private var indexOf: [String: Int] = [:]
  /// Names come from outside now and then, so their number is bounded.
  private let limit = 64

  mutating func add(_ name: String, _ count: Int = 1) {
    if let index = indexOf[name] {
      counts[index].count += count
    } else if counts.count < limit {
      indexOf[name] = counts.count
      counts.append(ImportReport.Count(name: name, count: count))
    } else {
      counts[limit - 1].count += count
    }
  }
}

/// Stops at the first unusable row, or collects them by reason.
struct RejectionLog {
  private static let maximumExamples = 5

  let policy: ErrorPolicy
  private(set) var rejections: [ImportReport.Rejection] = []
  private var indexOf: [String: Int] = [:]

  init(_ policy: ErrorPolicy) { self.policy = policy }

  /// - Parameters:
  ///   - reason: the same words for all rows with this fault.
  ///   - found: what was there instead, for this row.
  /// - Throws: `DataError` where the policy is to stop.
  mutating func reject(
    _ reason: String, found: String? = nil, file: String, line: Int64?, column: String? = nil
  ) throws {
    let error = DataError(
      found.map { "\(reason): \($0)" } ?? reason, file: file, row: line.map { Int($0) },
      column: column)
    guard policy == .skip else { throw error }
    let index =
      indexOf[reason]
      ?? {
        rejections.append(ImportReport.Rejection(reason: reason, count: 0, examples: []))
        indexOf[reason] = rejections.count - 1
        return rejections.count - 1
      }()
    rejections[index].count += 1
    if rejections[index].examples.count < Self.maximumExamples {
      rejections[index].examples.append(error.description)
    }
  }
}

extension RejectionLog {
  /// Adds what was rejected elsewhere, as by another task.
  mutating func add(_ others: [ImportReport.Rejection]) {
    for other in others {
      if let index = indexOf[other.reason] {
        rejections[index].count += other.count
        let room = max(0, Self.maximumExamples - rejections[index].examples.count)
        rejections[index].examples += other.examples.prefix(room)
      } else {
        indexOf[other.reason] = rejections.count
        rejections.append(other)
      }
    }
  }
}

/// The front of some bytes as printable text, for messages.
func excerpt(_ bytes: UnsafeBufferPointer<UInt8>, limit: Int = 40) -> String {
  let front = unsafe bytes.prefix(limit)
  let text = unsafe String(decoding: front, as: UTF8.self)
  let printable = text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7f ? "·" : "\($0)" }
  return "'\(printable.joined())\(bytes.count > limit ? "…" : "")'"
}
