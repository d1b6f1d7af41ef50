/// How often values occur, with a box below: quartiles, median, and the middle 90 %.
public struct Histogram: Chart {
  /// The edges of bins, one more than there are counts, equally wide.
  public let low: Double
  public let high: Double
  public let counts: [Int]
  /// Values outside of the bins: few, and far away.
  public let below: Int
  public let above: Int
  /// Not-a-number and infinite values, which no bin holds.
  public let absent: Int
  /// The 5, 25, 50, 75 and 95 % quantiles and the mean, of all finite values.
  public let quantiles: [Double]
  public let mean: Double
  public let count: Int
  public let format: NumberFormat

  /// Counts `values` in bins whose width suits their spread.
  ///
  /// The width is that of Freedman and Diaconis (1981), 2·IQR·n^(−1/3), within 12 to 60 bins. Bins
  /// cover the middle 99 % and at most half of it more to either side, so that one wild value does
  /// not flatten the rest; what lies beyond is counted and said.
  public init(_ values: [Double], format: NumberFormat = .significant(3), bins: Int? = nil) {
    let sorted = values.filter(ValueAxis.isDrawable).sorted()
    absent = values.count - sorted.count
    count = sorted.count
    self.format = format
    guard let first = sorted.first, let last = sorted.last else {
      (low, high, counts, below, above) = (0, 1, [], 0, 0)
      (quantiles, mean) = ([], .nan)
      return
    }
    func quantile(_ share: Double) -> Double {
      let position = share * Double(sorted.count - 1)
      let index = Int(position)
      let next = min(index + 1, sorted.count - 1)
      return sorted[index] + (sorted[next] - sorted[index]) * (position - Double(index))
    }
    quantiles = [0.05, 0.25, 0.5, 0.75, 0.95].map(quantile)
    mean = sorted.reduce(0) { $0 + $1 / Double(sorted.count) }
    let (inner, outer) = (quantile(0.005), quantile(0.995))
    let reach = (outer - inner) * 0.5
    var start = outer > inner ? max(first, inner - reach) : first
    var end = outer > inner ? min(last, outer + reach) : last
    if end - start <= max(abs(start), abs(end)) * 1e-12 {
      let margin = max(abs(start) * 0.05, 0.5)
      (start, end) = (start - margin, end + margin)
    }
    let spread = quantiles[3] - quantiles[1]
    // n^(−1/3) without a library: a few Newton steps on c³ = n, enough to choose a count of bins.
    var root = 1.0
    for _ in 0..<60 { root = (2 * root + Double(sorted.count) / (root * root)) / 3 }
    let width = 2 * spread / root
    let wanted = width > 0 ? (end - start) / width : 24
    let binCount = max(1, min(400, bins ?? Int(max(12, min(60, wanted.rounded(.up))))))
    var counts = [Int](repeating: 0, count: binCount)
    var below = 0
    var above = 0
    for value in sorted {
      if value < start {
        below += 1
      } else if value > end {
        above += 1
      } else {
        counts[min(Int((value - start) / (end - start) * Double(binCount)), binCount - 1)] += 1
      }
    }
    (low, high) = (start, end)
    (self.counts, self.below, self.above) = (counts, below, above)
  }

  public var summary: String {
    guard count > 0 else { return "Histogram without values (\(absent) absent)." }
    let names = ["5 %", "25 %", "median", "75 %", "95 %"]
    let parts = zip(names, quantiles).map { "\($0) \(format.text($1))" }
    return "Histogram of \(count) values: \(parts.joined(separator: ", ")), mean"
      + " \(format.text(mean)); \(below) below and \(above) above the frame, \(absent) absent."
  }

  public func drawing(_ size: ChartSize) -> Drawing {
    var canvas = Canvas(size)
    let height = size == .wide ? 200.0 : size == .narrow ? 150 : 62
    let bottom = 6 + height
    guard count > 0 else {
      canvas.emptyNote(top: 4, bottom: bottom)
      return Drawing(canvas, height: bottom + 6)
    }
    let axis = ValueAxis(
      from: low, to: high, format: format, count: size == .wide ? 8 : size == .narrow ? 5 : 3,
      extends: false)
    let margin = size == .small ? 2.0 : 12
    let x = Scale(low, high, from: margin, to: size.width - margin)
    let tallest = Double(counts.max() ?? 0)
    if tallest > 0 {
      let width = (x.to - x.from) / Double(counts.count)
      var path = PathText()
      for (index, count) in counts.enumerated() where count > 0 {
        let left = x.from + width * Double(index)
        let top = bottom - max(height * Double(count) / tallest, 0.5)
        let right = left + max(width - (width > 4 ? 1 : 0), 0.3)
        path.rectangle(left, top, right, bottom)
      }
      canvas.path(path, "bar c1")
    }
    canvas.line(x.from, bottom, x.to, bottom, "a")
    var top = bottom
    if quantiles.count == 5 {
      let middle = bottom + (size == .small ? 9 : 12)
      let reach = size == .small ? 3.0 : 5
      canvas.line(x.clamped(quantiles[0]), middle, x.clamped(quantiles[4]), middle, "w")
      let left = x.clamped(quantiles[1])
      canvas.rect(
        left, middle - reach, max(x.clamped(quantiles[3]) - left, 1), reach * 2, "box")
      let median = x.clamped(quantiles[2])
      canvas.line(median, middle - reach - 1, median, middle + reach + 1, "w thick")
      top = middle + reach
    }
    let shown = axis.ticks.filter { $0.value >= low && $0.value <= high }
    let widest = shown.map { canvas.textWidth($0.label) }.max() ?? 0
    let every = max(
      1, Int((Double(shown.count) * (widest + 10) / (x.to - x.from)).rounded(.up)))
    for (index, tick) in shown.enumerated() where index % every == 0 {
      let position = x(tick.value)
      let half = canvas.textWidth(tick.label) / 2
      canvas.text(
        tick.label, min(max(position, half), size.width - half), top + 17, "t", anchor: .middle)
    }
    var note: [String] = []
    if below > 0 { note.append("\(NumberFormat.integer.text(Double(below))) below") }
    if above > 0 { note.append("\(NumberFormat.integer.text(Double(above))) above") }
    if absent > 0 { note.append("\(NumberFormat.integer.text(Double(absent))) absent") }
    guard !note.isEmpty else { return Drawing(canvas, height: top + 24) }
    let text = canvas.cut(note.joined(separator: ", "), to: size.width)
    canvas.text(text, size.width, top + 33, "t f", anchor: .end)
    return Drawing(canvas, height: top + 40)
  }
}
