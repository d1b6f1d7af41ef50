import Foundation
import HogaCore
import HogaJobs
import HogaLake
import HogaTestKit
import Testing

@Suite("Explaining an order")
struct BacktestExplainTests {
  /// 2024-08-08 23:54:20 UTC, in nanoseconds.
  static let second: Int64 = 1_723_161_260_000_000_000
  static func at(_ milliseconds: Int64) -> Int64 { second + milliseconds * 1_000_000 }
  static let missing = Column.missing

  /// A run of five orders written by hand, with every column that a backtest can leave:
  /// 1 buys as a maker in two parts, 2 is rejected by the exchange, 3 is refused before it is sent,
  /// 4 takes through a level and is cancelled for the rest, 5 is open at the end.
  static func run(
    in folder: TemporaryFolder, withQueues: Bool = true, lastReason: String? = nil
  ) throws -> String {
    let path = folder("run")
    for name in ["run/backtests/hand", "premium"] {
      try FileManager.default.createDirectory(
        atPath: folder(name), withIntermediateDirectories: true)
    }
    _ = try folder.write(
      """
      {"backtests": [{"name": "hand", "result": {"symbol": "BTCUSDT", "currency": "quote",
        "settings": {"latency": {"response": "5ms"}}}}]}
      """, to: "run/metrics.json")
    var orders = Frame([
      ("id", .int64([1, 2, 3, 4, 5])), ("side", .int32([1, -1, 1, -1, 1])),
      (
        "kind",
        .category(Categories(["post_only", "post_only", "limit", "market", "limit"]))
      ),
      ("price", .decimal([617_390, 617_391, 617_000, missing, 617_100], scale: 1)),
      ("size", .decimal([30, 10, 10, 50, 10], scale: 3)),
      ("filled", .decimal([30, 0, 0, 40, 0], scale: 3)),
      (
        "status",
        .category(Categories(["filled", "rejected", "rejected", "cancelled", "open"]))
      ),
      ("decision_time", .timestamp([at(100), at(200), at(300), at(400), at(500)])),
      ("exchange_arrival", .timestamp([at(110), at(210), missing, at(412), at(510)])),
      ("end_time", .timestamp([at(350), at(210), at(300), at(412), missing])),
      (
        "reason",
        .category(
          Categories([
            nil, "post-only order would take", "position limit", "beyond the shown depth",
            lastReason,
          ]))
      ),
    ])
    var fills = Frame([
      ("id", .int64([1, 2, 3])), ("order", .int64([1, 1, 4])), ("side", .int32([1, 1, -1])),
      ("price", .decimal([617_390, 617_390, 617_380], scale: 1)),
      ("size", .decimal([10, 20, 40], scale: 3)), ("fee", .double([0.1, 0.2, 1.5])),
      ("maker", .bool([true, true, false])),
      (
        "reason",
        .category(Categories(["queue reached", "traded through", "walked book level 2"]))
      ),
      ("exchange_time", .timestamp([at(250), at(350), at(412)])),
      ("decision_time", .timestamp([at(100), at(100), at(400)])),
      ("exchange_arrival", .timestamp([at(110), at(110), at(412)])),
      ("sequence", .int64([71, 72, 73])),
      ("mid_decision", .double([61739.55, 61739.55, 61739.05])),
      ("mid_arrival", .double([61739.55, 61739.55, 61738.95])),
      ("mid_match", .double([61739.05, 61738.95, 61738.95])),
      ("best_bid", .decimal([617_390, 617_389, 617_389], scale: 1)),
      ("best_ask", .decimal([617_391, 617_390, 617_390], scale: 1)),
      ("gross", .double([-1, -2, 4])), ("spread", .double([-0.01, -0.02, 0.03])),
      ("latency", .double([0.5, 0.6, 0.1])), ("walk", .double([0, 0, 0.04])),
      ("net", .double([-1.59, -2.78, 2.33])),
      ("mid_after_100ms", .double([61739.9, .nan, 61737])),
    ])
    if withQueues {
      orders.append("queue_ahead_entry", .double([1.5, .nan, .nan, .nan, 0]))
      orders.append("ahead_traded", .double([0.9, .nan, .nan, .nan, 0]))
      orders.append("ahead_cancelled", .double([0.6, .nan, .nan, .nan, 0]))
      orders.append("queue_ahead_end", .double([0, .nan, .nan, .nan, 0]))
      orders.append("amends", .int64([0, 0, 0, 0, 2]))
      orders.append("reduce_only", .bool([false, false, true, false, false]))
      fills.append("queue_ahead_fill", .double([0, 0, .nan]))
      fills.append("feed_latency_ns", .int64([2_000_000, 2_000_000, 3_500_000]))
      fills.append("response_time", .timestamp([at(257), at(358), at(417)]))
      fills.append("impact", .double([0.25, 0.25, 0.5]))
      for depth in 1...5 {
        let step = Int64(depth - 1)
        fills.append(
          "bid_price_\(depth)", .decimal([617_390, 617_389, 617_389].map { $0 - step }, scale: 1))
        fills.append(
          "ask_price_\(depth)", .decimal([617_391, 617_390, 617_390].map { $0 + step }, scale: 1))
        for side in ["bid", "ask"] {
          fills.append(
            "\(side)_size_\(depth)", .decimal([Int64](repeating: 1000 + step, count: 3), scale: 3))
        }
      }
    }
    let equity = Frame([
      ("time", .timestamp([at(0), at(1000)])), ("equity", .double([100, 99])),
      ("position", .decimal([0, -10], scale: 3)), ("mid", .double([61739.55, 61738.95])),
      ("cash", .double([100, 99])),
    ])
    for (name, frame) in [("orders", orders), ("fills", fills), ("equity", equity)] {
      try TableFile.write(frame, to: "\(path)/backtests/hand/\(name).parquet", metadata: [:])
    }
    return path
  }

