import ArgumentParser
import Foundation
import HogaCore
import HogaLake
import HogaLearn

struct LassoBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lasso",
    abstract: "Measure a LASSO path over 100 penalties.",
    discussion: """
      The data is drawn from a seed and left in the folder as lasso.parquet, where a peer finds it.
      """)

  @Option(help: "Rows of the data.")
  var rows: Int = 50_000
  @Option(help: "Features of the data.")
  var features: Int = 120
  @OptionGroup var common: CommonOptions

  func run() throws {
    let machine = Machine()
    try Scratch.with(common) { scratch in
      let frame = makeData()
      let writer = try ParquetWriter(path: scratch.path + "/lasso.parquet", schema: frame.schema)
      try writer.append(frame)
      try writer.commit()

      let x = try Matrix(frame, columns: Array(frame.names.dropLast()))
      let y = try frame.doubles("y")
      let path = ElasticNetPath(
        penalties: .automatic(count: 100, ratio: 1e-3), l1Share: 1, tolerance: 1e-8)
      let measurement = try Measurement(
        "lasso path", unit: "fits", counted: "penalties, from a matrix in memory to coefficients",
        repeats: common.repeats
      ) {
        let fitted = try path.fit(x, y)
        return Measurement.Outcome(
          amount: Double(fitted.count), digest: { digest(of: fitted) },
          facts: { facts(of: fitted) })
      }
      machine.report("lasso", [measurement])
    }
  }

  /// Features that lean on their neighbours, as windows of one quantity do, and an answer of
  /// mostly noise that a fourth of them say something about.
  private func makeData() -> Frame {
    var random = SeededRandom(1)
    var answer = (0..<rows).map { _ in 3 * random.normal() }
    var frame = Frame()
    var neighbour = [Double](repeating: 0, count: rows)
    for column in 0..<features {
      for row in 0..<rows { neighbour[row] = 0.8 * neighbour[row] + 0.6 * random.normal() }
      if column % 4 == 0 {
        let weight = random.normal() / 4
        for row in 0..<rows { answer[row] += weight * neighbour[row] }
      }
      frame.append("x\(column)", .double(neighbour))
    }
    frame.append("y", .double(answer))
    return frame
  }

  private func digest(of path: FittedElasticNetPath) -> FNV1a {
    var digest = FNV1a()
    for index in 0..<path.count {
      for weight in path.model(at: index).coefficients {
        digest.add(Int64(bitPattern: weight.bitPattern))
      }
    }
    return digest
  }

  private func facts(of path: FittedElasticNetPath) -> [(String, Double)] {
    let last = path.model(at: path.count - 1)
    return [
      ("largest_penalty", path.penalties[0]),
      ("features_of_last", Double(last.selected.count)),
      ("weights_of_last", last.coefficients.reduce(0) { $0 + abs($1) }),
    ]
  }
}

extension SeededRandom {
  /// Source: G. Box, M. Muller, "A note on the generation of random normal deviates", 1958.
  fileprivate mutating func normal() -> Double {
    (-2 * log(1 - uniform())).squareRoot() * cos(2 * .pi * uniform())
  }
}
