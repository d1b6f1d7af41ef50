public import HogaCore

/// A backtest that was tried, as the ledger keeps it.
public struct Trial: Hashable, Sendable {
  /// When it was recorded. No result depends on it.
  public var recorded: Timestamp
  public var data: TrialData
  public var strategy: String
  /// All settings that decide the result. With data, strategy and seed it says which trial this is.
  public var configuration: JSONValue
  public var seed: UInt64
  /// The digest of the fills.
  public var fingerprint: UInt64
  /// How many returns the figures are of.
  public var returnCount: Int
  /// The time between samples.
  public var period: TimeSpan
  /// Per period; `nil` where the returns did not vary or the capital was lost.
  public var sharpe: Double?
  public var skewness: Double?
  public var kurtosis: Double?
  /// Profit after all costs, in `10^-18` of the settlement currency.
  public var netUnits: Int128
  /// `quote` or `base`.
  public var currency: String
  /// The version that played it.
  public var producer: String
  public var returns: TrialReturns?

  public init(
    recorded: Timestamp, data: TrialData, strategy: String, configuration: JSONValue,
    seed: UInt64, fingerprint: UInt64, returnCount: Int, period: TimeSpan, sharpe: Double?,
    skewness: Double?, kurtosis: Double?, netUnits: Int128, currency: String = "quote",
    producer: String = "", returns: TrialReturns? = nil
  ) {
    self.recorded = recorded
    self.data = data
    self.strategy = strategy
    self.configuration = configuration
    self.seed = seed
    self.fingerprint = fingerprint
    self.returnCount = returnCount
    self.period = period
    self.sharpe = sharpe
    self.skewness = skewness
    self.kurtosis = kurtosis
    self.netUnits = netUnits
    self.currency = currency
    self.producer = producer
    self.returns = returns
  }

  /// A digest of the configuration, the same for any order of its keys.
  public var configurationDigest: String {
    FNV1a(configuration.sortedByKey.text(indented: false)).text
  }

  /// The net profit as plain decimal text in units of currency.
  public var netText: String {
    let digits = String(netUnits.magnitude)
    let padded = String(repeating: "0", count: max(0, 19 - digits.count)) + digits
    var fraction = padded.suffix(18)
    while fraction.last == "0" { fraction.removeLast() }
    let text = padded.dropLast(18) + (fraction.isEmpty ? "" : "." + fraction)
    return (netUnits < 0 ? "-" : "") + text
  }

  public var json: JSONValue {
    [
      "recorded": .string("\(recorded)"), "data": data.json, "strategy": .string(strategy),
      "configuration_digest": .string(configurationDigest), "configuration": configuration,
      "seed": .string("\(seed)"), "fingerprint": .string(hexadecimal(fingerprint)),
      "returns": .int(Int64(returnCount)), "period": .string("\(period)"),
      "sharpe_per_period": .optional(sharpe), "skewness": .optional(skewness),
      "kurtosis": .optional(kurtosis), "net": .string(netText), "currency": .string(currency),
      "producer": .string(producer), "has_returns": .bool(returns != nil),
    ]
  }
}

/// Sixteen digits.
func hexadecimal(_ value: UInt64) -> String {
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}

extension JSONValue {
  /// The same document with the keys of all objects in order.
  var sortedByKey: JSONValue {
    switch self {
    case .object(let members):
      .object(members.map { ($0.key, $0.value.sortedByKey) }.sorted { $0.0 < $1.0 })
    case .array(let values): .array(values.map(\.sortedByKey))
    default: self
    }
  }
}
