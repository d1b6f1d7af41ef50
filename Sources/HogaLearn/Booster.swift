internal import CLightGBM
internal import HogaCore

/// Data in LightGBM's own form, freed with its owner.
@safe final class BoosterDataset {
  fileprivate let handle: DatasetHandle

  /// - Parameter reference: The training data, whose bins validation data must share.
  init(
    _ x: Matrix, labels: [Double], parameters: String, reference: BoosterDataset? = nil
  ) throws {
    try LightGBMLibrary.prepare()
    guard let rows = Int32(exactly: x.rowCount), let columns = Int32(exactly: x.columnCount) else {
      throw UsageError("LightGBM takes no more than 2³¹ rows")
    }
    var created: DatasetHandle?
    try unsafe x.values.withUnsafeBufferPointer { values in
      try unsafe LightGBMLibrary.check(
        LGBM_DatasetCreateFromMat(
          values.baseAddress, Int32(C_API_DTYPE_FLOAT64), rows, columns, 0, parameters,
          reference?.handle, &created))
    }
    guard let created = unsafe created else { throw ResourceError("LightGBM made no dataset") }
    unsafe handle = created  // from here on, throwing runs `deinit`
    let answers = labels.map { Float($0) }
    try unsafe answers.withUnsafeBufferPointer { answers in
      try unsafe LightGBMLibrary.check(
        LGBM_DatasetSetField(
          created, "label", answers.baseAddress, rows, Int32(C_API_DTYPE_FLOAT32)))
    }
    // Validation data takes its names from the training data.
    if reference == nil {
      try unsafe Self.withCStrings(x.names) { names in
        try unsafe LightGBMLibrary.check(LGBM_DatasetSetFeatureNames(created, names, columns))
      }
    }
  }

  deinit { unsafe LGBM_DatasetFree(handle) }

  private static func withCStrings<Result>(
    _ texts: [String], _ body: (UnsafeMutablePointer<UnsafePointer<CChar>?>) throws -> Result
  ) rethrows -> Result {
    let copies = unsafe texts.map { text in
      let bytes = text.utf8CString
      let copy = UnsafeMutableBufferPointer<CChar>.allocate(capacity: bytes.count)
      _ = unsafe copy.initialize(from: bytes)
      return unsafe copy
    }
    defer { for index in unsafe copies.indices { unsafe copies[index].deallocate() } }
    var pointers = unsafe copies.map { unsafe UnsafePointer($0.baseAddress) }
    return try unsafe pointers.withUnsafeMutableBufferPointer { buffer in
      guard let start = buffer.baseAddress else {
        var none: UnsafePointer<CChar>?
        return try unsafe body(&none)
      }
      return try unsafe body(start)
    }
  }
}

/// A model under training, freed with its owner.
@safe final class BoosterTraining {
  private let handle: BoosterHandle
  /// LightGBM keeps pointers to them, so they must live as long as the booster.
  private var datasets: [BoosterDataset]

  init(_ data: BoosterDataset, parameters: String) throws {
    var created: BoosterHandle?
    try unsafe LightGBMLibrary.check(LGBM_BoosterCreate(data.handle, parameters, &created))
    guard let created = unsafe created else { throw ResourceError("LightGBM made no booster") }
    unsafe handle = created
    datasets = [data]
  }

  deinit { unsafe LGBM_BoosterFree(handle) }  // runs before the data sets are let go

  func add(validation: BoosterDataset) throws {
    datasets.append(validation)
    try unsafe LightGBMLibrary.check(LGBM_BoosterAddValidData(handle, validation.handle))
  }

  /// Adds a tree for each class; returns whether no split was left to make.
  func grow() throws -> Bool {
    var isFinished: Int32 = 0
    try unsafe LightGBMLibrary.check(LGBM_BoosterUpdateOneIter(handle, &isFinished))
    return isFinished != 0
  }

  /// The first metric on the training data (0) or the validation data (1).
  func metric(on data: Int32) throws -> Double {
    var count: Int32 = 0
    try unsafe LightGBMLibrary.check(LGBM_BoosterGetEvalCounts(handle, &count))
    guard count > 0 else { throw UsageError("LightGBM was given no metric") }
    var results = [Double](repeating: .nan, count: Int(count))
    var written: Int32 = 0
    try unsafe LightGBMLibrary.check(LGBM_BoosterGetEval(handle, data, &written, &results))
    return results[0]
  }

  /// The model as text, cut after so many rounds.
  func text(rounds: Int) throws -> String { try unsafe modelText(handle, rounds: rounds) }
}

