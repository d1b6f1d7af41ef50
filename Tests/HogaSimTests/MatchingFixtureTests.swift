import Foundation
import HogaCore
import HogaSim
import Testing

/// One market of `Fixtures/matching.csv`: what happens, what is asked, and what becomes of it.
private struct FixtureMarket {
  var number = ""
  var isOrderByOrder = false
  var selfTrade = MatchingRules.SelfTrade.cancelNewest
  var market = TestMarket()
  var events: [(time: Int64, event: OrderEvent)] = []
  var requests: [[Substring]] = []
  /// The models and modes of each run, and its reports.
  var runs: [(names: [Substring], reports: [String])] = []

  func tape() throws -> MarketTape {
    guard isOrderByOrder else { return try market.tape() }
    return try MarketTape(book: chunks(OrderTable.frame(events), of: .max))
  }
}

/// Rows of the table `orders`, made of events.
enum OrderTable {
  static func frame(_ events: [(time: Int64, event: OrderEvent)]) -> Frame {
    let times = events.map { TestMarket.time($0.time) }
    return Frame([
      ("arrival", .timestamp(times)), ("time", .timestamp(times)),
      ("sequence", .int64(events.map(\.event.sequence))),
      ("order_id", .int64(events.map(\.event.id))),
      ("kind", .category(Categories(events.map { $0.event.kind.rawValue }))),
      ("side", .int32(events.map { $0.event.side?.rawValue ?? 0 })),
      ("price", .decimal(events.map(\.event.ticks), scale: 2)),
      ("size", .decimal(events.map(\.event.lots), scale: 3)),
    ])
  }
}

@Suite("Matching, beside a slow exchange in Python")
struct MatchingFixtureTests {
  /// A lot is a unit here, as in the fixtures.
  static let instrument = Instrument(
    venue: "test", symbol: "TEST", priceDecimals: 2, sizeDecimals: 0)

