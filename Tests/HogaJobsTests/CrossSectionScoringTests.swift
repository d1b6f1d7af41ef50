import Foundation
import HogaCore
import HogaJobs
import HogaLake
import HogaLearn
import HogaTestKit
import Testing

@Suite("Scoring of cross-sections: marks and dates")
struct CrossSectionScoringTests {
  private static let mark =
    "LOOK-AHEAD: the universe was chosen by the same day's volume; no score here could have been had"

  private var scoring: CrossSectionScoring {
    get throws {
      try CrossSectionScoring(
        portfolio: PortfolioRule(groups: QuantileGroups(count: 4)), decay: 1, threads: 2)
    }
  }

  /// Cross-sections of which one day's universe was chosen by the day itself.
  private func data(marked day: Int?, days: Int = 6) throws -> SyntheticFolder {
    let data = try SyntheticFolder(days: days, metadata: ["hoga.universe": "day-before"])
    if let day {
      let path = data.path + "/xy/\(SyntheticFolder.date(day)).parquet"
      try TableFile.write(
        try TableFile.read(path), to: path, metadata: ["hoga.universe": "same-day"])
    }
    return data
  }

  private func model(_ data: SyntheticFolder) throws -> String {
    _ = try CrossSectionStudyTests.study().run(
      data.path, to: data.folder("study"), savesPredictions: false, producer: "test",
      monitor: JobMonitor())
    return data.folder("study/models/ridge_y_1m.json")
  }

  @Test(
    "scores of features say and keep that a day's universe looked ahead", arguments: [Int?.none, 1])
  func features(marked: Int?) throws {
    let data = try data(marked: marked, days: 3)
    let outcome = try scoring.score(
      features: ["x_1m_s*"], data: data.path, monitor: JobMonitor())
    #expect(outcome.looksAhead == (marked != nil))
    #expect(outcome.notes == (marked == nil ? [] : [Self.mark]))
    #expect(outcome.text().contains("note: " + Self.mark) == (marked != nil))
    try outcome.write(to: data.folder("scores"), producer: "test")
    let json = try JSONReader.read(TextFile.read(data.folder("scores/features.json")))
    #expect(json["look_ahead"] == .bool(marked != nil))
    #expect(json["notes"].texts == outcome.notes && json["scores"].list.count == 2)
    let rule = try ParquetFile(data.folder("scores/features.parquet")).metadata["hoga.universe"]
    #expect(rule == (marked == nil ? nil : "same-day"))
    // Days that are not read do not count.
    let first = SyntheticFolder.date(0)
    let other = try scoring.score(
      features: ["x_1m_s*"], data: data.path, dates: first...first, monitor: JobMonitor())
    #expect(!other.looksAhead)
  }

  @Test("forecasts carry the mark of any of their days into their scores")
  func forecasts() throws {
    let data = try data(marked: 5)
    let model = try model(data)
    let out = data.folder("later")
    let days = SyntheticFolder.date(4)...SyntheticFolder.date(5)
    let foretold = try CrossSectionPrediction(model: model, data: data.path, dates: days)
      .run(to: out, producer: "test", monitor: JobMonitor())
    #expect(foretold.looksAhead && foretold.notes == [Self.mark])
    #expect(foretold.text.contains("note: " + Self.mark))
    #expect(foretold.json["look_ahead"] == .bool(true))
    let scored = try scoring.score(predictions: out, monitor: JobMonitor())
    #expect(scored.looksAhead && scored.notes == [Self.mark])
    #expect(scored.json["look_ahead"] == .bool(true))
    let honest = try scoring.score(
      predictions: out, dates: days.lowerBound...days.lowerBound, monitor: JobMonitor())
    #expect(!honest.looksAhead && honest.notes.isEmpty)
  }

  @Test("a model that learned from a same-day universe marks its forecasts of other days")
  func markedModel() throws {
    let learned = try data(marked: 0)
    let model = try model(learned)
    let data = try data(marked: nil)
    let foretold = try CrossSectionPrediction(
      model: model, data: data.path,
      dates: SyntheticFolder.date(4)...SyntheticFolder.date(5)
    ).run(to: nil, producer: "test", monitor: JobMonitor())
    #expect(foretold.looksAhead && foretold.notes == [Self.mark])
  }

  @Test("dates beyond the data are told with those there are")
  func dates() throws {
    let data = try data(marked: nil)
    let model = try model(data)
    let days = SyntheticFolder.date(0)...SyntheticFolder.date(1)
    _ = try CrossSectionPrediction(model: model, data: data.path, dates: days)
      .run(to: data.folder("later"), producer: "test", monitor: JobMonitor())
    let later = SyntheticFolder.date(30)
    let open = later...CrossSectionFolder.openEnd
    func reasons(_ dates: ClosedRange<CivilDate>) throws -> [String] {
      let runs: [() throws -> Void] = [
        {
          _ = try scoring.score(
            predictions: data.folder("later"), dates: dates, monitor: JobMonitor())
        },
        {
          _ = try scoring.score(
            features: [], data: data.path, dates: dates, monitor: JobMonitor())
        },
        {
          _ = try CrossSectionPrediction(model: model, data: data.path, dates: dates)
            .run(to: nil, producer: "test", monitor: JobMonitor())
        },
      ]
      return runs.map { run in
        do {
          try run()
          return "nothing"
        } catch { return "\(error)" }
      }
    }
    let (forecasts, all) = ("2025-05-25 to 2025-05-26", "2025-05-25 to 2025-05-30")
    for (reason, present) in zip(try reasons(later...later), [forecasts, all, all]) {
      #expect(
        reason.hasSuffix("no file from 2025-06-24 to 2025-06-24; there are \(present)"), "\(reason)"
      )
    }
    for (reason, present) in zip(try reasons(open), [forecasts, all, all]) {
      #expect(
        reason.hasSuffix("no file from 2025-06-24 on; there are \(present)"), "\(reason)")
    }
    let early = try reasons(CrossSectionFolder.openStart...SyntheticFolder.first.adding(days: -1))
    #expect(early[1].hasSuffix("no file up to 2025-05-24; there are \(all)"), "\(early[1])")
  }
}
