import HogaCore
import HogaFeeds
import Synchronization

/// The exchange's REST API with made-up numbers, for symbols traded between two days.
struct FakeExchange: Sendable {
  var traded: [String: ClosedRange<CivilDate>] = [:]
  /// The oldest day of the statistics.
  var oldest = day("2000-01-01")

  func reply(_ request: TestServer.Request) -> TestServer.Reply {
    if request.path.hasSuffix("exchangeInfo") {
      let symbols = traded.keys.sorted().map {
        #"{"symbol":"\#($0)","status":"TRADING","contractType":"PERPETUAL"}"#
      }
      let others = [
        #"{"symbol":"OLDUSDT","status":"SETTLING","contractType":"PERPETUAL"}"#,
        #"{"symbol":"BTCUSDT_250926","status":"TRADING","contractType":"CURRENT_QUARTER"}"#,
      ]
      return .text("{\"symbols\":[\((symbols + others).joined(separator: ","))]}")
    }
    guard let symbol = request.query["symbol"], let days = traded[symbol] else {
      return .status(400, [], #"{"code":-1121,"msg":"Invalid symbol."}"#)
    }
    guard let start = request.query["startTime"].flatMap({ Int64($0) }),
      let end = request.query["endTime"].flatMap({ Int64($0) }),
      let limit = request.query["limit"].flatMap({ Int($0) })
    else { return .status(400, [], #"{"code":-1102,"msg":"Mandatory parameter"}"#) }
    let first = days.lowerBound.start.nanoseconds / 1_000_000
    let last = days.upperBound.adding(days: 1).start.nanoseconds / 1_000_000 - 1
    func times(every step: Int64) -> [Int64] {
      let from = max(start, first) + (step - 1)
      return stride(from: from / step * step, through: min(end, last), by: Int64.Stride(step))
        .prefix(limit).map { $0 }
    }
    if request.path.contains("lines") {
      let rows = times(every: 60_000).map {
        "[\($0),\"1.\($0 % 997)\",\"3\",\"0.5\",\"2.50\",\"7\",\($0 + 59_999),\"14.0\",5,\"3\",\"6\",\"0\"]"
      }
      return .text("[\(rows.joined(separator: ","))]")
    }
    if request.path.hasSuffix("fundingRate") {
      let rows = times(every: 28_800_000).map {
        "{\"symbol\":\"\(symbol)\",\"fundingTime\":\($0),\"fundingRate\":\"0.0001\",\"markPrice\":\"9\"}"
      }
      return .text("[\(rows.joined(separator: ","))]")
    }
    if start < oldest.start.nanoseconds / 1_000_000 {
      return .status(400, [], #"{"code":-1130,"msg":"parameter 'startTime' is invalid."}"#)
    }
    let rows = times(every: 300_000).map { time in
      request.path.hasSuffix("openInterestHist")
        ? "{\"sumOpenInterest\":\"10.5\",\"sumOpenInterestValue\":\"20.25\",\"timestamp\":\(time)}"
        : request.path.hasSuffix("takerlongshortRatio")
          ? "{\"buySellRatio\":\"1.5\",\"timestamp\":\(time)}"
          : "{\"longShortRatio\":\"\(request.path.hasSuffix("PositionRatio") ? 2 : 3)\",\"timestamp\":\(time)}"
    }
    return .text("[\(rows.joined(separator: ","))]")
  }
}
