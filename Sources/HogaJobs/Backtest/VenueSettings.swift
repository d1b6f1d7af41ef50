internal import HogaConfig
public import HogaCore
internal import HogaLake
public import HogaSim

extension Workflow {
  /// How the venue of a backtest charges, delays and matches; `Docs/workflow.md` lists the settings.
  public struct Venue: Sendable {
    public var feed = LatencyModel.recorded()
    public var entry = LatencyModel.constant(.milliseconds(10))
    public var response = LatencyModel.constant(.milliseconds(10))
    /// `nil`: the true queue where the market has single orders alone, and otherwise risk-averse.
    public var queue: QueueModel?
    public var fillsWhole = false
    public var selfTrade = MatchingRules.SelfTrade.cancelNewest
    public var maximumQuoteAge = TimeSpan.seconds(10)
    public var fees: FeeSchedule
    public var margin: MarginRules?
    public var impact = Impact.none
    public var funding = Funding.none
    /// Sizes in units and prices in quote currency, until the instrument is known.
    var rules = Rules()

    /// Where funding comes from.
    public enum Funding: Sendable {
      case none
      /// The lake's table `funding`.
      case table
      /// In billionths of the position's worth, at every multiple of a time.
      case constant(rate: Int64, every: TimeSpan)
    }

    /// An impact in units and quote currency.
    public enum Impact: Sendable {
      case none
      case almgrenChriss(permanent: Double, temporary: Double, fixed: Double, interval: TimeSpan)
      case propagator(price: Double, size: Double, power: Double, kernel: DecayKernel)
    }

    struct Rules: Sendable {
      var minimumSize: Double?
      var sizeStep: Double?
      var maximumSize: Double?
      var minimumWorth: Double?
      var band: Double?
      var lowestPrice: Double?
      var highestPrice: Double?
    }

    public init(fees: FeeSchedule) { self.fees = fees }
  }
}

extension Workflow.Venue {
  /// The keys of a backtest's settings that are about the venue.
  static let keys = [
    "maker_fee", "taker_fee", "fee_tiers", "fee_window_days", "starting_volume",
    "maker_fee_per_lot", "taker_fee_per_lot", "feed_latency", "entry_latency", "response_latency",
    "queue", "fills", "self_trade", "maximum_quote_age", "rules", "margin", "funding", "impact",
  ]

  /// - Parameter folder: where relative paths start.
  /// - Throws: `DataError` with file and line where a setting makes no sense.
  init(_ node: ConfigNode, relativeTo folder: String) throws {
    fees = try Self.fees(node)
    func latency(_ key: String, isFeed: Bool = false) throws -> LatencyModel? {
      try node[key].map { try Self.latency($0, relativeTo: folder, isFeed: isFeed) }
    }
    feed = try latency("feed_latency", isFeed: true) ?? feed
    entry = try latency("entry_latency") ?? entry
    response = try latency("response_latency") ?? response
    if let model = node["queue"] {
      guard let known = QueueModel(try model.string()) else {
        throw model.error(
          "'\(try model.string())' is none of risk-averse, power N, power2 N, power3 N, log, log2 "
            + "and true")
      }
      queue = known
    }
    if let fills = node["fills"] {
      let text = try fills.string()
      guard ["partial", "whole"].contains(text) else {
        throw fills.error("'\(text)' is none of partial, whole")
      }
      fillsWhole = text == "whole"
    }
    selfTrade = try node["self_trade"]?.choice(MatchingRules.SelfTrade.self) ?? selfTrade
    maximumQuoteAge = try node["maximum_quote_age"]?.positiveSpan() ?? maximumQuoteAge
    if let node = node["rules"] { rules = try Self.rules(node) }
    if let node = node["margin"] { margin = try Self.margin(node) }
    if let node = node["funding"] { funding = try Self.funding(node) }
    if let node = node["impact"] { impact = try Self.impact(node) }
  }

