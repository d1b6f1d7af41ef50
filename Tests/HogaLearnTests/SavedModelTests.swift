import Foundation
import HogaCore
import HogaLearn
import Testing

@Suite("Saved models")
struct SavedModelTests {
  private func saved(_ model: any FittedModel) -> SavedModel {
    SavedModel(
      model: model, target: "ret_bps_10s",
      trainingRange: Timestamp(nanoseconds: 5)...Timestamp(nanoseconds: 9_000_000_007),
      rowCount: 200, seed: .max, configuration: ["penalty": 0.1, "note": "a \"b\"\n<c>"],
      versions: ["hoga": "0.1"])
  }

  private func models() throws -> (Matrix, [any FittedModel]) {
    let samples = try gridSamples(rows: 200, features: 4, horizon: 3, seed: 20)
    var values = samples.x.values
    values[17] = .nan
    let x = Matrix(names: samples.x.names, rowCount: 200, values: values)
    let holed = samples.with(x: x)
    let classes = try Samples(
      x: x, y: samples.y.map { $0 > 0.3 ? 2 : $0 < -0.3 ? 0 : 1 }, time: samples.time,
      labelEnd: samples.labelEnd, classes: Labels.directions)
    let trees = LightGBM(rounds: 8, minimumRowsPerLeaf: 5, threads: 1)
    return (
      x,
      [
        try Pipeline(scaling: .standard, learner: ElasticNetCV.lasso()).fit(holed),
        try Pipeline(missing: .imputeMedian, scaling: .robust, learner: Ridge(penalty: 0.3)).fit(
          holed),
        try Pipeline(missing: .keep, scaling: .none, learner: trees).fit(holed),
        try Pipeline(scaling: .none, learner: LinearRegression()).fit(holed),
        try Pipeline(scaling: .standard, learner: LogisticRegression()).fit(classes),
        try trees.fit(classes),
      ]
    )
  }

