public import HogaCore

/// A model in one file, with what is needed to use it rightly and to know where it came from.
///
/// `model.json` holds features and their order, the treatment of missing values, the scaler, the
/// model itself, and how it came about. It predicts the same bits after loading. A file that is torn,
/// edited, or of another version is refused.
public struct SavedModel: Sendable {
  public static let formatVersion = 1

  public let model: any FittedModel
  /// The label column: `ret_bps_10s`.
  public let target: String
  /// The features' times, from the first training row to the last.
  public let trainingRange: ClosedRange<Timestamp>
  public let rowCount: Int
  public let seed: UInt64
  /// The resolved configuration that led to this model.
  public let configuration: JSONValue
  /// Names and versions of what it was made with.
  public let versions: [String: String]

  public init(
    model: any FittedModel, target: String, trainingRange: ClosedRange<Timestamp>, rowCount: Int,
    seed: UInt64, configuration: JSONValue, versions: [String: String] = [:]
  ) {
    self.model = model
    self.target = target
    self.trainingRange = trainingRange
    self.rowCount = rowCount
    self.seed = seed
    self.configuration = configuration
    self.versions = versions.merging(["lightgbm": LightGBMLibrary.version]) { given, _ in given }
  }

  /// A model with the span and the row count of the samples it was fitted on.
  ///
  /// - Throws: `DataError` where there are no samples.
  public init(
    model: any FittedModel, target: String, training: Samples, seed: UInt64,
    configuration: JSONValue, versions: [String: String] = [:]
  ) throws {
    guard let first = training.time.first, let last = training.time.last else {
      throw DataError("a model without training rows cannot be saved")
    }
    self.init(
      model: model, target: target,
      trainingRange: Timestamp(nanoseconds: first)...Timestamp(nanoseconds: last),
      rowCount: training.count, seed: seed, configuration: configuration, versions: versions)
  }

  /// FNV-1a (64 bits) of the configuration's text: tells configurations apart, proves nothing.
  public var configurationDigest: String { Self.digest(configuration.text(indented: false)) }

  /// The outputs for rows of a frame.
  ///
  /// Columns are found by name, so their order does not matter and more of them are fine.
  ///
  /// - Throws: `DataError` that names the columns that are missing or hold text.
  public func predict(_ frame: Frame) throws -> Matrix {
    try model.outputs(Matrix(frame, columns: model.featureNames))
  }

  /// How much each feature moved each row's forecast; `nil` for a model that cannot tell.
  ///
  /// - Throws: `DataError` that names the columns that are missing or hold text.
  public func contributions(_ frame: Frame) throws -> Matrix? {
    try model.contributions(Matrix(frame, columns: model.featureNames))
  }

  // MARK: Files

  /// The file's text.
  public var text: String {
    let body = json
    return JSONValue.object([
      ("hoga_model", .int(Int64(Self.formatVersion))),
      ("checksum", .string(Self.digest(body.text(indented: false)))), ("body", body),
    ]).text()
  }

  private var json: JSONValue {
    .object([
      ("target", .string(target)), ("features", .list(model.featureNames)),
      ("training_from", .int(trainingRange.lowerBound.nanoseconds)),
      ("training_to", .int(trainingRange.upperBound.nanoseconds)),
      ("row_count", .int(Int64(rowCount))), ("seed", .string("\(seed)")),
      ("configuration", configuration), ("configuration_digest", .string(configurationDigest)),
      (
        "versions",
        .object(versions.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })
      ), ("model", ModelKinds.write(model)),
    ])
  }

  /// - Parameter kinds: The models of more modules than this one.
  /// - Throws: `DataError` for what is not a whole model file of this version.
  public init(text: String, kinds: ModelKinds = .standard) throws {
    let file = try JSONReader.read(text)
    guard case .int(let version)? = file["hoga_model"] else {
      throw DataError("not a model of hoga")
    }
    guard version == Self.formatVersion else {
      throw DataError("a model of format \(version); this program reads \(Self.formatVersion)")
    }
    let outer = try JSONFields(file, "model file")
    let body = try outer.value("body")
    guard try outer.string("checksum") == Self.digest(body.text(indented: false)) else {
      throw DataError("the checksum does not match: the file was damaged or edited")
    }
    let fields = try JSONFields(body, "model file")
    let from = Timestamp(nanoseconds: try fields.int("training_from"))
    let to = Timestamp(nanoseconds: try fields.int("training_to"))
    guard from <= to else { throw DataError("the training ends before it begins") }
    guard let seed = UInt64(try fields.string("seed")),
      let rowCount = Int(exactly: try fields.int("row_count")), rowCount >= 0
    else { throw DataError("seed or row count is no number") }
    guard case .object(let members) = try fields.value("versions") else {
      throw DataError("the versions are not an object")
    }
    var versions: [String: String] = [:]
    for member in members {
      if case .string(let version) = member.value { versions[member.key] = version }
    }
    self.init(
      model: try kinds.read(fields.value("model")), target: try fields.string("target"),
      trainingRange: from...to, rowCount: rowCount, seed: seed,
      configuration: try fields.value("configuration"), versions: versions)
    guard model.featureNames == (try fields.strings("features")) else {
      throw DataError("the features of the file and of its model differ")
    }
  }

  /// - Throws: `MissingInputError` where there is no file, `DataError` where it is not a whole model.
  public init(path: String, kinds: ModelKinds = .standard) throws {
    let text = try TextFile.read(path)
    do {
      try self.init(text: text, kinds: kinds)
    } catch let error as DataError {
      throw error.located(file: path)
    }
  }

  /// Writes the file whole or not at all.
  ///
  /// - Throws: `ResourceError` where the disk does not take it.
  public func save(to path: String) throws { try TextFile.write(text, to: path) }

  private static func digest(_ text: String) -> String { "fnv1a64:" + FNV1a(text).text }
}
