internal import HogaCore

/// The tables of a ledger, and what is written to and read from them.
enum LedgerSchema {
  /// "HOGA", which `file` shows for a database that is one.
  static let applicationIdentifier: Int64 = 0x484F_4741
  static let version: Int64 = 1

  private static let tables = """
    CREATE TABLE trials (
      id INTEGER PRIMARY KEY,
      recorded INTEGER NOT NULL,
      markets TEXT NOT NULL,
      source TEXT NOT NULL,
      first_day TEXT NOT NULL,
      last_day TEXT NOT NULL,
      strategy TEXT NOT NULL,
      configuration_digest TEXT NOT NULL,
      configuration TEXT NOT NULL,
      seed TEXT NOT NULL,
      fingerprint TEXT NOT NULL,
      return_count INTEGER NOT NULL,
      period_ns INTEGER NOT NULL,
      sharpe REAL,
      skewness REAL,
      kurtosis REAL,
      net TEXT NOT NULL,
      currency TEXT NOT NULL,
      producer TEXT NOT NULL,
      returns_start INTEGER,
      returns_period_ns INTEGER,
      returns BLOB,
      UNIQUE (markets, source, first_day, last_day, strategy, configuration_digest, seed)
    ) STRICT;
    PRAGMA application_id = \(applicationIdentifier);
    PRAGMA user_version = \(version);
    """

  /// Makes the tables of an empty database, or makes sure that they are there.
  static func prepare(_ connection: borrowing SQLiteConnection, creating: Bool) throws {
    if try isReady(connection) { return }
    guard creating else {
      throw MissingInputError("\(connection.path): no backtest was recorded here")
    }
    try connection.transaction(writing: true) { connection in
      // Another process may have been faster.
      if try !isReady(connection) { try connection.execute(tables) }
    }
  }

  /// - Returns: whether there is a ledger; false of an empty database.
  private static func isReady(_ connection: borrowing SQLiteConnection) throws -> Bool {
    let identifier = try connection.integer("PRAGMA application_id")
    let found = try connection.integer("PRAGMA user_version")
    if identifier == 0, found == 0,
      try connection.integer("SELECT count(*) FROM sqlite_master") == 0
    {
      return false
    }
    guard identifier == applicationIdentifier else {
      throw DataError("is a database, but not a ledger of trials", file: connection.path)
    }
    guard found <= version else {
      throw DataError(
        "was written by a newer version of Hoga: layout \(found), this one knows \(version)",
        file: connection.path)
    }
    return true
  }

  static func record(
    _ trial: Trial, _ connection: borrowing SQLiteConnection
  ) throws -> TrialLedger.Recording {
    if let (row, before) = try existing(trial, connection) {
      var after = trial
      after.recorded = before.recorded
      if after.returns == nil, after.fingerprint == before.fingerprint {
        after.returns = before.returns
      }
      // Compared as stored: the order of keys and the sign of zero are no difference.
      after.configuration = before.configuration
      guard after != before else { return .unchanged }
      try write(after, to: row, connection)
      return after.fingerprint == before.fingerprint
        && after.sharpe == before.sharpe && after.netUnits == before.netUnits
        ? .unchanged : .replaced(fingerprint: before.fingerprint)
    }
    try write(trial, to: nil, connection)
    return .added
  }

  private static func existing(
    _ trial: Trial, _ connection: borrowing SQLiteConnection
  ) throws -> (row: Int64, trial: Trial)? {
    let statement = try connection.prepare(
      """
      SELECT \(columns), returns FROM trials
      WHERE markets = ?1 AND source = ?2 AND first_day = ?3 AND last_day = ?4 AND strategy = ?5
        AND configuration_digest = ?6 AND seed = ?7
      """)
    try statement.bind(1, text(trial.data.markets))
    try statement.bind(2, trial.data.table)
    try statement.bind(3, "\(trial.data.dates.lowerBound)")
    try statement.bind(4, "\(trial.data.dates.upperBound)")
    try statement.bind(5, trial.strategy)
    try statement.bind(6, trial.configurationDigest)
    try statement.bind(7, "\(trial.seed)")
    guard try statement.step() else { return nil }
    return (statement.integer(0), try LedgerSchema.trial(statement, connection.path))
  }

  private static func write(
    _ trial: Trial, to row: Int64?, _ connection: borrowing SQLiteConnection
  ) throws {
    // A row that is replaced keeps its number, and so its place in the order of recording.
    let statement = try connection.prepare(
      """
      INSERT OR REPLACE INTO trials (\(columns), returns) VALUES
      (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21,
       ?22)
      """)
    try statement.bind(1, row)
    try statement.bind(2, trial.recorded.nanoseconds)
    try statement.bind(3, text(trial.data.markets))
    try statement.bind(4, trial.data.table)
    try statement.bind(5, "\(trial.data.dates.lowerBound)")
    try statement.bind(6, "\(trial.data.dates.upperBound)")
    try statement.bind(7, trial.strategy)
    try statement.bind(8, trial.configurationDigest)
    try statement.bind(9, trial.configuration.sortedByKey.text(indented: false))
    try statement.bind(10, "\(trial.seed)")
    try statement.bind(11, hexadecimal(trial.fingerprint))
    try statement.bind(12, Int64(trial.returnCount))
    try statement.bind(13, trial.period.nanoseconds)
    try statement.bind(14, trial.sharpe)
    try statement.bind(15, trial.skewness)
    try statement.bind(16, trial.kurtosis)
    try statement.bind(17, "\(trial.netUnits)")
    try statement.bind(18, trial.currency)
    try statement.bind(19, trial.producer)
    try statement.bind(20, trial.returns?.start)
    try statement.bind(21, trial.returns?.period.nanoseconds)
    try statement.bind(22, trial.returns?.values)
    _ = try statement.step()
  }