  @Test("predict the same bits after saving and loading")
  func roundTrip() throws {
    let (x, models) = try models()
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "hoga-learn-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for model in models {
      let path = folder.appending(path: "model.json").path()
      let written = saved(model)
      try written.save(to: path)
      let read = try SavedModel(path: path)
      let before = try model.outputs(x)
      let after = try read.model.outputs(x)
      #expect(before.names == after.names)
      #expect(before.values.map(\.bitPattern) == after.values.map(\.bitPattern))
      #expect(read.text == written.text)
      #expect(read.target == "ret_bps_10s" && read.rowCount == 200 && read.seed == .max)
      #expect(read.trainingRange == written.trainingRange)
      #expect(read.configuration == written.configuration)
      #expect(read.configurationDigest == written.configurationDigest)
      #expect(read.versions == ["hoga": "0.1", "lightgbm": "4.7.0"])
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path()) == ["model.json"])
    }
  }

  @Test("find columns by name, and say which are missing")
  func columns() throws {
    let (x, models) = try models()
    let whole = Frame(
      [("extra", .category(Categories(x.values[..<200].map { _ in "text" })))]
        + x.names.indices.reversed().map { (x.names[$0], .double(Array(x.column($0)))) })
    let partly = Frame([("f1", .double([1])), ("f3", .double([2]))])
    for model in models {
      let saved = saved(model)
      #expect(
        try saved.predict(whole).values.map(\.bitPattern)
          == model.outputs(x).values.map(\.bitPattern))
      #expect(throws: DataError("2 of 4 columns are missing: f0, f2")) {
        try saved.predict(partly)
      }
    }
  }

  @Test("are refused when torn, edited or of another version")
  func corrupt() throws {
    let (_, models) = try models()
    let text = saved(models[0]).text
    #expect(throws: DataError.self) { try SavedModel(text: "") }
    #expect(throws: DataError.self) { try SavedModel(text: "{}") }
    #expect(throws: DataError.self) { try SavedModel(text: "[1, 2]") }
    #expect(throws: DataError("a model of format 2; this program reads 1")) {
      try SavedModel(text: text.replacing("\"hoga_model\": 1", with: "\"hoga_model\": 2"))
    }
    #expect(throws: DataError("the checksum does not match: the file was damaged or edited")) {
      try SavedModel(text: text.replacing("\"row_count\": 200", with: "\"row_count\": 201"))
    }
    #expect(throws: MissingInputError.self) { try SavedModel(path: "/nowhere/model.json") }
    #expect(throws: ResourceError.self) { try saved(models[0]).save(to: "/nowhere/model.json") }
  }

  @Test("a seeded storm of damage is refused or changes nothing", arguments: UInt64(0)..<60)
  func damage(seed: UInt64) throws {
    let (x, models) = try models()
    var random = SeededRandom(seed)
    let model = models[Int(seed) % models.count]
    var bytes = Array(saved(model).text.utf8)
    switch seed % 3 {
    case 0: bytes.removeLast(Int.random(in: 1..<bytes.count, using: &random))
    case 1:
      let place = Int.random(in: 0..<bytes.count, using: &random)
      bytes[place] = UInt8.random(in: 0x20...0x7E, using: &random)
    default:
      let start = Int.random(in: 0..<bytes.count, using: &random)
      bytes.removeSubrange(start..<min(bytes.count, start + Int.random(in: 1...90, using: &random)))
    }
    do {
      let read = try SavedModel(text: String(decoding: bytes, as: UTF8.self))
      // White space may differ; nothing else.
      #expect(
        try read.model.outputs(x).values.map(\.bitPattern)
          == model.outputs(x).values.map(\.bitPattern))
    } catch is DataError {}
  }

  @Test("a pipeline of unfitting parts is refused though its checksum is right")
  func inconsistent() throws {
    let (_, models) = try models()
    let json = ModelKinds.standard
    #expect(throws: DataError.self) {
      try json.read(["kind": "unheard-of", "content": [:]])
    }
    let content = models[0].encoded()
    let spoiled = try JSONReader.read(
      content.text().replacing("\"scales\": [", with: "\"scales\": [1,"))
    #expect(throws: DataError.self) {
      try json.read(.object([("kind", "pipeline"), ("content", spoiled)]))
    }
  }
}

@Suite("JSON reader")
struct JSONReaderTests {
  @Test("reads what is written, doubles to the bit", arguments: UInt64(0)..<20)
  func roundTrip(seed: UInt64) throws {
    var random = SeededRandom(seed)
    let numbers = (0..<200).map { _ in
      JSONValue.double(Double(bitPattern: random.next())).number.isFinite
        ? JSONValue.double(Double(bitPattern: random.next())) : JSONValue.int(Int64.min)
    }.filter { $0.number.isFinite }
    let value: JSONValue = .object([
      ("numbers", .array(numbers)), ("text", "é\u{1}\n\"\\/<\u{1F600}"), ("empty", [:]),
      ("none", .null), ("yes", true), ("nothing", []),
    ])
    #expect(try JSONReader.read(value.text()) == value)
    #expect(try JSONReader.read(value.text(indented: false)) == value)
  }

  @Test("reads escapes of two halves")
  func surrogates() throws {
    #expect(try JSONReader.read("\"\\ud83d\\ude00\\u00e9\"") == "😀é")
    #expect(throws: DataError.self) { try JSONReader.read("\"\\ud83d\"") }
  }

  @Test(
    "refuses what is not JSON",
    arguments: [
      "", "{", "[1,]", "{\"a\":1,}", "{\"a\" 1}", "nul", "1 2", "\"a", "[1", "{\"a\":1,\"a\":2}",
      "+1", "NaN", "1e999", "\"\u{1}\"", "--1", ".5",
    ])
  func refuses(text: String) {
    #expect(throws: DataError.self) { try JSONReader.read(text) }
  }

  @Test("refuses endless nesting without a crash")
  func nesting() {
    let text = String(repeating: "[", count: 100_000)
    #expect(throws: DataError.self) { try JSONReader.read(text) }
  }
}