/// A trained model of LightGBM.
///
/// `@unchecked Sendable` is safe: nothing here changes the booster, and LightGBM guards prediction
/// with a shared lock of its own.
@safe final class Booster: @unchecked Sendable {
  private let handle: BoosterHandle
  let featureCount: Int
  let rounds: Int
  /// Columns of a forecast: 1, or the number of classes beyond two.
  let outputCount: Int

  enum Output: Int32 {
    case normal = 0
    case rawScore = 1
    case contributions = 3
  }

  /// - Throws: `DataError` where the text is no model.
  init(text: String) throws {
    try LightGBMLibrary.prepare()
    // LightGBM trusts its own files further than we trust ours.
    guard text.hasPrefix("tree\n"), text.contains("\nend of trees\n") else {
      throw DataError("the text of the LightGBM model is torn")
    }
    var created: BoosterHandle?
    var rounds: Int32 = 0
    do {
      try unsafe LightGBMLibrary.check(LGBM_BoosterLoadModelFromString(text, &rounds, &created))
    } catch {
      throw DataError("the text of the LightGBM model cannot be read: \(error)")
    }
    guard let created = unsafe created else { throw ResourceError("LightGBM made no booster") }
    unsafe handle = created
    self.rounds = Int(rounds)
    var features: Int32 = 0
    var outputs: Int32 = 0
    let statuses = unsafe [
      LGBM_BoosterGetNumFeature(created, &features), LGBM_BoosterGetNumClasses(created, &outputs),
    ]
    featureCount = Int(features)
    outputCount = Int(outputs)
    for status in statuses { try LightGBMLibrary.check(status) }
  }

  deinit { unsafe LGBM_BoosterFree(handle) }

  /// Row after row, as LightGBM lays it out.
  func predict(_ x: Matrix, _ output: Output) throws -> [Double] {
    guard x.columnCount == featureCount else {
      throw DataError("\(x.columnCount) features for a model of \(featureCount)")
    }
    guard x.rowCount > 0 else { return [] }
    guard let rows = Int32(exactly: x.rowCount), let columns = Int32(exactly: x.columnCount) else {
      throw UsageError("LightGBM takes no more than 2³¹ rows")
    }
    let width = output == .contributions ? outputCount * (featureCount + 1) : outputCount
    var results = [Double](repeating: .nan, count: x.rowCount * width)
    var written: Int64 = 0
    try unsafe x.values.withUnsafeBufferPointer { values in
      try unsafe LightGBMLibrary.check(
        LGBM_BoosterPredictForMat(
          handle, values.baseAddress, Int32(C_API_DTYPE_FLOAT64), rows, columns, 0,
          output.rawValue, 0, -1, "verbosity=-1", &written, &results))
    }
    guard written == Int64(results.count) else {
      throw ResourceError("LightGBM gave \(written) numbers where \(results.count) were due")
    }
    return results
  }

  enum Importance: Int32 {
    case splits = 0
    case gain = 1
  }

  func importance(_ kind: Importance) throws -> [Double] {
    var results = [Double](repeating: 0, count: featureCount)
    try unsafe LightGBMLibrary.check(
      LGBM_BoosterFeatureImportance(handle, 0, kind.rawValue, &results))
    return results
  }
}

private func modelText(_ handle: BoosterHandle, rounds: Int) throws -> String {
  var needed: Int64 = 0
  let kind = Int32(C_API_FEATURE_IMPORTANCE_SPLIT)
  try unsafe LightGBMLibrary.check(
    LGBM_BoosterSaveModelToString(handle, 0, Int32(rounds), kind, 0, &needed, nil))
  var bytes = [CChar](repeating: 0, count: Int(needed))
  try unsafe LightGBMLibrary.check(
    LGBM_BoosterSaveModelToString(handle, 0, Int32(rounds), kind, needed, &needed, &bytes))
  return String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// What concerns the library as a whole.
enum LightGBMLibrary {
  /// The release whose headers and library these are; it has no call that tells.
  static let version = "4.7.0"

  /// LightGBM would write to standard output, which belongs to results; all it has to say that
  /// matters comes back as an error.
  private static let quiet: Int32 = unsafe LGBM_RegisterLogCallback { _ in }

  static func prepare() throws { try check(quiet) }

  static func check(_ status: Int32) throws {
    guard status != 0 else { return }
    throw ResourceError(unsafe "LightGBM: \(String(cString: LGBM_GetLastError()))")
  }
}