  /// Settings given as `key.path=value`.
  public init(settings: [String]) throws {
    let node = try ConfigNode(assignments: settings)
    try node.rejectUnknown(keys: Self.keys)
    try self.init(node, relativeTo: ".")
  }

  /// An error of a value's own checks, with the place of its setting.
  private static func at<Value>(_ node: ConfigNode, _ make: () throws -> Value) throws -> Value {
    do { return try make() } catch let error as UsageError {
      throw node.error(error.description)
    }
  }

  /// Refuses settings of which one would silently win over the other.
  private static func onlyOne(of keys: [[String]], in node: ConfigNode) throws {
    let given = keys.compactMap { group in group.first { node[$0] != nil } }
    guard given.count <= 1 else {
      throw try node.require(given[1]).error("give this or \(given[0]), not both")
    }
  }

  // MARK: Fees

  private static func fees(_ node: ConfigNode) throws -> FeeSchedule {
    try onlyOne(of: [["fee_tiers"], ["taker_fee", "maker_fee"]], in: node)
    // Without fees a backtest flatters, so none at all has to be asked for.
    let taker = try node["taker_fee"] ?? node["fee_tiers"] ?? node.require("taker_fee")
    func parts(_ node: ConfigNode) throws -> Int64 { try partsPerMillion(node) }
    var schedule: FeeSchedule
    if let tiers = node["fee_tiers"] {
      schedule = try at(tiers) {
        try FeeSchedule(
          tiers: tiers.items().map { tier in
            try tier.rejectUnknown(keys: ["from", "maker", "taker"])
            return FeeSchedule.Tier(
              from: try Money(tier["from"]?.double() ?? 0),
              makerPartsPerMillion: try parts(tier.require("maker")),
              takerPartsPerMillion: try parts(tier.require("taker")))
          },
          windowDays: try node["fee_window_days"]?.positive() ?? 30,
          startingVolume: try Money(node["starting_volume"]?.double() ?? 0))
      }
    } else {
      schedule = FeeSchedule(
        makerPartsPerMillion: try parts(node["maker_fee"] ?? taker),
        takerPartsPerMillion: try parts(taker))
    }
    if let perLot = node["taker_fee_per_lot"] {
      schedule.takerPerLot = try at(perLot) { try Money(perLot.double()) }
      schedule.makerPerLot = schedule.takerPerLot
    }
    if let perLot = node["maker_fee_per_lot"] {
      schedule.makerPerLot = try at(perLot) { try Money(perLot.double()) }
    }
    return schedule
  }

  /// A fraction as whole millionths.
  private static func partsPerMillion(_ node: ConfigNode) throws -> Int64 {
    let fraction = try node.double()
    guard abs(fraction) <= 1 else { throw node.error("a fraction is within ±1") }
    let parts = (fraction * 1e6).rounded()
    guard abs(parts / 1e6 - fraction) < 1e-12 else {
      throw node.error("\(fraction) is no whole number of millionths")
    }
    return Int64(parts)
  }

  // MARK: Latencies

  /// A span, which is constant (or added to the recorded feed), or a mapping of one of the models.
  private static func latency(
    _ node: ConfigNode, relativeTo folder: String, isFeed: Bool
  ) throws -> LatencyModel {
    guard (try? node.members()) != nil else {
      let span = try node.timeSpan()
      let model: LatencyModel = isFeed ? .recorded(plus: span) : .constant(span)
      try at(node) { try model.validate() }
      return model
    }
    try node.rejectUnknown(keys: [
      "constant", "recorded", "plus", "median", "p99", "floor", "file", "column",
    ])
    try onlyOne(of: [["constant"], ["recorded", "plus"], ["median"], ["file"]], in: node)
    let model: LatencyModel
    if let constant = node["constant"] {
      model = .constant(try constant.timeSpan())
    } else if let scale = node["recorded"] {
      model = .recorded(scale: try scale.double(), plus: try node.span("plus", default: .zero))
    } else if let median = node["median"] {
      model = try at(node) {
        .sampled(
          try .logNormal(
            median: try median.timeSpan(), percentile99: try node.require("p99").timeSpan(),
            floor: try node.span("floor", default: .zero)))
      }
    } else if let file = node["file"] {
      model = .sampled(
        try measured(
          in: file.path(relativeTo: folder),
          column: try node["column"]?.string() ?? "latency_ns"))
    } else {
      throw node.error("one of constant, recorded, median (with p99) and file is needed")
    }
    try at(node) { try model.validate() }
    return model
  }

