internal import Glibc
internal import HogaCore
internal import HogaFeatures

/// Columns that need all symbols of a minute at once.
struct MarketColumns: Sendable {
  let symbols: Int
  let rows: Int
  let lead: Int
  private let closes: [Double]
  private let quotes: [Double]
  /// Log returns, symbol by symbol; NaN where one of both closes is missing.
  private let returns: [Double]
  private let sums: [Double]
  private let counts: [Double]
  private let reference: Int?

  init(_ panel: MinutePanel, reference: String?) {
    let rows = panel.rowCount
    self.rows = rows
    symbols = panel.symbols.count
    lead = panel.lead
    let unknown = [Double](repeating: .nan, count: symbols * rows)
    closes = panel.values(.close) ?? unknown
    quotes = panel.values(.quote) ?? unknown
    self.reference = reference.flatMap { panel.symbols.firstIndex(of: $0) }
    var returns = unknown
    var sums = [Double](repeating: 0, count: rows)
    var counts = sums
    for symbol in 0..<symbols {
      for row in 1..<max(1, rows) {
        let place = symbol * rows + row
        guard closes[place] > 0, closes[place - 1] > 0 else { continue }
        let move = log(closes[place] / closes[place - 1])
        guard move.isFinite else { continue }
        returns[place] = move
        sums[row] += move
        counts[row] += 1
      }
    }
    self.returns = returns
    self.sums = sums
    self.counts = counts
  }

  /// The definitions of `values`, and which of them are the same for all symbols.
  static func definitions(_ bars: Int) -> [(FeatureDefinition, isMarketWide: Bool)] {
    let window = "\(bars)m"
    func column(
      _ name: String, _ formula: String, _ source: String, _ back: Int, unit: String = "1"
    ) -> FeatureDefinition {
      FeatureDefinition(
        name: "x_\(window)_\(name)", group: "Market", formula: formula, unit: unit,
        lookBack: .window(.seconds(60 * Int64(back))), source: source)
    }
    let own = "defined here"
    return Benchmark.allCases.flatMap {
      BenchmarkRegression.definitions(bars, window: window, benchmark: $0).map { ($0, false) }
    } + [
      (
        column(
          "VolumeShare", "Σ Q over n / mean of that over the symbols; 0 for 0/0", own, bars), false
      ),
      (
        column(
          "VolumeShareChange", "VolumeShare over n / VolumeShare over 4n − 1; 0 where that is 0",
          own, 4 * bars), false
      ),
      (
        column(
          "MktReturn", "mean over the symbols of C/C_n − 1", own, bars + 1), true
      ),
      (
        column(
          "MktVol", "√(mean of m² over n), m the mean of r over the symbols", own, bars + 1), true
      ),
      (
        column(
          "Dispersion", "population σ over the symbols of C/C_n − 1",
          "W. Christie, R. Huang, Following the Pied Piper, Financial Analysts Journal 51, 1995",
          bars + 1), true
      ),
      (
        column(
          "Breadth", "share of symbols with C > C_n",
          "G. Zweig, Winning on Wall Street, 1986", bars + 1), true
      ),
      (
        column(
          "AvgCorr",
          "(σ²(m) − Σσ²/k²)/((Σσ/k)² − Σσ²/k²), σ of r over n of each of the k symbols that have all, "
            + "m their mean; 0 for 0/0",
          "J. Pollet, M. Wilson, Average Correlation and Stock Market Returns, J. Financial Economics 96, 2010",
          bars + 1), true
      ),
    ]
  }

  /// The day's rows of the columns of `definitions(bars)`.
  func values(_ bars: Int) -> [[Double]] {
    var columns: [[Double]] = []
    for benchmark in Benchmark.allCases { columns += regressions(bars, benchmark) }
    let short = shares(bars)
    let long = shares(4 * bars)
    columns.append(day(short))
    columns.append(day(zip(short, long).map { $1 == 0 ? 0 : $0 / $1 - 1 }))
    columns += wide(bars).map(spread)
    return columns
  }