  private static let columns = """
    id, recorded, markets, source, first_day, last_day, strategy, configuration_digest, \
    configuration, seed, fingerprint, return_count, period_ns, sharpe, skewness, kurtosis, net, \
    currency, producer, returns_start, returns_period_ns
    """

  static func trials(
    _ connection: borrowing SQLiteConnection, venue: String?, symbol: String?,
    dates: ClosedRange<CivilDate>?, withReturns: Bool
  ) throws -> [Trial] {
    // ISO dates compare as text. Without dates every row is read, so that one that someone changed
    // is found.
    let statement = try connection.prepare(
      """
      SELECT \(columns), \(withReturns ? "returns" : "NULL") FROM trials
      \(dates == nil ? "" : "WHERE first_day <= ?1 AND last_day >= ?2") ORDER BY id
      """)
    if let dates {
      try statement.bind(1, "\(dates.upperBound)")
      try statement.bind(2, "\(dates.lowerBound)")
    }
    var found: [Trial] = []
    while try statement.step() {
      let trial = try trial(statement, connection.path)
      let isWanted = trial.data.markets.contains {
        (venue ?? $0.venue) == $0.venue && (symbol ?? $0.symbol) == $0.symbol
      }
      if isWanted { found.append(trial) }
    }
    return found
  }

  /// One line per market.
  private static func text(_ markets: [TrialData.Market]) -> String {
    markets.map { "\($0.venue)/\($0.symbol)" }.joined(separator: "\n")
  }

  private static func trial(
    _ row: borrowing SQLiteStatement, _ path: String
  ) throws -> Trial {
    let number = row.integer(0)
    func wrong(_ column: String) -> DataError {
      DataError("cannot be a trial's", file: path, row: Int(number), column: column)
    }
    let markets = row.text(2).split(separator: "\n").compactMap { line -> TrialData.Market? in
      let parts = line.split(separator: "/", maxSplits: 1).map(String.init)
      return parts.count == 2 ? TrialData.Market(venue: parts[0], symbol: parts[1]) : nil
    }
    guard let first = CivilDate(row.text(4)), let last = CivilDate(row.text(5)), first <= last
    else { throw wrong("first_day") }
    guard !markets.isEmpty,
      let data = try? TrialData(markets: markets, table: row.text(3), dates: first...last)
    else { throw wrong("markets") }
    guard let configuration = try? JSONReader.read(row.text(8)) else {
      throw wrong("configuration")
    }
    guard let seed = UInt64(row.text(9)) else { throw wrong("seed") }
    guard let fingerprint = UInt64(row.text(10), radix: 16) else { throw wrong("fingerprint") }
    guard let net = Int128(row.text(16)) else { throw wrong("net") }
    guard row.integer(12) > 0, row.integer(11) >= 0 else { throw wrong("period_ns") }
    var returns: TrialReturns?
    if let values = row.doubles(21) {
      let period = TimeSpan(nanoseconds: row.integer(20))
      guard TrialReturns.periods.contains(period) else { throw wrong("returns_period_ns") }
      returns = TrialReturns(start: row.integer(19), period: period, values: values)
      guard returns?.isStorable ?? true else { throw wrong("returns") }
    }
    for (column, name) in [(13, "sharpe"), (14, "skewness"), (15, "kurtosis")] as [(Int32, String)]
    where !(row.optionalDouble(column)?.isFinite ?? true) {
      throw wrong(name)
    }
    return Trial(
      recorded: Timestamp(nanoseconds: row.integer(1)), data: data, strategy: row.text(6),
      configuration: configuration, seed: seed, fingerprint: fingerprint,
      returnCount: Int(row.integer(11)), period: TimeSpan(nanoseconds: row.integer(12)),
      sharpe: row.optionalDouble(13), skewness: row.optionalDouble(14),
      kurtosis: row.optionalDouble(15), netUnits: net, currency: row.text(17),
      producer: row.text(18), returns: returns)
  }
}

extension Trial {
  /// - Throws: `UsageError` for figures that no backtest has.
  func validate() throws(UsageError) {
    guard period > .zero, returnCount >= 0 else {
      throw UsageError("a trial of \(returnCount) returns every \(period) cannot be recorded")
    }
    for (name, value) in [("Sharpe ratio", sharpe), ("skewness", skewness), ("kurtosis", kurtosis)]
    where !(value?.isFinite ?? true) {
      throw UsageError("a trial with a \(name) of \(value ?? 0) cannot be recorded")
    }
    if let returns {
      guard returns.isStorable else {
        throw UsageError("a trial with such returns cannot be recorded")
      }
    }
    let years = data.dates.lowerBound.components.year...data.dates.upperBound.components.year
    guard years.lowerBound >= 0, years.upperBound <= 9999 else {
      throw UsageError("a trial in the years \(years) cannot be recorded")
    }
    for text in [strategy, currency, producer] where text.utf8.contains(0) {
      throw UsageError("a trial's texts cannot hold a zero byte")
    }
  }
}
