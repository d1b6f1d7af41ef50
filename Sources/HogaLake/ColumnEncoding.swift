internal import CArrow
internal import HogaCore

/// How a column's values are laid out in a file, before Zstandard.
///
/// Measured in bits per value after Zstandard, on five minutes of Binance USDⓈ-M and spot depth
/// (443,521 and 124,090 rows) and trades (21,313 and 9,757), and a LOBSTER day of AMZN with five
/// levels (155,935):
///
///     column                     plain        dictionary   delta        byte split
///     trade, order ids           8.4–8.5      22–23        0.2–0.4      0.5–0.7
///     sequence                   8.2–9.3      23–26        0.1–3.3      0.3–5.5
///     arrival, time of trades    8.0–24.2     14–38        6.8–18.8     11–25
///     arrival, time of LOBSTER   29.1         45–49        27.3         29.6–30.2
///     stamps of depth            0.4–1.3      0.5–2.3      0.5–1.6      0.3–2.3
///     depth price                16.0–17.0    15.0–19.3    17.7–20.3    13.0–14.6
///     depth size                 11.5–16.4    12.0–12.1    18.7–24.5    10.6–15.3
///     trade size                 12.3–14.0    9.7–14.9     16.5–19.5    11.2–12.9
///     book price and size        1.7–4.8      2.0–4.1      2.4–5.9      2.3–4.4
///     imbalance after each event 9.9          10.8         –            27.9
///     noise, as of fine features 61.4         77           –            57.7
///
/// So: delta for stamps and for integers that only grow; a dictionary where few values are
/// different, which is what saves most on sizes; plain otherwise, for prices too: their levels
/// jump, and delta does not pay on any of them. Byte splitting would save another bit or two on
/// depth prices, but integers split so are younger in the format (2.11) than many readers are; it
/// is used for doubles that hardly repeat. Level 3 of Zstandard makes
/// these files 1 to 5 % smaller and takes 10 to 28 % longer to write them: level 1 it is.
enum ColumnEncoding: Int32 {
  case plain = 0
  /// Distinct values once, and small numbers in their place.
  case dictionary = 1
  /// Differences between neighbours in as many bits as they need.
  case delta = 2
  /// First bytes of all values, then all second bytes, and so on.
  case byteStreamSplit = 3

  /// What a table's doubles are like.
  enum Content {
    /// Single events and what is computed from them.
    case events
    /// Bars of many symbols: decimals, as floats, that repeat within a day.
    ///
    /// Measured in bytes per row after Zstandard on open, high, low, close and volume of nine USDⓈ-M
    /// symbols (eight days, 103,680 minutes), and on the nine numbers of BTCUSDT's spot archive:
    ///
    ///     level             1       3       5       9       15      19
    ///     nine, plain       16.40   15.27   14.63   14.35   13.59   13.60
    ///     nine, dictionary  20.26   19.62           18.88   18.64
    ///     nine, byte split  27.33   27.20
    ///     BTCUSDT, plain    46.46   46.00   45.68   45.52   44.76   44.72
    ///
    /// Plain wins in every column but the quote volumes, where splitting bytes would save 0.4 of 7.8
    /// bytes. Level 5 takes twice the time of level 3 to write, level 9 three times and level 15 ten
    /// times; reading does not depend on it. `Docs/lake.md` says why no layout comes to 10:1.
    case bars

    var zstandardLevel: Int32 { self == .bars ? 5 : 1 }
  }

  private static let sampleSize = 4096

  /// Chooses by the values of the first row group.
  init(for column: Column, rows: Range<Int>, content: Content = .events) {
    switch column {
    case .double where content == .bars: self = .plain
    // Numbers of trades: small, and as good as random.
    case .int64 where content == .bars: self = .delta
    case .bool: self = .plain
    case .category, .int32: self = .dictionary
    case .timestamp: self = .delta
    case .int64(let values):
      if values[rows].neverFalls {
        self = .delta
      } else {
        self = Self.distinctShare(values, rows) <= 0.3 ? .dictionary : .plain
      }
    case .decimal(let values, _):
      self = Self.distinctShare(values, rows) <= 0.3 ? .dictionary : .plain
    case .double(let values):
      let bits = rows.striding(Self.sampleSize).map { values[$0].bitPattern }
      self = Set(bits).count >= bits.count * 7 / 8 ? .byteStreamSplit : .plain
    }
  }

  /// The share of different values among some that are spread over the rows.
  private static func distinctShare(_ values: [Int64], _ rows: Range<Int>) -> Double {
    let sample = rows.striding(sampleSize).map { values[$0] }
    return Double(Set(sample).count) / Double(max(1, sample.count))
  }
}

extension Range<Int> {
  /// At most about `count` places, evenly spread.
  fileprivate func striding(_ count: Int) -> StrideTo<Int> {
    stride(from: lowerBound, to: upperBound, by: Swift.max(1, self.count / count))
  }
}

extension ArraySlice<Int64> {
  fileprivate var neverFalls: Bool {
    zip(self, dropFirst()).allSatisfy { $0 <= $1 }
  }
}