  static let lines: [[Substring]] = {
    let path = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Fixtures/matching.csv")
    let text = (try? String(contentsOf: path, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
  }()

  private static func markets() throws -> [FixtureMarket] {
    var all: [FixtureMarket] = []
    var sequence: Int64 = 0
    for line in lines where line[0] != "q" {
      func int(_ index: Int) throws -> Int64 { try #require(Int64(line[index])) }
      if line[0] == "m" {
        var market = FixtureMarket()
        market.number = String(line[1])
        market.isOrderByOrder = line[2] == "orders"
        market.selfTrade =
          switch line[3] {
          case "cancelResting": .cancelResting
          case "cancelBoth": .cancelBoth
          default: .cancelNewest
          }
        all.append(market)
        continue
      }
      let last = all.count - 1
      switch line[0] {
      case "s", "u":
        let levels = try line[2].split(separator: " ").map { level in
          let parts = level.dropFirst().split(separator: ":")
          return (
            isBid: level.first == "b",
            level: (try #require(Int64(parts[0])), try #require(Int64(parts[1])))
          )
        }
        let bids = levels.filter(\.isBid).map(\.level)
        let asks = levels.filter { !$0.isBid }.map(\.level)
        if line[0] == "s" {
          all[last].market.snapshot(try int(1), bids: bids, asks: asks)
        } else {
          all[last].market.update(try int(1), bids: bids, asks: asks)
        }
      case "g": all[last].market.gap(try int(1))
      case "t":
        let side = Side(rawValue: Int32(try int(4)))
        all[last].market.trade(try int(1), try int(2), try int(3), side)
      case "o":
        sequence += 1
        let kind = try #require(OrderEventKind(rawValue: String(line[2])))
        all[last].events.append(
          (
            try int(1),
            OrderEvent(
              kind, id: try int(3), side: Side(rawValue: Int32(try int(4))), ticks: try int(5),
              lots: try int(6), sequence: sequence)
          ))
      case "p", "c", "a": all[last].requests.append(line)
      case "r": all[last].runs.append((line[1].split(separator: " "), []))
      default:
        all[last].runs[all[last].runs.count - 1].reports.append(line.joined(separator: ","))
      }
    }
    return all
  }

  private static func number(_ text: Substring) throws -> Int64 { try #require(Int64(text)) }

  private static func model(_ name: Substring) throws -> QueueModel {
    let parts = name.split(separator: ":")
    let n = parts.count > 1 ? Double(parts[1]) ?? 0 : 0
    return switch parts[0] {
    case "riskAverse": .riskAverse
    case "power": .power(n)
    case "power2": .power2(n)
    case "power3": .power3(n)
    case "log": .log
    case "log2": .log2
    case "true": .trueQueue
    default: throw DataError("no model \(name)")
    }
  }

  private static func run(
    _ market: FixtureMarket, _ model: QueueModel, whole: Bool
  ) throws -> [String] {
    let settings = SimulationSettings.test(
      matching: MatchingRules(
        queue: model, fillsWhole: whole, selfTrade: market.selfTrade, maximumQuoteAge: .day))
    var probe = try MatchingProbe(
      try Contract(Self.instrument), settings, try market.tape())
    for request in market.requests {
      let time = TestMarket.time(try Self.number(request[1]))
      let id = try Self.number(request[2])
      switch request[0] {
      case "c": try probe.cancel(id, at: time)
      case "a":
        try probe.amend(
          id, price: Price(ticks: try Self.number(request[3])),
          lots: try Self.number(request[4]), at: time)
      default:
        let price = Price(ticks: try Self.number(request[5]))
        let kind: OrderRequest.Kind =
          switch request[3] {
          case "market": .market
          case "ioc": .immediateOrCancel(price)
          case "fok": .fillOrKill(price)
          case "postOnly": .postOnly(price)
          default: .limit(price)
          }
        try probe.place(
          id,
          OrderRequest(
            side: request[4] == "1" ? .buy : .sell, kind: kind,
            lots: try Self.number(request[6]), reduceOnly: request[7] == "1"), at: time)
      }
    }
    try probe.play(through: .max)
    return probe.reports.map { text($0.time, $0.id, $0.report) }
  }

  private static func text(_ time: Int64, _ id: Int64, _ report: MatchingProbe.Report) -> String {
    let stamp = "\((time - TestMarket.epoch) / 1_000_000),\(id)"
    switch report {
    case .accepted: return "A,\(stamp)"
    case .rejected(let reason): return "R,\(stamp),\(reason)"
    case .filled(let price, let lots, let reason, _):
      let rule =
        switch reason {
        case .tradedThrough: "through"
        case .queueReached: "queue"
        case .quoteCrossed: "quote"
        case .walkedBook(let level), .liquidation(let level): "walk \(level)"
        }
      return "F,\(stamp),\(price),\(lots),\(rule)"
    case .cancelled(let reason, let lots): return "C,\(stamp),\(reason),\(lots)"
    case .cancelRejected: return "X,\(stamp)"
    case .amended(let price, let lots): return "M,\(stamp),\(price),\(lots)"
    case .amendRejected(let reason): return "N,\(stamp),\(reason)"
    }
  }

  /// A report without the queue ahead, which the fixture counts before the event and we after it.
  private static func withoutQueue(_ report: String) -> String {
    let parts = report.split(separator: ",")
    return parts[0] == "F" ? parts.prefix(6).joined(separator: ",") : report
  }

  @Test("every report of 320 markets, under every queue model and both fill modes, is the same")
  func reports() throws {
    let markets = try Self.markets()
    #expect(markets.count == 320)
    var runCount = 0
    for market in markets {
      for (names, expected) in market.runs {
        for name in names {
          let parts = name.split(separator: "/")
          let found = try Self.run(
            market, try Self.model(parts[0]), whole: parts[1] == "whole")
          let wanted = expected.map(Self.withoutQueue)
          #expect(found == wanted, "market \(market.number), \(name)")
          runCount += 1
        }
      }
    }
    #expect(runCount == 240 * 14 + 80 * 2)
  }

  @Test("the front of a queue follows the published formulas, step by step")
  func queueVector() throws {
    let vectors = Self.lines.filter { $0[0] == "q" }
    #expect(vectors.count == 5)
    var market = TestMarket()
    market.snapshot(0, bids: [(100, 100), (99, 5)], asks: [(110, 5)])
    market.update(20, bids: [(100, 150)])
    market.trade(30, 100, 20, .sell)
    market.update(40, bids: [(100, 130)])
    market.update(50, bids: [(100, 100)])
    market.trade(60, 100, 50, .sell)
    market.update(70, bids: [(100, 50)])
    for vector in vectors {
      let settings = SimulationSettings.test(
        matching: MatchingRules(queue: try Self.model(vector[1])))
      var probe = try MatchingProbe(try Contract(Self.instrument), settings, market.tape())
      try probe.place(
        1, OrderRequest(side: .buy, kind: .postOnly(Price(ticks: 100)), lots: 5),
        at: TestMarket.time(10))
      for step in 0..<6 {
        try probe.play(through: TestMarket.time(20 + Int64(step) * 10))
        let front = try #require(probe.front(.buy))
        #expect(abs(front - (try #require(Double(vector[2 + step])))) < 5e-10)
      }
      #expect(probe.reports.count == 1)
    }
  }
}
