public import HogaConfig
public import HogaCore
public import HogaImport
internal import HogaSim

/// Everything one run does, as written in a `workflow.yaml`: from raw files to a report.
///
/// Every setting has a default except what data to use. `Docs/workflow.md` describes them.
public struct Workflow: Sendable {
  /// Raw files to bring into the lake first.
  public struct Import: Sendable {
    public enum Source: String, CaseIterable, Sendable {
      case binanceRaw = "binance-raw"
      case lobster, csv, klines
      case coinbaseL3 = "coinbase-l3"
    }
    public var source: Source
    public var files: [String]
    public var market: String?
    public var symbol: String?
    public var date: CivilDate?
    public var mapping: String?
    /// Of klines: the venue, the kind of table, and the bars' length where names do not say it.
    public var venue: String?
    public var what: KlinesContent?
    public var interval: CandleInterval?
  }

  /// Which market to look at.
  public struct Market: Sendable, Hashable {
    public var venue: String
    public var symbol: String
    public var dates: ClosedRange<CivilDate>

    public init(venue: String, symbol: String, dates: ClosedRange<CivilDate>) {
      self.venue = venue
      self.symbol = symbol
      self.dates = dates
    }
  }

  public struct Features: Sendable {
    public var every: TimeSpan
    public var windows: [TimeSpan]
    /// `nil` takes a fiftieth of the day before's volume where the lake has it.
    public var vpinBucket: VPINBucket?
    public var vpinBuckets: Int
    public var vpinBar: TimeSpan
    /// Which columns the models see; empty means all. A trailing `*` matches any rest.
    public var inputs: [String]

    public init(
      every: TimeSpan = .seconds(1),
      windows: [TimeSpan] = [.seconds(20), .seconds(60), .seconds(300)],
      vpinBucket: VPINBucket? = nil, vpinBuckets: Int = 50, vpinBar: TimeSpan = .seconds(60),
      inputs: [String] = []
    ) {
      self.every = every
      self.windows = windows
      self.vpinBucket = vpinBucket
      self.vpinBuckets = vpinBuckets
      self.vpinBar = vpinBar
      self.inputs = inputs
    }
  }

  /// The volume of one VPIN bucket: a number and `base` or `quote`.
  public struct VPINBucket: Sendable, Hashable, CustomStringConvertible {
    public var amount: Double
    public var isQuote: Bool

    public init(amount: Double, isQuote: Bool) {
      self.amount = amount
      self.isQuote = isQuote
    }

    /// Reads `2`, `2 base` or `100000 quote`.
    public init?(_ text: String) {
      let parts = text.split(separator: " ")
      guard (1...2).contains(parts.count), let amount = Double(parts[0]), amount > 0,
        amount.isFinite
      else { return nil }
      switch parts.count == 2 ? parts[1] : "base" {
      case "base": self.init(amount: amount, isQuote: false)
      case "quote": self.init(amount: amount, isQuote: true)
      default: return nil
      }
    }

    public var description: String { "\(amount) \(isQuote ? "quote" : "base")" }
  }

  /// What models foretell at each horizon.
  public enum Target: Sendable, Hashable {
    /// The mid's return in basis points.
    case returns
    /// Down, flat or up, by a threshold in basis points.
    case classes(thresholdBasisPoints: Double)
    /// Down, flat or up, by a multiple of a realised volatility among the features (`rv_60s`).
    case volatilityClasses(multiple: Double, column: String)

    public var isClasses: Bool { self != .returns }
  }

  public struct Validation: Sendable {
    public var folds: Int
    /// The share of the rows that the first fold trains on.
    public var minimumTrain: Double
    /// Rolling windows forget the oldest rows; expanding ones keep all.
    public var isRolling: Bool
    public var embargo: TimeSpan

    public init(folds: Int, minimumTrain: Double, isRolling: Bool, embargo: TimeSpan) {
      self.folds = folds
      self.minimumTrain = minimumTrain
      self.isRolling = isRolling
      self.embargo = embargo
    }
  }

  /// A learner and its settings.
  public struct Model: Sendable {
    public enum Kind: String, CaseIterable, Sendable {
      case lasso, ridge, lightgbm, linear, logistic
      case elasticNet = "elastic-net"
    }
    public var kind: Kind
    public var name: String
    public var settings: ConfigNode
  }

  public struct Backtest: Sendable {
    public var venue: Venue
    public var computeDelay: TimeSpan
    public var orderSize: Double
    public var maximumPosition: Double
    public var maximumLoss: Double?
    public var capital: Double
    /// When the market is open, for annual figures.
    public var daysPerYear: Double
    public var hoursPerDay: Double
    public var strategies: [Strategy]

    public init(
      venue: Venue, computeDelay: TimeSpan = .milliseconds(1), orderSize: Double,
      maximumPosition: Double, maximumLoss: Double? = nil, capital: Double = 10_000,
      daysPerYear: Double = 365, hoursPerDay: Double = 24, strategies: [Strategy]
    ) throws {
      self.venue = venue
      self.computeDelay = computeDelay
      self.orderSize = orderSize
      self.maximumPosition = maximumPosition
      self.maximumLoss = maximumLoss
      self.capital = capital
      self.daysPerYear = daysPerYear
      self.hoursPerDay = hoursPerDay
      self.strategies = strategies
      try validate()
    }

    /// - Throws: `UsageError` for settings with which no backtest makes sense.
    private func validate() throws {
      try venue.fees.validate()
      guard computeDelay >= .zero, computeDelay <= .day else {
        throw UsageError("compute delay: \(computeDelay) is not between 0 and a day")
      }
      guard orderSize > 0, orderSize <= maximumPosition else {
        throw UsageError(
          "an order of \(orderSize) is beyond the largest position, \(maximumPosition): none would pass"
        )
      }
      guard capital > 0, maximumLoss ?? 1 > 0 else {
        throw UsageError("capital and maximum loss are above zero")
      }
      guard daysPerYear > 0, daysPerYear <= 366, hoursPerDay > 0, hoursPerDay <= 24 else {
        throw UsageError("a year has up to 366 days and a day up to 24 hours")
      }
    }
  }

  public struct Strategy: Sendable {
    public enum Kind: String, CaseIterable, Sendable {
      case ofiVPIN = "ofi-vpin"
      case modelSignal = "model-signal"
      case quotes
      case execution
      case buyAndHold = "buy-and-hold"
      case random
    }
    public var kind: Kind
    public var name: String
    public var settings: ConfigNode
  }

  /// The contemporaneous regression of mid changes on order-flow imbalance.
  public struct Regression: Sendable {
    public var interval: TimeSpan
    public var block: TimeSpan

    public init(interval: TimeSpan, block: TimeSpan) {
      self.interval = interval
      self.block = block
    }
  }

  public var name: String
  public var seed: UInt64
  public var threads: Int
  public var imports: [Import]
  /// `nil` keeps the lake inside the run's folder.
  public var lake: String?
  public var market: Market
  public var features: Features
  public var horizons: [TimeSpan]
  public var target: Target
  public var validation: Validation
  public var models: [Model]
  public var backtest: Backtest?
  public var regression: Regression
  /// The settings as given, with `--set` applied.
  public var source: ConfigNode
}