  private func regressions(_ bars: Int, _ benchmark: Benchmark) -> [[Double]] {
    let count = BenchmarkRegression.columnCount
    let dayRows = rows - lead
    var columns = [[Double]](
      repeating: [Double](repeating: .nan, count: symbols * dayRows), count: count)
    if benchmark == .reference, reference == nil { return columns }
    for symbol in 0..<symbols where benchmark == .market || symbol != reference {
      var regression = BenchmarkRegression(bars)
      for row in 0..<rows {
        let own = returns[symbol * rows + row]
        let other =
          switch benchmark {
          case .market: counts[row] > 1 ? (sums[row] - own) / (counts[row] - 1) : .nan
          case .reference: returns[(reference ?? 0) * rows + row]
          }
        let known = [Double](capacity: count) {
          regression.update(own: own, benchmark: other, into: &$0)
        }
        guard row >= lead else { continue }
        for column in 0..<count { columns[column][symbol * dayRows + row - lead] = known[column] }
      }
    }
    return columns
  }

  /// Each symbol's quote volume over `bars` by the mean of all.
  private func shares(_ bars: Int) -> [Double] {
    var totals = [Double](repeating: .nan, count: symbols * rows)
    var sums = [Double](repeating: 0, count: rows)
    var counts = sums
    for symbol in 0..<symbols {
      var window = CountWindow<StableSum>(bars)
      for row in 0..<rows {
        let place = symbol * rows + row
        guard quotes[place] >= 0, quotes[place].isFinite else {
          window.removeAll()
          continue
        }
        window.push(quotes[place])
        guard window.isFull else { continue }
        totals[place] = window.aggregate.value
        sums[row] += totals[place]
        counts[row] += 1
      }
    }
    for symbol in 0..<symbols {
      for row in 0..<rows where !totals[symbol * rows + row].isNaN {
        let mean = sums[row] / counts[row]
        totals[symbol * rows + row] = mean > 0 ? totals[symbol * rows + row] / mean : 0
      }
    }
    return totals
  }

  /// What is the same for all symbols, by row: return, volatility, dispersion, breadth, average
  /// correlation.
  private func wide(_ bars: Int) -> [[Double]] {
    var result = [[Double]](repeating: [Double](repeating: .nan, count: rows), count: 5)
    var windows = [CountWindow<Moments>](repeating: CountWindow(bars), count: symbols)
    var means = CountWindow<Moments>(bars)
    var squares = CountWindow<StableSum>(bars)
    for row in 0..<rows {
      var (moves, rising) = (Moments(), 0.0)
      for symbol in 0..<symbols where row >= bars {
        let (now, then) = (closes[symbol * rows + row], closes[symbol * rows + row - bars])
        guard now > 0, then > 0, now.isFinite, then.isFinite else { continue }
        moves.push(now / then - 1)
        if now > then { rising += 1 }
      }
      if moves.count > 0 {
        result[0][row] = moves.mean
        result[2][row] = moves.populationVariance.squareRoot()
        result[3][row] = rising / Double(moves.count)
      }
      guard counts[row] > 0 else {
        means.removeAll()
        squares.removeAll()
        for symbol in 0..<symbols { windows[symbol].removeAll() }
        continue
      }
      let mean = sums[row] / counts[row]
      squares.push(mean * mean)
      if squares.isFull { result[1][row] = (squares.aggregate.value / Double(bars)).squareRoot() }
      var (variances, deviations, known) = (0.0, 0.0, 0.0)
      for symbol in 0..<symbols {
        let move = returns[symbol * rows + row]
        if move.isNaN {
          windows[symbol].removeAll()
          continue
        }
        windows[symbol].push(move)
        guard windows[symbol].isFull else { continue }
        let variance = windows[symbol].aggregate.populationVariance
        variances += variance
        deviations += variance.squareRoot()
        known += 1
      }
      means.push(mean)
      guard means.isFull, known > 1 else { continue }
      let alone = variances / (known * known)
      let together = deviations / known * (deviations / known)
      let range = together - alone
      result[4][row] = range > 0 ? (means.aggregate.populationVariance - alone) / range : 0
    }
    return result
  }

  private func day(_ values: [Double]) -> [Double] {
    (0..<symbols).flatMap { values[($0 * rows + lead)..<(($0 + 1) * rows)] }
  }

  private func spread(_ values: [Double]) -> [Double] {
    (0..<symbols).flatMap { _ in values[lead...] }
  }
}
