import Foundation
import HogaCore

/// One thing measured: what was counted, and the seconds of every repeat.
struct Measurement {
  /// What a measured body hands over: how much it did, and what came out of it.
  struct Outcome {
    var amount: Double
    /// Taken after the clock has stopped. Equal runs have equal ones; a body whose result nobody
    /// looks at might be optimised away.
    var digest: () throws -> FNV1a
    /// Numbers that a peer must find as well.
    var facts: () throws -> [(String, Double)] = { [] }
  }

  let name: String
  /// What one unit is: `events`, `MB`.
  let unit: String
  /// What is counted, and what lies within the measured time.
  let counted: String
  private var amount = 0.0
  private var digest = FNV1a()
  private var facts: [(String, Double)] = []
  private var wall: [Double] = []
  private var cpu: [Double] = []

  /// - Parameters:
  ///   - prepare: is called before each repeat, outside of the measured time.
  ///   - body: what is measured.
  init(
    _ name: String, unit: String, counted: String, repeats: Int, prepare: () throws -> Void = {},
    body: () throws -> Outcome
  ) throws {
    self.name = name
    self.unit = unit
    self.counted = counted
    for index in 0..<repeats {
      try prepare()
      let cpuBefore = Self.cpuSeconds
      let began = ContinuousClock.now
      let outcome = try body()
      wall.append((ContinuousClock.now - began) / .seconds(1))
      cpu.append(Self.cpuSeconds - cpuBefore)
      let digest = try outcome.digest()
      guard index == 0 || (digest == self.digest && outcome.amount == amount) else {
        throw DataError("\(name): a repeat gave another result than the first")
      }
      amount = outcome.amount
      self.digest = digest
      if index == 0 { facts = try outcome.facts() }
    }
  }

  /// The time that the process has spent on processors, in its own code and in the kernel.
  private static var cpuSeconds: Double {
    let usage = rusage.ofProcess
    return [usage.ru_utime, usage.ru_stime].reduce(0) {
      $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6
    }
  }

  var json: JSONValue {
    [
      "name": .string(name), "unit": .string(unit), "counted": .string(counted),
      "amount": .double(amount),
      "best_per_second": .double(amount / wall.min()!),
      "median_per_second": .double(amount / Self.median(wall)),
      "wall_seconds": .array(wall.map { .double($0) }),
      "cpu_seconds": .array(cpu.map { .double($0) }),
      "facts": .object(facts.map { ($0.0, .double($0.1)) }),
      "digest": .string(digest.text),
    ]
  }

  private static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }
}

extension rusage {
  /// What this process has used of the machine so far.
  static var ofProcess: rusage {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage
  }
}

extension FNV1a {
  /// Adds all values of a table; one null is as good as another.
  mutating func add(_ frame: Frame) {
    for (name, column) in zip(frame.names, frame.columns) {
      for byte in name.utf8 { add(byte: byte) }
      switch column {
      case .double(let values):
        for value in values { add(value.isNaN ? -1 : Int64(bitPattern: value.bitPattern)) }
      case .int64(let values), .timestamp(let values), .decimal(let values, _):
        for value in values { add(value) }
      case .int32(let values): for value in values { add(Int64(value)) }
      case .bool(let values): for value in values { add(byte: value ? 1 : 0) }
      case .category(let values):
        for level in values.levels { for byte in level.utf8 { add(byte: byte) } }
        for code in values.codes { add(Int64(code)) }
      }
    }
  }
}
