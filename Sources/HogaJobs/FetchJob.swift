public import HogaCore
public import HogaFeeds

/// Mirrors a venue's public archive.
public struct FetchJob: Sendable {
  public var fetch: BinanceFetch

  public init(_ fetch: BinanceFetch) {
    self.fetch = fetch
    self.fetch.agent = "hoga/\(HogaVersion.text)"
  }

  public func run(monitor: JobMonitor) throws -> FetchReport { try fetch.run(monitor: monitor) }

  /// Symbols as a command takes them: `all`, names between commas, or `@` and a file with one or
  /// more names per line, where `#` begins a comment.
  public static func symbols(_ argument: String) throws -> BinanceFetch.Symbols {
    if argument == "all" { return .all }
    guard argument.hasPrefix("@") else { return .named(names(argument)) }
    let path = String(argument.dropFirst())
    let found = try TextFile.read(path).split(whereSeparator: \.isNewline).flatMap { line in
      names(line.prefix { $0 != "#" })
    }
    guard !found.isEmpty else { throw DataError("no symbols", file: path) }
    return .named(found)
  }

  private static func names(_ text: some StringProtocol) -> [String] {
    text.split(whereSeparator: { $0 == "," || $0.isWhitespace }).map { String($0) }
  }

  /// The length of a candle: `1m`.
  public static func interval(_ argument: String) throws -> CandleInterval {
    guard let interval = CandleInterval(rawValue: argument) else {
      let known = CandleInterval.allCases.map(\.rawValue).joined(separator: ", ")
      throw UsageError("'\(argument)' is no candle's length; there are: \(known)")
    }
    return interval
  }

  /// Kinds of data between commas.
  public static func kinds(_ argument: String) throws -> [FetchKind] {
    try argument.split(separator: ",").map { word in
      guard let kind = FetchKind(rawValue: String(word)) else {
        let known = FetchKind.allCases.map(\.rawValue).joined(separator: ", ")
        throw UsageError("'\(word)' cannot be fetched; what can: \(known)")
      }
      return kind
    }
  }
}

extension FetchReport {
  /// For a terminal: what was fetched by kind, what lacks, what failed and why.
  public var description: String {
    var table = TextTable([
      ("what", .left), ("files", .right), ("fetched", .right), ("from REST", .right),
      ("were there", .right), ("size", .right), ("days lacking", .right), ("failed", .right),
    ])
    for kind in FetchKind.allCases {
      let files = files.filter { $0.kind == kind }
      let lacks = lacking.filter { $0.kind == kind }
      let failed = failures.count { $0.kind == kind }
      guard !files.isEmpty || !lacks.isEmpty || failed > 0 else { continue }
      table.append([
        kind.rawValue, NumberText.count(files.count),
        NumberText.count(files.count { $0.isNew && $0.source == .archive }),
        NumberText.count(files.count { $0.isNew && $0.source == .rest }),
        NumberText.count(files.count { !$0.isNew }),
        NumberText.bytes(files.reduce(0) { $0 + $1.bytes }),
        NumberText.count(lacks.reduce(0) { $0 + $1.days }), NumberText.count(failed),
      ])
    }
    var lines = [
      "\(market.venue), \(NumberText.count(symbols.count)) symbols, \(dates.lowerBound) to "
        + "\(dates.upperBound)", table.text,
      "\(NumberText.bytes(bytes)) in \(NumberText.count(requests)) requests, "
        + "\(NumberText.count(retries)) of them repeated",
    ]
    lines += notes.map { "note: \($0)" }
    lines += Self.limited(lacking.map(\.line), "stretches lacking")
    lines += Self.limited(failures.map(\.line), "failures")
    return lines.joined(separator: "\n")
  }

  private static func limited(_ lines: [String], _ what: String) -> [String] {
    let most = 20
    guard lines.count > most else { return lines }
    return lines.prefix(most) + ["… and \(lines.count - most) \(what) more; --json has all"]
  }
}

extension FetchReport.Lack {
  fileprivate var line: String { "lacking: \(symbol) \(kind.rawValue) \(first)…\(last): \(reason)" }
}

extension FetchReport.Failure {
  fileprivate var line: String { "failed: \(symbol) \(kind.rawValue) \(first): \(reason)" }
}
