import HogaCore
import HogaStatistics
import Testing

@Suite("Tables of an equity curve")
struct CurveTests {
  struct Curve {
    var times: [Int64]
    var equity: [Double]
    var expected: JSONValue

    static func all() throws -> [Curve] {
      try fixture("curves.json").list.map { curve in
        Curve(
          times: (curve["times"]?.list ?? []).map(\.integer), equity: curve.numbers("equity"),
          expected: curve)
      }
    }
  }

  @Test("months and years agree with pandas to 1e-9, and say which are partial")
  func months() throws {
    for curve in try Curve.all() {
      let own = MonthlyReturns(times: curve.times, equity: curve.equity)
      let months = try #require(curve.expected["months"]).list
      #expect(own.months.count == months.count)
      for (month, wanted) in zip(own.months, months.map(\.list)) {
        #expect(month.year == Int(wanted[0].integer) && month.month == Int(wanted[1].integer))
        #expect(agree(month.value, wanted[2].number))
        #expect(month.isPartial == wanted[3].isTrue, "\(month)")
      }
      let years = try #require(curve.expected["years"]).list
      #expect(own.years.count == years.count)
      for (year, wanted) in zip(own.years, years.map(\.list)) {
        #expect(year.year == Int(wanted[0].integer) && agree(year.value, wanted[1].number))
        #expect(year.isPartial == wanted[2].isTrue, "\(year)")
      }
    }
  }

  @Test("months multiply to years, and years to the total return")
  func compounding() {
    var random = SeededRandom(6)
    for _ in 0..<30 {
      var time = Int64.random(in: -2_000_000_000...2_000_000_000, using: &random) * 1_000_000_000
      var times = [time]
      var equity = [1000.0]
      for row in 0..<200 {
        time += Int64.random(in: 1...1_200_000, using: &random) * 1_000_000_000
        times.append(time)
        equity.append(equity[row] * (1 + 0.01 * random.normal()))
      }
      let result = MonthlyReturns(times: times, equity: equity)
      let total = equity[200] / equity[0]
      #expect(agree(result.months.reduce(1) { $0 * (1 + $1.value) }, total, 1e-12))
      #expect(agree(result.years.reduce(1) { $0 * (1 + $1.value) }, total, 1e-12))
      for year in result.years {
        let months = result.months.filter { $0.year == year.year }
        #expect(agree(months.reduce(1) { $0 * (1 + $1.value) }, 1 + year.value, 1e-12))
      }
    }
    #expect(MonthlyReturns(times: [5], equity: [1]).months.isEmpty)
    #expect(MonthlyReturns(times: [], equity: []).years.isEmpty)
  }

  @Test("rolling figures agree with pandas to 1e-9")
  func rolling() throws {
    for curve in try Curve.all() {
      let window = Int(curve.expected.number("window"))
      let own = RollingFigures(times: curve.times, equity: curve.equity, window: window)
      #expect(own.times == Array(curve.times[window...]))
      for (name, values) in [
        ("return", own.totalReturn), ("volatility", own.volatility), ("sharpe", own.sharpe),
      ] {
        let wanted = curve.expected.numbers(name)
        #expect(values.count == wanted.count)
        for (value, expected) in zip(values, wanted) {
          #expect(expected.isNaN ? value.isNaN : agree(value, expected), "\(name)")
        }
      }
      let sparse = RollingFigures(times: curve.times, equity: curve.equity, window: window, step: 7)
      #expect(sparse.times.last == curve.times.last)
      #expect(sparse.sharpe.last!.isNaN == own.sharpe.last!.isNaN)
      #expect(sparse.times.count == (own.times.count + 6) / 7)
    }
  }

  @Test("rolling figures forget what left the window, however large it was")
  func forgetting() {
    var random = SeededRandom(12)
    var equity = [1.0]
    for row in 0..<20_000 {
      let size = row == 5000 ? 1e6 : 1e-9 * random.normal()
      equity.append(equity[row] * (1 + size))
    }
    let times = equity.indices.map { Int64($0) }
    let own = RollingFigures(times: times, equity: equity, window: 100)
    for place in [0, 4000, 4901, 5000, 5001, 12_000, own.times.count - 1] {
      let part = Array(equity[place...place + 100])
      let direct = ReturnMoments(zip(part, part.dropFirst()).map { $1 / $0 - 1 })
      #expect(agree(own.volatility[place] / direct.deviation, 1, 1e-9), "\(place)")
      #expect(agree(own.sharpe[place], direct.mean / direct.deviation, 1e-9), "\(place)")
    }
  }

  @Test("drawdowns and the underwater curve agree with pandas to 1e-9")
  func drawdowns() throws {
    for curve in try Curve.all() {
      let wanted = try #require(curve.expected["drawdowns"]).list.map(\.numbers)
      let own = Drawdown.deepest(1000, times: curve.times, equity: curve.equity)
      #expect(own.count == wanted.count)
      for (drawdown, expected) in zip(own, wanted) {
        func time(_ place: Double) -> Timestamp? {
          place < 0 ? nil : Timestamp(nanoseconds: curve.times[Int(place)])
        }
        #expect(agree(drawdown.fraction, expected[0]) && agree(drawdown.amount, expected[1]))
        #expect(drawdown.peakTime == time(expected[2]))
        #expect(drawdown.troughTime == time(expected[3]))
        #expect(drawdown.recoveryTime == time(expected[4]))
        let end = drawdown.recoveryTime ?? Timestamp(nanoseconds: curve.times.last!)
        #expect(drawdown.length == end - drawdown.peakTime!)
      }
      let top = Drawdown.deepest(5, times: curve.times, equity: curve.equity)
      #expect(top == Array(own.prefix(5)))
      let underwater = Drawdown.underwater(curve.equity)
      for (value, expected) in zip(underwater, curve.expected.numbers("underwater")) {
        #expect(agree(value, expected))
      }
      #expect(agree(-underwater.min()!, own[0].fraction))
    }
  }

  @Test("drawdowns do not overlap, and every fall belongs to one")
  func partition() {
    var random = SeededRandom(40)
    for length in [1, 2, 3, 50, 300] {
      for _ in 0..<20 {
        // Whole numbers, so that peaks are reached exactly, and falls below zero happen.
        var value = 3
        let equity = (0..<length).map { _ -> Double in
          value += Int.random(in: -2...2, using: &random)
          return Double(value)
        }
        let times = equity.indices.map { Int64($0) }
        let found = Drawdown.deepest(length, times: times, equity: equity)
          .sorted { $0.peakTime! < $1.peakTime! }
        for (one, next) in zip(found, found.dropFirst()) {
          #expect(one.endTime! <= next.peakTime!)
        }
        var covered = Set<Int>()
        for one in found {
          let rows = Int(one.peakTime!.nanoseconds)...Int(one.endTime!.nanoseconds)
          let peak = equity[rows.lowerBound]
          #expect(rows.dropFirst().dropLast().allSatisfy { equity[$0] < peak })
          #expect(one.amount == peak - rows.map { equity[$0] }.min()!)
          #expect(one.fraction == one.amount / peak)
          covered.formUnion(rows.filter { equity[$0] < peak })
        }
        let below = Drawdown.underwater(equity).enumerated().filter { $1 < 0 }.map(\.0)
        #expect(covered == Set(below))
      }
    }
    #expect(Drawdown.deepest(3, times: [], equity: []).isEmpty)
    #expect(Drawdown.deepest(0, times: [1, 2], equity: [2, 1]).isEmpty)
  }
}
