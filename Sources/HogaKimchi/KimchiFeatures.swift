internal import Glibc
public import HogaCore
internal import HogaFeatures

/// The features of a premium: a value that is told the rows of the grid, one after another, and
/// answers each with its columns.
///
/// The same value serves research and live use. A row rests on itself and on rows before it. What a
/// column means is in `KimchiCatalogue`.
public struct KimchiFeatures: Sendable {
  private let settings: KimchiSettings
  private var rows = 0
  private var premium: Recent
  private var korean: Recent
  private var foreign: Recent
  private var fx: Recent
  private var windows: [Window]
  private var returns = (korean: Recent(steps: 1), foreign: Recent(steps: 1))

  public init(_ settings: KimchiSettings) {
    self.settings = settings
    let longest = settings.changes.map(settings.steps).max() ?? 1
    premium = Recent(steps: longest)
    korean = Recent(steps: longest)
    foreign = Recent(steps: longest)
    fx = Recent(steps: longest)
    windows = settings.windows.map { Window(steps: settings.steps($0)) }
  }

  /// Takes in the next row of the grid and appends its features, in the order of the catalogue.
  public mutating func push(_ row: PremiumRow, into output: inout [Double]) {
    rows += 1
    premium.push(row.premium)
    korean.push(row.korean)
    foreign.push(row.foreign)
    fx.push(row.fx)
    let step = Step(
      row: row, change: 10_000 * (premium.ago(0) - premium.ago(1)), before: premium.ago(1),
      korean: 10_000 * log(korean.ago(0) / korean.ago(1)),
      foreign: 10_000 * log(foreign.ago(0) / foreign.ago(1)))
    for index in windows.indices { windows[index].push(step, after: returns) }
    returns.korean.push(step.korean)
    returns.foreign.push(step.foreign)

    output.append(row.premium)
    for span in settings.changes {
      output.append(10_000 * (premium.ago(0) - premium.ago(settings.steps(span))))
    }
    for window in windows { window.appendPremium(row.premium, settings.every, rows, &output) }
    for span in settings.changes {
      let steps = settings.steps(span)
      output.append(10_000 * log(korean.ago(0) / korean.ago(steps)))
      output.append(10_000 * log(foreign.ago(0) / foreign.ago(steps)))
      output.append(10_000 * log(fx.ago(0) / fx.ago(steps)))
    }
    for window in windows { window.appendLegs(rows, &output) }
    output.append(row.koreanVolume)
    output.append(row.foreignVolume)
    output.append(Self.logRatio(row.koreanVolume, row.foreignVolume))
    for window in windows { window.appendVolumes(row, rows, &output) }
    output.append(row.age(of: .fx) / 3600)
    output += Self.clock(row.time)
  }

  /// The features of all rows of a series, after its own columns: `time`, the legs, then these.
  public static func frame(_ series: PremiumSeries, settings: KimchiSettings) throws -> Frame {
    let names = KimchiCatalogue(settings: settings).definitions.map(\.name)
    var columns = [[Double]](repeating: [], count: names.count)
    var features = KimchiFeatures(settings)
    var values: [Double] = []
    for row in series.rows {
      values.removeAll(keepingCapacity: true)
      features.push(row, into: &values)
      for (column, value) in values.enumerated() { columns[column].append(value) }
    }
    var frame = series.frame
    for (name, column) in zip(names, columns) { frame.append(name, .double(column)) }
    return frame
  }

  static func logRatio(_ left: Double, _ right: Double) -> Double {
    left > 0 && right > 0 ? log(left / right) : .nan
  }

  /// Hour and day of the week in Seoul (UTC+9, no summer time) on circles.
  static func clock(_ time: Int64) -> [Double] {
    let hour: Int64 = 3_600_000_000_000
    let local = time + 9 * hour
    let day = local.floorDivided(by: 24 * hour)
    let hours = Double(local - day * 24 * hour) / Double(hour)
    // 1970-01-01 was a Thursday; Monday is 0.
    let week = (day + 3) - (day + 3).floorDivided(by: 7) * 7
    let turn = 2 * Double.pi
    return [
      sin(turn * hours / 24), cos(turn * hours / 24), sin(turn * Double(week) / 7),
      cos(turn * Double(week) / 7),
    ]
  }
}

/// What one row adds to windows; returns in basis points.
private struct Step {
  var row: PremiumRow
  var change: Double
  var before: Double
  var korean: Double
  var foreign: Double
}

