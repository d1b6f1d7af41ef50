import HogaCore
import HogaScenarios
import Testing

/// A row of `orders`, with what else it carries.
struct OrderRow: Hashable {
  var event: OrderEvent
  var moment: Moment
}

struct TradeRow: Hashable {
  var moment: Moment
  var id: Int64
  var ticks: Int64
  var lots: Int64
  var aggressor: Side
}

struct DepthRow: Hashable {
  var moment: Moment
  var update: Int64
  var kind: DepthKind
  var side: Side
  var ticks: Int64
  var lots: Int64
  var isLast: Bool
}

extension Frame {
  func moment(_ row: Int) throws -> Moment {
    Moment(
      arrival: try int64s("arrival")[row], time: try int64s("time")[row],
      sequence: try int64s("sequence")[row])
  }

  func texts(_ name: String) throws -> [String?] {
    guard case .category(let categories) = try column(name) else { return [] }
    return (0..<rowCount).map { categories[$0] }
  }

  func int32s(_ name: String) throws -> [Int32] {
    guard case .int32(let values) = try column(name) else { return [] }
    return values
  }

  func bools(_ name: String) throws -> [Bool] {
    guard case .bool(let values) = try column(name) else { return [] }
    return values
  }
}

extension ScenarioFrames {
  func orderRows() throws -> [OrderRow] {
    let (arrivals, times) = (try orders.int64s("arrival"), try orders.int64s("time"))
    let (sequences, ids) = (try orders.int64s("sequence"), try orders.int64s("order_id"))
    let (kinds, sides) = (try orders.texts("kind"), try orders.int32s("side"))
    let (prices, sizes) = (try orders.int64s("price"), try orders.int64s("size"))
    return try (0..<orders.rowCount).map { row in
      OrderRow(
        event: OrderEvent(
          try #require(kinds[row].flatMap { OrderEventKind(rawValue: $0) }), id: ids[row],
          side: Side(rawValue: sides[row]), ticks: prices[row], lots: sizes[row],
          sequence: sequences[row]),
        moment: Moment(arrival: arrivals[row], time: times[row], sequence: sequences[row]))
    }
  }

  func tradeRows() throws -> [TradeRow] {
    let (arrivals, times) = (try trades.int64s("arrival"), try trades.int64s("time"))
    let (sequences, ids) = (try trades.int64s("sequence"), try trades.int64s("id"))
    let (prices, sizes) = (try trades.int64s("price"), try trades.int64s("size"))
    let sides = try trades.int32s("aggressor")
    return try (0..<trades.rowCount).map { row in
      TradeRow(
        moment: Moment(arrival: arrivals[row], time: times[row], sequence: sequences[row]),
        id: ids[row], ticks: prices[row], lots: sizes[row],
        aggressor: try #require(Side(rawValue: sides[row])))
    }
  }

  func depthRows() throws -> [DepthRow] {
    let (arrivals, times) = (try depth.int64s("arrival"), try depth.int64s("time"))
    let (sequences, updates) = (try depth.int64s("sequence"), try depth.int64s("update_id"))
    let (kinds, sides) = (try depth.texts("kind"), try depth.int32s("side"))
    let (prices, sizes) = (try depth.int64s("price"), try depth.int64s("size"))
    let lasts = try depth.bools("last")
    return try (0..<depth.rowCount).map { row in
      DepthRow(
        moment: Moment(arrival: arrivals[row], time: times[row], sequence: sequences[row]),
        update: updates[row], kind: try #require(kinds[row].flatMap { DepthKind(rawValue: $0) }),
        side: try #require(Side(rawValue: sides[row])), ticks: prices[row], lots: sizes[row],
        isLast: lasts[row])
    }
  }
}

/// The largest distance between the distribution of `values` and that of an exponential variate with
/// mean one (Kolmogorov and Smirnov's statistic), times √n.
func distanceFromExponential(_ values: [Double]) -> Double {
  distanceFromUniform(values.map { 1 - PortableMath.exp(-$0) })
}

/// The same for numbers that should be uniform in 0…1.
func distanceFromUniform(_ values: [Double]) -> Double {
  let sorted = values.sorted()
  let count = Double(sorted.count)
  var largest = 0.0
  for (index, value) in sorted.enumerated() {
    largest = max(largest, value - Double(index) / count, Double(index + 1) / count - value)
  }
  return largest * count.squareRoot()
}

/// Kolmogorov's distribution leaves 0.1 % above it (F. J. Massey, 1951: √(−ln(0.0005)/2)).
let kolmogorovLimit = 1.9495