  private static func measured(
    in path: String, column: String
  ) throws -> LatencyDistribution {
    let table = try TableFile.read(path)
    do {
      return try .empirical(table.int64s(column))
    } catch let error as DataError {
      throw DataError(error.reason, file: path, row: error.row, column: column)
    }
  }

  // MARK: Rules, margin, funding, impact

  private static func rules(_ node: ConfigNode) throws -> Rules {
    try node.rejectUnknown(keys: [
      "minimum_size", "size_step", "maximum_size", "minimum_worth", "price_band", "lowest_price",
      "highest_price",
    ])
    var rules = Rules()
    rules.minimumSize = try node["minimum_size"]?.positiveDouble()
    rules.sizeStep = try node["size_step"]?.positiveDouble()
    rules.maximumSize = try node["maximum_size"]?.positiveDouble()
    rules.minimumWorth = try node["minimum_worth"]?.positiveDouble()
    rules.band = try node["price_band"]?.positiveDouble()
    rules.lowestPrice = try node["lowest_price"]?.double()
    rules.highestPrice = try node["highest_price"]?.double()
    return rules
  }

  private static func margin(_ node: ConfigNode) throws -> MarginRules {
    try node.rejectUnknown(keys: ["initial", "maintenance", "liquidation_fee", "tiers"])
    try onlyOne(of: [["tiers"], ["initial", "maintenance"]], in: node)
    func tier(_ node: ConfigNode, from: Double) throws -> MarginRules.Tier {
      MarginRules.Tier(
        from: try Money(from),
        initialPartsPerMillion: try partsPerMillion(node.require("initial")),
        maintenancePartsPerMillion: try partsPerMillion(node.require("maintenance")))
    }
    return try at(node) {
      try MarginRules(
        tiers: node["tiers"]?.items().map {
          try $0.rejectUnknown(keys: ["from", "initial", "maintenance"])
          return try tier($0, from: $0["from"]?.double() ?? 0)
        } ?? [tier(node, from: 0)],
        liquidationFeePartsPerMillion: try node["liquidation_fee"].map(partsPerMillion) ?? 0)
    }
  }

  private static func funding(_ node: ConfigNode) throws -> Funding {
    if case .list? = Optional(node.content) { throw node.error("is no list") }
    guard (try? node.members()) != nil else {
      switch try node.string() {
      case "none": return .none
      case "table": return .table
      default: throw node.error("none, table, or a mapping of rate and every")
      }
    }
    try node.rejectUnknown(keys: ["rate", "every"])
    let rate = (try node.require("rate").double() * 1e9).rounded()
    guard abs(rate) < 1e9 else { throw node.error("a funding rate of 100 % or more") }
    return .constant(
      rate: Int64(rate), every: try node["every"]?.positiveSpan() ?? .seconds(8 * 3600))
  }