/// All that is known of one window.
private struct Window: Sendable {
  let steps: Int
  private var levels: CountWindow<PresentMoments>
  private var extremes: CountWindow<PresentExtremes>
  private var changes: CountWindow<PresentMoments>
  private var lagged: CountWindow<PresentPairs>
  private var koreanSquares: CountWindow<PresentSum>
  private var foreignSquares: CountWindow<PresentSum>
  private var together: CountWindow<PresentPairs>
  private var foreignLeads: CountWindow<PresentPairs>
  private var koreanLeads: CountWindow<PresentPairs>
  private var koreanVolume: CountWindow<PresentSum>
  private var foreignVolume: CountWindow<PresentSum>

  init(steps: Int) {
    self.steps = steps
    levels = CountWindow(steps)
    extremes = CountWindow(steps)
    changes = CountWindow(steps)
    lagged = CountWindow(steps)
    koreanSquares = CountWindow(steps)
    foreignSquares = CountWindow(steps)
    together = CountWindow(steps)
    foreignLeads = CountWindow(steps)
    koreanLeads = CountWindow(steps)
    koreanVolume = CountWindow(steps)
    foreignVolume = CountWindow(steps)
  }

  mutating func push(_ step: Step, after returns: (korean: Recent, foreign: Recent)) {
    levels.push(step.row.premium)
    extremes.push(step.row.premium)
    changes.push(step.change)
    lagged.push(SIMD2(step.before, step.row.premium))
    koreanSquares.push(step.korean * step.korean)
    foreignSquares.push(step.foreign * step.foreign)
    together.push(SIMD2(step.korean, step.foreign))
    foreignLeads.push(SIMD2(returns.foreign.ago(0), step.korean))
    koreanLeads.push(SIMD2(returns.korean.ago(0), step.foreign))
    koreanVolume.push(step.row.koreanVolume)
    foreignVolume.push(step.row.foreignVolume)
  }

  /// Whether a window that holds `count` known values of what took `lag` rows more to know may speak.
  private func isEnough(_ count: Int64, rows: Int, lag: Int = 0) -> Bool {
    rows >= steps + lag && Double(count) >= KimchiSettings.minimumShare * Double(steps)
  }

  func appendPremium(_ premium: Double, _ every: TimeSpan, _ rows: Int, _ output: inout [Double]) {
    let moments = levels.aggregate.moments
    let extremes = extremes.aggregate.extremes
    let changes = changes.aggregate.moments
    let lagged = lagged.aggregate.moments
    let isKnown = isEnough(moments.count, rows: rows)
    let deviation = moments.standardDeviation
    let range = extremes.maximum - extremes.minimum
    output.append(isKnown ? 10_000 * (premium - moments.mean) : .nan)
    output.append(isKnown && deviation > 0 ? (premium - moments.mean) / deviation : .nan)
    output.append(isKnown && range > 0 ? (premium - extremes.minimum) / range : .nan)
    output.append(
      isEnough(changes.count, rows: rows, lag: 1) ? changes.standardDeviation : .nan)
    let slope = isEnough(lagged.count, rows: rows, lag: 1) ? lagged.slope : .nan
    output.append(slope)
    output.append(
      slope > 0 && slope < 1 ? -log(2) / log(slope) * every.seconds / 3600 : .nan)
  }

  func appendLegs(_ rows: Int, _ output: inout [Double]) {
    for squares in [koreanSquares.aggregate, foreignSquares.aggregate] {
      let isKnown = isEnough(Int64(squares.count), rows: rows, lag: 1)
      output.append(
        isKnown ? (squares.sum.value / Double(squares.count)).squareRoot() : .nan)
    }
    func correlation(_ pairs: CountWindow<PresentPairs>, lag: Int) -> Double {
      let moments = pairs.aggregate.moments
      return isEnough(moments.count, rows: rows, lag: lag) ? moments.correlation : .nan
    }
    output.append(correlation(together, lag: 1))
    output.append(correlation(foreignLeads, lag: 2) - correlation(koreanLeads, lag: 2))
  }

  func appendVolumes(_ row: PremiumRow, _ rows: Int, _ output: inout [Double]) {
    let korean = koreanVolume.aggregate
    let foreign = foreignVolume.aggregate
    let knowsKorean = isEnough(Int64(korean.count), rows: rows)
    let knowsForeign = isEnough(Int64(foreign.count), rows: rows)
    func surge(_ volume: Double, _ sum: PresentSum, _ isKnown: Bool) -> Double {
      isKnown && sum.sum.value > 0 ? volume / (sum.sum.value / Double(sum.count)) : .nan
    }
    output.append(surge(row.koreanVolume, korean, knowsKorean))
    output.append(surge(row.foreignVolume, foreign, knowsForeign))
    output.append(
      knowsKorean && knowsForeign
        ? KimchiFeatures.logRatio(
          korean.sum.value / Double(korean.count), foreign.sum.value / Double(foreign.count))
        : .nan)
  }
}
