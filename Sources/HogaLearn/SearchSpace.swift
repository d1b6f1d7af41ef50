internal import Glibc
public import HogaCore

/// The settings among which a search looks for the best.
public struct SearchSpace: Hashable, Sendable {
  public enum Method: String, CaseIterable, Sendable {
    /// Every combination of the listed values.
    case grid
    /// So many combinations by chance, none twice. Source: J. Bergstra, Y. Bengio, "Random search for
    /// hyper-parameter optimization", JMLR 13, 2012.
    case random
  }

  /// One setting and what it may be.
  public struct Dimension: Hashable, Sendable {
    public enum Choice: Hashable, Sendable {
      case values([String])
      /// Uniform between two bounds, of the logarithm where both are above zero.
      case range(low: Double, high: Double, isWhole: Bool)
    }
    public var key: String
    public var choice: Choice

    public init(key: String, choice: Choice) {
      self.key = key
      self.choice = choice
    }
  }

  /// One combination, in the order of the dimensions.
  public struct Trial: Hashable, Sendable {
    public struct Setting: Hashable, Sendable {
      public var key: String
      public var value: String
    }
    public var settings: [Setting]

    public init(settings: [Setting]) { self.settings = settings }

    /// `key=value` of all, separated by spaces.
    public var text: String { settings.map { "\($0.key)=\($0.value)" }.joined(separator: " ") }
  }

  public var dimensions: [Dimension]

  public init(_ dimensions: [Dimension]) { self.dimensions = dimensions }

  /// Reads `leaves=7,15,31` and `learning_rate=0.01..0.3`.
  ///
  /// - Throws: `UsageError` for what is neither, or a key that comes twice.
  public init(_ assignments: [String]) throws {
    dimensions = []
    for text in assignments {
      guard let equals = text.firstIndex(of: "=") else {
        throw UsageError("'\(text)': write key=a,b,c or key=low..high")
      }
      let key = String(text[..<equals])
      let value = text[text.index(after: equals)...]
      guard !key.isEmpty, !value.isEmpty, !dimensions.contains(where: { $0.key == key }) else {
        throw UsageError("'\(text)': a key or value is missing, or the key comes twice")
      }
      dimensions.append(Dimension(key: key, choice: try Self.choice(String(value), text)))
    }
  }

  private static func choice(_ value: String, _ text: String) throws -> Dimension.Choice {
    guard let dots = value.firstRange(of: "..") else {
      let values = value.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      guard values.allSatisfy({ !$0.isEmpty }), Set(values).count == values.count else {
        throw UsageError("'\(text)': a value is empty or comes twice")
      }
      return .values(values)
    }
    let ends = [String(value[..<dots.lowerBound]), String(value[dots.upperBound...])]
    guard let low = Double(ends[0]), let high = Double(ends[1]), low < high, low.isFinite,
      high.isFinite
    else { throw UsageError("'\(text)': a range is low..high") }
    return .range(low: low, high: high, isWhole: ends.allSatisfy { Int($0) != nil })
  }

  /// More are no search but a burden.
  private static let maximumTrials = 10_000

  /// The combinations to try.
  ///
  /// - Parameter count: How many; a grid takes all where `nil`, a random search 20. A random search
  ///   of a small space gives all of it.
  /// - Throws: `UsageError` for a grid with a range or with more combinations than `count`.
  public func trials(_ method: Method, count: Int?, seed: UInt64) throws -> [Trial] {
    guard count ?? 1 > 0, count ?? 1 <= Self.maximumTrials else {
      throw UsageError("\(count ?? 0) trials are not in 1…\(Self.maximumTrials)")
    }
    guard !dimensions.isEmpty else { throw UsageError("a search needs a setting to vary") }
    let whole = combinations
    switch method {
    case .grid:
      guard let whole else { throw UsageError("a grid cannot vary a range; list its values") }
      guard whole <= count ?? Self.maximumTrials else {
        throw UsageError(
          "the grid has \(whole) combinations, more than \(count ?? Self.maximumTrials) trials: "
            + "take --search random, or a smaller grid")
      }
      return (0..<whole).map(combination)
    case .random:
      let wanted = count ?? 20
      if let whole, whole <= wanted { return (0..<whole).map(combination) }
      var random = SeededRandom(seed)
      var trials: [Trial] = []
      var seen: Set<Trial> = []
      // A range that is narrow in whole numbers may hold fewer than are wanted.
      for _ in 0..<(100 * wanted) where trials.count < wanted {
        let trial = Trial(
          settings: dimensions.map {
            Trial.Setting(key: $0.key, value: Self.draw($0.choice, &random))
          })
        if seen.insert(trial).inserted { trials.append(trial) }
      }
      return trials
    }
  }

  /// How many there are; `nil` with a range, or beyond what is counted.
  private var combinations: Int? {
    var product = 1
    for dimension in dimensions {
      guard case .values(let values) = dimension.choice else { return nil }
      let (next, overflow) = product.multipliedReportingOverflow(by: values.count)
      guard !overflow else { return .max }
      product = next
    }
    return product
  }

  /// The last dimension varies fastest.
  private func combination(_ index: Int) -> Trial {
    var rest = index
    var settings: [Trial.Setting] = []
    for dimension in dimensions.reversed() {
      guard case .values(let values) = dimension.choice else { continue }
      settings.append(
        Trial.Setting(key: dimension.key, value: values[rest % values.count]))
      rest /= values.count
    }
    return Trial(settings: settings.reversed())
  }

  private static func draw(_ choice: Dimension.Choice, _ random: inout SeededRandom) -> String {
    switch choice {
    case .values(let values): return values[Int.random(in: 0..<values.count, using: &random)]
    case .range(let low, let high, let isWhole):
      let share = random.uniform()
      let value = low > 0 ? low * pow(high / low, share) : low + (high - low) * share
      guard isWhole else { return "\(value)" }
      return Int(exactly: min(max(value.rounded(), low), high)).map { "\($0)" } ?? "\(value)"
    }
  }

  public var json: JSONValue {
    .object(
      dimensions.map { dimension in
        switch dimension.choice {
        case .values(let values): (dimension.key, .array(values.map { .string($0) }))
        case .range(let low, let high, _): (dimension.key, .string("\(low)..\(high)"))
        }
      })
  }
}