  private static func impact(_ node: ConfigNode) throws -> Impact {
    try node.rejectUnknown(keys: ["almgren_chriss", "propagator"])
    try onlyOne(of: [["almgren_chriss"], ["propagator"]], in: node)
    if let node = node["almgren_chriss"] {
      try node.rejectUnknown(keys: ["permanent", "temporary", "fixed", "interval"])
      return .almgrenChriss(
        permanent: try node["permanent"]?.double() ?? 0,
        temporary: try node["temporary"]?.double() ?? 0, fixed: try node["fixed"]?.double() ?? 0,
        interval: try node["interval"]?.positiveSpan() ?? .seconds(1))
    }
    let node = try node.require("propagator")
    try node.rejectUnknown(keys: [
      "price", "size", "power", "decay", "exponent", "offset", "horizon",
    ])
    try onlyOne(of: [["decay"], ["exponent", "offset", "horizon"]], in: node)
    let kernel: DecayKernel =
      if let exponent = node["exponent"] {
        .powerLaw(
          offset: try node["offset"]?.positiveSpan() ?? .seconds(1),
          exponent: try exponent.positiveDouble(),
          horizon: try node["horizon"]?.positiveSpan() ?? .seconds(3600))
      } else {
        .exponential(try node.require("decay").positiveSpan())
      }
    return .propagator(
      price: try node.require("price").positiveDouble(),
      size: try node.require("size").positiveDouble(),
      power: try node["power"]?.positiveDouble() ?? 0.5, kernel: kernel)
  }
}

extension Workflow.Venue {
  /// How orders are matched, in the instrument's lots and ticks.
  ///
  /// - Throws: `UsageError` where a size or price is no whole number of them.
  func matching(_ instrument: Instrument) throws -> MatchingRules {
    func lots(_ size: Double?) throws -> Int64? {
      try size.map { try BacktestJob.lots($0, instrument) }
    }
    func price(_ price: Double?) throws -> Price? {
      try price.map {
        let ticks = ($0 * instrument.priceScale).rounded()
        guard abs(ticks) < 1e15, abs(ticks / instrument.priceScale - $0) <= 1e-9 * abs($0) else {
          throw UsageError("\($0) is no price of \(instrument.symbol)")
        }
        return Price(ticks: Int64(ticks))
      }
    }
    let band = rules.band.map { Int64(($0 * 1e6).rounded()) }
    return MatchingRules(
      queue: queue, fillsWhole: fillsWhole, selfTrade: selfTrade,
      order: OrderRules(
        minimumLots: try lots(rules.minimumSize) ?? 1, lotStep: try lots(rules.sizeStep) ?? 1,
        maximumLots: try lots(rules.maximumSize),
        minimumWorth: try rules.minimumWorth.map { try Money($0) },
        buyBand: OrderRules.Band(below: band, above: band),
        sellBand: OrderRules.Band(below: band, above: band),
        lowestPrice: try price(rules.lowestPrice), highestPrice: try price(rules.highestPrice)),
      maximumQuoteAge: maximumQuoteAge)
  }

  /// The impact in ticks and lots.
  func impact(_ instrument: Instrument) -> ImpactModel {
    let (price, size) = (instrument.priceScale, instrument.sizeScale)
    return switch impact {
    case .none: .none
    case .almgrenChriss(let permanent, let temporary, let fixed, let interval):
      .almgrenChriss(
        AlmgrenChrissImpact(
          permanent: permanent * price / size, temporary: temporary * price / size,
          fixed: fixed * price, interval: interval))
    case .propagator(let move, let reference, let power, let kernel):
      .propagator(
        Propagator(
          ticks: move * price, referenceLots: reference * size, power: power, kernel: kernel))
    }
  }

  /// When funding is paid, and how much.
  func funding(
    _ lake: Lake, _ market: Workflow.Market, _ contract: Contract
  ) throws -> FundingSchedule? {
    switch funding {
    case .none: return nil
    case .constant(let rate, let every): return try .constant(rate: rate, every: every)
    case .table:
      let frames = try lake.partitions(table: CandleTable.funding.name)
        .filter { $0.venue == market.venue && market.dates.contains($0.date) }
        .sorted { $0.date < $1.date }
        .map { try ParquetFile($0.path).read() }
      guard var table = frames.first else {
        throw MissingInputError(
          "\(lake.root): no table funding of \(market.venue) on these dates: import it, or give "
            + "funding: {rate: …}")
      }
      for frame in frames.dropFirst() { table.append(rowsOf: frame) }
      return try FundingSchedule(table, contract: contract)
    }
  }
}
