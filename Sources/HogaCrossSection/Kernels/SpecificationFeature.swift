internal import HogaCore

/// The features of the specification, in its order; the raw value is the `NAME` of `x_{w}m_NAME`.
enum SpecificationFeature: String, CaseIterable, Sendable {
  case openToClose = "O2C"
  case openToHigh = "O2H"
  case openToLow = "O2L"
  case highToClose = "H2C"
  case lowToClose = "L2C"
  case highToLow = "H2L_Vol"
  case realizedVolatility = "RVol"
  case efficiencyRatio = "EffRatio"
  case priceInterestCorrelation = "OI_P_Corr"
  case force = "Force"
  case percentB = "PctB"
  case netTaker = "NetTaker"
  case averageTrade = "AvgTrade"
  case interestChange = "OI_Chg"
  case whaleGap = "WhaleGap"
  case closeToVWAP = "C2VWAP"
  case premium = "Premium"
  case closeDifferenceRate = "Close_Diff_Rate"
  case ratioSkew = "RatioSkew"
  case ratioSkewScore = "RatioSkew_Z"
  case crowdingPressure = "CrowdingPressure"
  case interestScore = "OI_Z"
  case priceInterestRegime = "PriceOIRegime"
  case interestSkew = "OI_XSkew"

  /// What its value at a minute rests on.
  enum Reach: Sendable {
    /// The window itself.
    case window
    /// The window and the close (or reading) before it.
    case windowAndBefore
    /// At least `shortestStatistic` minutes.
    case statistic
    /// The same, of differences: one row more.
    case statisticAndBefore
    /// The minute alone.
    case instant
  }

  var reach: Reach {
    switch self {
    case .openToClose, .openToHigh, .openToLow, .highToClose, .lowToClose, .highToLow, .netTaker,
      .averageTrade, .whaleGap, .closeToVWAP, .premium:
      .window
    case .efficiencyRatio, .force, .interestChange, .closeDifferenceRate, .priceInterestRegime:
      .windowAndBefore
    case .priceInterestCorrelation, .percentB, .ratioSkewScore, .crowdingPressure, .interestScore,
      .interestSkew:
      .statistic
    case .realizedVolatility: .statisticAndBefore
    case .ratioSkew: .instant
    }
  }

  /// The fields that the formula names. The four prices are one bar: it is there or it is not.
  var inputs: [MinuteField] {
    let bar: [MinuteField] = [.open, .high, .low, .close]
    switch self {
    case .openToClose, .openToHigh, .openToLow, .highToClose, .lowToClose, .highToLow,
      .realizedVolatility, .efficiencyRatio, .percentB, .closeDifferenceRate:
      return bar
    case .force: return bar + [.volume]
    case .netTaker: return [.quote, .takerQuote]
    case .averageTrade: return [.quote, .count]
    case .closeToVWAP: return bar + [.volume, .quote]
    case .premium: return [.premium]
    case .interestChange, .interestScore: return [.openInterest]
    case .priceInterestCorrelation, .priceInterestRegime: return bar + [.openInterest]
    case .whaleGap, .ratioSkew, .ratioSkewScore, .crowdingPressure:
      return [.topRatio, .globalRatio]
    case .interestSkew: return [.openInterest, .topRatio, .globalRatio]
    }
  }
}

/// Which values the specification's columns hold, and which columns hold the same.
struct SpecificationLayout: Sendable {
  /// What tells two columns' values apart: a feature and the minutes it looks at, 0 for `instant`.
  struct Slot: Hashable, Sendable {
    var feature: SpecificationFeature
    var length: Int

    /// Of the column `x_{window}m_NAME`.
    init(_ feature: SpecificationFeature, window: Int) {
      self.feature = feature
      switch feature.reach {
      case .window, .windowAndBefore: length = window
      case .statistic, .statisticAndBefore:
        length = CrossSectionSettings.statisticLength(window)
      case .instant: length = 0
      }
      // The mean over one minute is the minute's value.
      if feature == .whaleGap, window == 1 { (self.feature, length) = (.ratioSkew, 0) }
    }
  }

  let windows: [Int]
  /// The lengths of statistics, ascending, each once.
  let statistics: [Int]
  /// Window by window, in the specification's order.
  let columns: [(feature: SpecificationFeature, window: Int, slot: Slot)]

  init(windows: [Int]) {
    self.windows = windows
    statistics = Set(windows.map(CrossSectionSettings.statisticLength)).sorted()
    columns = windows.flatMap { window in
      SpecificationFeature.allCases.map { ($0, window, Slot($0, window: window)) }
    }
  }

  /// Each slot once, in order of first use.
  var slots: [Slot] {
    var seen: Set<Slot> = []
    return columns.map(\.slot).filter { seen.insert($0).inserted }
  }
}
