public import HogaCore

/// Compares stored features with what the minutes up to their own give.
///
/// At a minute, features are computed anew twice: with all later rows deleted, and with them in
/// random order. What is stored has to equal both. Where it does not, it is compared with the values
/// of later minutes, which tells by how much it was shifted.
public struct FeatureAudit: Sendable {
  private struct Tally {
    var samples = 0
    var different = 0
    var unstable = 0
    /// By place in `leads`: samples that differ, and those of them that equal the later value.
    var comparable: [Int]
    var later: [Int]
    var largest = 0.0
  }

  /// Relative to the largest value of the column at the minute: looser than any rounding, as files
  /// may hold 32-bit floats, and far tighter than one minute's change.
  static let tolerance = 1e-6

  private let crossSection: CrossSection
  private let leads: [Int]
  private var tallies: [String: Tally] = [:]
  /// Values that were compared.
  public private(set) var comparedCount = 0

  /// - Parameter leads: by how many minutes a column may have been shifted.
  public init(_ crossSection: CrossSection, leads: [Int] = [1, 2, 3, 4, 5, 10, 15, 30, 60]) {
    self.crossSection = crossSection
    self.leads = leads
  }

  /// Looks at one minute.
  ///
  /// - Parameters:
  ///   - panel: the whole day, with the rows before it.
  ///   - whole: the features of the whole panel.
  ///   - minute: of the day.
  ///   - stored: for each column of the catalogue that the file has, a value per symbol.
  public mutating func add(
    _ panel: MinutePanel, whole: Frame, minute: Int, stored: [String: [Double]],
    random: inout SeededRandom, workers: Int = 1
  ) throws {
    let deleted = try crossSection.features(panel.ending(atMinute: minute), workers: workers)
    let shuffled = try crossSection.features(
      panel.shuffled(afterMinute: minute, using: &random), workers: workers)
    let rows = panel.dayRowCount
    func pick(_ frame: Frame, _ name: String, _ row: Int, of count: Int) throws -> [Double] {
      let values = try frame.doubles(name)
      return panel.symbols.indices.map { values[$0 * count + row] }
    }
    for (name, values) in stored.sorted(by: { $0.key < $1.key }) {
      let zeros = [Int](repeating: 0, count: leads.count)
      var tally = tallies[name] ?? Tally(comparable: zeros, later: zeros)
      let fresh = try pick(deleted, name, minute, of: minute + 1)
      let other = try pick(shuffled, name, minute, of: rows)
      tally.samples += 1
      comparedCount += values.count
      if Self.difference(fresh, other) > Self.tolerance { tally.unstable += 1 }
      let difference = Self.difference(values, fresh)
      if difference > Self.tolerance {
        tally.different += 1
        tally.largest = max(tally.largest, difference)
        for (place, lead) in leads.enumerated() where minute + lead < rows {
          tally.comparable[place] += 1
          let later = try pick(whole, name, minute + lead, of: rows)
          if Self.difference(values, later) <= Self.tolerance { tally.later[place] += 1 }
        }
      }
      tallies[name] = tally
    }
  }

  /// The largest difference over the largest value; 1 or more where one is null and the other not.
  static func difference(_ a: [Double], _ b: [Double]) -> Double {
    var scale = 0.0
    var largest = 0.0
    for (x, y) in zip(a, b) {
      if x.isNaN && y.isNaN { continue }
      guard !x.isNaN, !y.isNaN else { return .infinity }
      if x == y { continue }
      scale = max(scale, abs(x), abs(y))
      largest = max(largest, abs(x - y))
    }
    return scale > 0 ? largest / scale : 0
  }

  /// Columns that are not what was known in time, in order of their names.
  public var findings: [LeakageFinding] {
    tallies.sorted { $0.key < $1.key }.flatMap { name, tally -> [LeakageFinding] in
      var found: [LeakageFinding] = []
      if tally.unstable > 0 {
        found.append(
          LeakageFinding(
            .unstableFeature, name,
            "changes with the minutes after its own, in \(tally.unstable) of \(tally.samples) samples"
          ))
      }
      guard tally.different > 0 else { return found }
      // A column that hardly moves equals several later values; the nearest one is meant.
      let place = leads.indices.first {
        tally.comparable[$0] > 0 && tally.later[$0] * 10 >= tally.comparable[$0] * 9
      }
      if let place {
        found.append(
          LeakageFinding(
            .shiftedFeature, name,
            "equals the value of t+\(leads[place]) in \(tally.later[place]) of "
              + "\(tally.comparable[place]) samples in which it is not that of t"))
      } else {
        let size = tally.largest.isFinite ? "by up to \(tally.largest)" : "in what is null"
        found.append(
          LeakageFinding(
            .differentFeature, name,
            "is not what the minutes up to t give in \(tally.different) of \(tally.samples) samples, "
              + "\(size); whether it looks ahead cannot be told"))
      }
      return found
    }
  }
}