  @Test("tells a maker's life with both clocks, the queue, the book before and every cost")
  func maker() throws {
    let folder = try TemporaryFolder()
    let life = try ExplainJob(run: Self.run(in: folder)).order(1)
    #expect(
      life.text == """
        Order 1 of hand: buy 0.030 BTCUSDT at 61739.0, post-only → filled

        Times of 2024-08-08, UTC
        local            exchange
        23:54:20.100000  –                decided to buy 0.030 BTCUSDT at 61739.0, post-only
                                            it saw a mid of 61739.55, as the exchange had shown it 2 ms before
        23:54:20.115000  23:54:20.110000  arrived after 10 ms and was accepted
                                            the mid was still 61739.55
                                            it joined the queue at 61739.0 behind 1.500
                                            while it waited, 0.900 traded and 0.600 was cancelled or is taken to be; 0.000 was left in front at its end
        23:54:20.257000  23:54:20.250000  bought 0.010 at 61739.0 as maker: queue reached
                                            by market event 71
                                            0.000 was ahead in the queue
                                            mid: 61739.55 at decision, 61739.55 at arrival, 61739.05 at match
                                            mark-out in bps: +0.15 after 100ms
                                            fee: 0.100000
                                               bids    price   asks
                                                     61739.5  1.004
                                                     61739.4  1.003
                                                     61739.3  1.002
                                                     61739.2  1.001
                                                     61739.1  1.000
                                              1.000  61739.0         ◀ the order rested here
                                              1.001  61738.9
                                              1.002  61738.8
                                              1.003  61738.7
                                              1.004  61738.6
        23:54:20.358000  23:54:20.350000  bought 0.020 at 61739.0 as maker: traded through
                                            by market event 72
                                            0.000 was ahead in the queue
                                            mid: 61739.55 at decision, 61739.55 at arrival, 61738.95 at match
                                            fee: 0.200000
                                               bids    price   asks
                                                     61739.4  1.004
                                                     61739.3  1.003
                                                     61739.2  1.002
                                                     61739.1  1.001
                                                     61739.0  1.000  ◀ the order rested here
                                              1.000  61738.9
                                              1.001  61738.8
                                              1.002  61738.7
                                              1.003  61738.6
                                              1.004  61738.5

        From gross (mid at the decision to the closing mid) to net, in quote currency
            gross   latency     spread      walk    impact       fee        net
        ─────────  ────────  ─────────  ────────  ────────  ────────  ─────────
        -3.000000  1.100000  -0.030000  0.000000  0.500000  0.300000  -4.370000
        """)
    let events = life.json["events"].list
    #expect(events.count == 4)
    #expect(events[0]["exchange_time"] == .null)
    #expect(events[2].string("exchange_time") == "2024-08-08T23:54:20.250Z")
    #expect(life.json["order"].double("queue_ahead_entry") == 1.5)
  }

  @Test("says why an order was rejected, refused, cancelled, or is still open")
  func ends() throws {
    let folder = try TemporaryFolder()
    let job = ExplainJob(run: try Self.run(in: folder))
    let rejected = try job.order(2).text
    #expect(rejected.contains("arrived after 10 ms and was rejected: post-only order would take"))
    let refused = try job.order(3).text
    #expect(refused.contains("limit, reduce-only → rejected"))
    #expect(refused.contains("refused before it was sent: position limit"))
    #expect(!refused.contains("arrived"))
    let part = try job.order(4)
    #expect(part.text.contains("→ cancelled, 0.040 of 0.050 filled"))
    #expect(part.text.contains("the mid had moved to 61738.95, -0.10 since the decision"))
    #expect(part.text.contains("sold 0.040 at 61738.0 as taker: walked book level 2"))
    #expect(part.text.contains("61738.0         ◀ taken here"))
    // At one instant: arrived, filled, cancelled.
    #expect(
      part.json["events"].list.map { String($0.string("what").prefix(7)) } == [
        "decided", "arrived", "sold 0.", "beyond ",
      ])
    let open = try job.order(5).text
    #expect(open.contains("it joined an empty queue at 61710.0"))
    #expect(open.contains("while it waited, nothing moved ahead of it"))
    #expect(open.contains("it was amended 2 times"))
    #expect(open.hasSuffix("it was still open when the run ended"))
  }

  @Test("an order that closes a liquidated account is the venue's, and nobody decided on it")
  func liquidation() throws {
    let folder = try TemporaryFolder()
    let path = try Self.run(in: folder, lastReason: "the account was liquidated")
    let text = try ExplainJob(run: path).order(5).text
    #expect(text.hasPrefix("Order 5 of the venue for hand: buy "))
    #expect(text.contains("the venue closed the position: the margin was used up"))
    #expect(!text.contains("decided to") && !text.contains("arrived"))
  }

  @Test("tells less of runs that kept less, and invents nothing")
  func olderRun() throws {
    let folder = try TemporaryFolder()
    let text = try ExplainJob(run: Self.run(in: folder, withQueues: false)).order(1).text
    #expect(!text.contains("queue at") && !text.contains("while it waited"))
    #expect(!text.contains("impact"))
    #expect(text.contains("the book before: 61739.0 bid, 61739.1 asked"))
    // The answer's way is the constant of the settings then.
    #expect(text.contains("23:54:20.255000  23:54:20.250000  bought"))
  }

  @Test("lists the orders that filled")
  func list() throws {
    let folder = try TemporaryFolder()
    let list = try ExplainJob(run: Self.run(in: folder)).list()
    #expect(list.json["filled"].list.map { ($0["order"]).int("id") } == [1, 4])
    #expect(list.text.hasPrefix("hand placed 5 orders, 2 of them filled at least in part"))
    #expect(list.text.contains("maker  0.3000  -4.3700"))
    #expect(list.text.contains("taker  1.5000   2.3300"))
  }

  @Test("an unknown run, strategy or order is an error that names what there is")
  func unknown() throws {
    let folder = try TemporaryFolder()
    let path = try Self.run(in: folder)
    func message(_ work: () throws -> Void) -> String {
      do { try work() } catch let error as MissingInputError { return error.description } catch {
        return "another error: \(error)"
      }
      return "no error"
    }
    #expect(
      message { _ = try ExplainJob(run: path).order(6) }
        == "hand has no order 6: its orders are 1 to 5")
    #expect(
      message { _ = try ExplainJob(run: path, strategy: "quotes").list() }
        == "\(path): no strategy 'quotes'; there are hand")
    #expect(
      message { _ = try ExplainJob(run: folder("rum")).list() }
        == "\(folder("rum")): no such folder; beside it are run")
    #expect(
      message { _ = try ExplainJob(run: folder.path).list() }.contains(
        "is \(folder.path) the folder")
    )
    _ = try folder.write(#"{"kind": "kimchi"}"#, to: "premium/metrics.json")
    #expect(
      message { _ = try ExplainJob(run: folder("premium")).list() }
        == "\(folder("premium")): this run has no backtests of orders")
  }
}
