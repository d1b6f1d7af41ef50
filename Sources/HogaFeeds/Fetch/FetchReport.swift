public import HogaCore

/// What a download brought, what was there already, and what could not be had.
public struct FetchReport: Sendable {
  public enum Source: String, Sendable {
    /// An archive's zip file, equal to the archive's checksum.
    case archive
    /// A CSV table in the archive's layout, told by the exchange's REST API.
    case rest
  }

  /// One verified file of the mirror that holds days asked for.
  public struct File: Hashable, Sendable {
    public var symbol: String
    public var kind: FetchKind
    /// The days that the file is about; a monthly file may hold more than was asked for.
    public var first: CivilDate
    public var last: CivilDate
    public var source: Source
    public var path: String
    public var bytes: Int64
    /// Whether this run fetched it.
    public var isNew: Bool
  }

  /// Days that exist neither in the archive nor, as far as it was asked, in the REST API.
  public struct Lack: Hashable, Sendable {
    public var symbol: String
    public var kind: FetchKind
    public var first: CivilDate
    public var last: CivilDate
    public var reason: String
    public var days: Int { last.daysSince1970 - first.daysSince1970 + 1 }
  }

  /// Something that is there and could not be had, or was refused.
  public struct Failure: Hashable, Sendable {
    public var symbol: String
    public var kind: FetchKind
    public var first: CivilDate
    public var last: CivilDate
    public var reason: String
  }

  public var market: BinanceMarket
  public var dates: ClosedRange<CivilDate>
  public var symbols: [String]
  /// Sorted by symbol, kind and day. No two hold the same day.
  public var files: [File] = []
  public var lacking: [Lack] = []
  public var failures: [Failure] = []
  /// What a reader of the results should know.
  public var notes: [String] = []
  public var requests = 0
  public var retries = 0
  /// Bytes that came over the net.
  public var bytes: Int64 = 0

  public var fetched: Int { files.count { $0.isNew && $0.source == .archive } }
  public var told: Int { files.count { $0.isNew && $0.source == .rest } }
  public var kept: Int { files.count { !$0.isNew } }

  /// The paths of one kind's files by symbol, for an importer.
  public func paths(of kind: FetchKind) -> [(symbol: String, paths: [String])] {
    symbols.compactMap { symbol in
      let paths = files.filter { $0.symbol == symbol && $0.kind == kind }.map(\.path)
      return paths.isEmpty ? nil : (symbol, paths)
    }
  }

  public var json: JSONValue {
    func place(_ symbol: String, _ kind: FetchKind, _ first: CivilDate, _ last: CivilDate)
      -> [(String, JSONValue)]
    {
      [
        ("symbol", .string(symbol)), ("what", .string(kind.rawValue)),
        ("first", .string("\(first)")), ("last", .string("\(last)")),
      ]
    }
    return [
      "market": .string(market.rawValue), "start": .string("\(dates.lowerBound)"),
      "end": .string("\(dates.upperBound)"), "symbols": .int(Int64(symbols.count)),
      "fetched": .int(Int64(fetched)), "kept": .int(Int64(kept)), "rest": .int(Int64(told)),
      "bytes": .int(bytes), "requests": .int(Int64(requests)), "retries": .int(Int64(retries)),
      "lacking_days": .int(Int64(lacking.reduce(0) { $0 + $1.days })),
      "lacking": .array(
        lacking.map {
          .object(
            place($0.symbol, $0.kind, $0.first, $0.last) + [("reason", .string($0.reason))])
        }),
      "failures": .array(
        failures.map {
          .object(
            place($0.symbol, $0.kind, $0.first, $0.last) + [("reason", .string($0.reason))])
        }),
      "notes": .array(notes.map { .string($0) }),
      "files": .array(
        files.map {
          .object(
            place($0.symbol, $0.kind, $0.first, $0.last) + [
              ("source", .string($0.source.rawValue)), ("bytes", .int($0.bytes)),
              ("new", .bool($0.isNew)), ("path", .string($0.path)),
            ])
        }),
    ]
  }
}

extension CivilDate {
  /// Stretches of days that follow each other, of sorted days.
  static func stretches(_ days: [CivilDate]) -> [ClosedRange<CivilDate>] {
    var found: [ClosedRange<CivilDate>] = []
    for day in days {
      if let last = found.last, last.upperBound.adding(days: 1) == day {
        found[found.count - 1] = last.lowerBound...day
      } else {
        found.append(day...day)
      }
    }
    return found
  }
}
