internal import Foundation
public import HogaCore
internal import HogaLake
internal import HogaLearn

extension CrossSectionStudy {
  /// What a study leaves in its folder.
  static let results = [
    "scores.json", "models", "feature_list", "preds", "features.parquet", "features.json",
    "trials.parquet", "trials.json", "daily.parquet", "curves.parquet",
  ]

  /// Runs the study and writes what came of it to a folder: all of it, or nothing.
  ///
  /// - Parameter savesPredictions: whether the test's forecasts are kept, in `preds`.
  public func run(
    _ folder: String, to out: String, savesPredictions: Bool, producer: String,
    monitor: JobMonitor
  ) throws -> Result {
    try StagedFolder(out).replacing(Self.results) { stage in
      let result = try run(
        folder, predictions: savesPredictions ? stage + "/preds" : nil, producer: producer,
        monitor: monitor)
      try result.write(to: stage, producer: producer)
      return result
    }
  }
}

extension CrossSectionStudy.Result {
  /// Writes `scores.json`, `models/<model>_<label>.json`, `daily.parquet`, `curves.parquet`, and where
  /// there are such, `features.parquet` and `.json`, `trials.parquet` and `.json`, `feature_list/…`.
  public func write(to folder: String, producer: String) throws {
    try StagedFolder.make(folder + "/models")
    try TextFile.write(json.text(), to: folder + "/scores.json")
    for trial in trials {
      try trial.saved.save(to: "\(folder)/models/\(trial.model)_\(trial.label).json")
    }
    func write(_ frame: Frame, _ name: String) throws {
      try TableFile.write(
        frame, to: "\(folder)/\(name).parquet", metadata: [LakeMetadata.producer: producer])
    }
    try write(dailyTable, "daily")
    try write(curveTable, "curves")
    if !features.isEmpty {
      try write(featureTable, "features")
      try TextFile.write(
        JSONValue.array(features.map(\.json)).text(), to: folder + "/features.json")
    }
    if !search.isEmpty {
      try write(searchTable, "trials")
      try TextFile.write(JSONValue.array(search.map(\.json)).text(), to: folder + "/trials.json")
    }
    for selected in selections {
      let names = selected.choice.names
      let path =
        folder + "/"
        + FeatureList.path(label: selected.label, top: universeTop, count: names.count)
      try StagedFolder.make(AtomicFile.folder(of: path))
      try FeatureList(names).save(to: path)
    }
  }
}
