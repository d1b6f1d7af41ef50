import Foundation
import HogaCore
import HogaLake
import HogaTestKit
import Testing

@Suite("Parquet files")
struct ParquetTests {
  let folder: TemporaryFolder
  var path: String { folder.path + "/table.parquet" }

  init() throws { folder = try TemporaryFolder() }

  @Test("give back every cell of every type, in any row groups", arguments: UInt64(0)..<30)
  func roundTrip(seed: UInt64) throws {
    var frames = RandomFrames(seed)
    let nulls = [0, 0.2, 1].randomElement(using: &frames.random)!
    let groupRows = Int.random(in: 1...700, using: &frames.random)
    let writer = try ParquetWriter(
      path: path, schema: RandomFrames.schema, metadata: ["who": "한글", "empty": ""],
      rowGroupRows: groupRows)
    var expected = Frame(schema: RandomFrames.schema)
    for _ in 0..<Int.random(in: 0...6, using: &frames.random) {
      let part = frames.frame(
        rows: Int.random(in: 0...1_000, using: &frames.random), nulls: nulls)
      expected.append(rowsOf: part)
      // Columns may come in another order.
      try writer.append(try part.selecting(part.names.shuffled(using: &frames.random)))
    }
    #expect(writer.rowCount == expected.rowCount)
    try writer.commit()

    let file = try ParquetFile(path)
    #expect(file.rowCount == expected.rowCount)
    #expect(file.schema == RandomFrames.schema)
    #expect(file.metadata["who"] == "한글")
    #expect(file.metadata["empty"] == "")
    #expect(file.rowGroupRows.dropLast().allSatisfy { $0 == groupRows })
    #expect(try file.read().hasSameCells(as: expected))

    let names = Array(
      RandomFrames.schema.map(\.name).shuffled(using: &frames.random).prefix(3))
    let next = file.chunks(columns: names)
    var pieced = Frame(schema: try expected.selecting(names).schema)
    while let chunk = try next() {
      #expect(chunk.rowCount <= groupRows)
      pieced.append(rowsOf: chunk)
    }
    #expect(pieced.hasSameCells(as: try expected.selecting(names)))
    #expect(folder.files() == ["table.parquet"])
  }
  @Test("are read by column and row group, in the order asked for")
  func selection() throws {
    var frames = RandomFrames(7)
    let frame = frames.frame(rows: 1_000, nulls: 0.1)
    try ParquetWriter.write(frame, to: path, rowGroupRows: 100)
    let file = try ParquetFile(path)
    let part = try file.read(columns: ["text", "price"], rowGroups: [7, 2])
    var expected = try frame.selecting(["text", "price"]).rows(700..<800)
    expected.append(rowsOf: try frame.selecting(["text", "price"]).rows(200..<300))
    #expect(part.hasSameCells(as: expected))
    #expect(try file.read(columns: [], rowGroups: [1]).columnCount == 0)
    #expect(
      throws: DataError(
        "no such column; there are 8: real, whole, small, flag, time, price, tiny, text",
        file: path, column: "prise")
    ) {
      _ = try file.read(columns: ["prise"])
    }
  }

  @Test("skip row groups outside a range of time, and rows too", arguments: UInt64(0)..<20)
  func pruning(seed: UInt64) throws {
    var random = SeededRandom(seed)
    let isSorted = seed % 2 == 0
    var times = (0..<2_000).map { _ in
      random.uniform() < 0.02 ? Column.missing : Int64.random(in: -1_000...1_000, using: &random)
    }
    if isSorted { times.sort() }
    let frame = Frame([
      ("time", .timestamp(times)), ("row", .int64((0..<2_000).map { Int64($0) })),
    ])
    try ParquetWriter.write(frame, to: path, rowGroupRows: 128)
    let file = try ParquetFile(path)
    for _ in 0..<20 {
      let low = Int64.random(in: -1_200...1_200, using: &random)
      let range = low..<(low + Int64.random(in: 0...300, using: &random))
      let groups = try file.rowGroups(where: "time", overlaps: range)
      if isSorted { #expect(groups.count <= 2 + 16 * range.count / 1_500) }
      let next = try file.chunks(
        columns: ["row"], where: "time",
        in: Timestamp(nanoseconds: range.lowerBound)..<Timestamp(nanoseconds: range.upperBound))
      var rows: [Int64] = []
      while let chunk = try next() {
        #expect(chunk.names == ["row"])
        rows += try chunk.int64s("row")
      }
      #expect(rows == times.indices.filter { range.contains(times[$0]) }.map { Int64($0) })
    }
  }

  @Test("hold texts once, whatever the codes in memory were")
  func categories() throws {
    let messy = Categories(
      codes: [3, -1, 1, 1, 2], levels: ["unused", "again", "b", "again"])
    let writer = try ParquetWriter(path: path, schema: [ColumnSchema("text", .category)])
    try writer.append(Frame([("text", .category(messy))]))
    try writer.commit()
    guard case .category(let read)? = try ParquetFile(path).read()["text"] else {
      Issue.record("no category")
      return
    }
    #expect(read == Categories(["again", nil, "again", "again", "b"]))
    let broken = Categories(codes: [2], levels: ["a", "b"])
    let other = try ParquetWriter(path: path, schema: [ColumnSchema("text", .category)])
    try other.append(Frame([("text", .category(broken))]))
    #expect(throws: DataError("row 1: code 2 has no text", file: path)) { try other.commit() }
    #expect(folder.files() == ["table.parquet"])
  }

  @Test("refuse decimals of more than 18 digits")
  func digits() throws {
    let limit: Int64 = 999_999_999_999_999_999
    let fits = Frame([("a", .decimal([limit, -limit, Column.missing], scale: 3))])
    try ParquetWriter.write(fits, to: path)
    #expect(try ParquetFile(path).read() == fits)
    #expect(
      throws: DataError(
        "row 2 of a row group: column a has more than 18 digits", file: path)
    ) {
      try ParquetWriter.write(
        Frame([("a", .decimal([limit, -limit - 1], scale: 3))]), to: path)
    }
    #expect(try ParquetFile(path).read() == fits)
  }

  @Test("refuse rows of another shape, and senseless schemas")
  func shapes() throws {
    let schema = [ColumnSchema("a", .int64), ColumnSchema("b", .decimal(scale: 2))]
    let writer = try ParquetWriter(path: path, schema: schema)
    #expect(throws: DataError.self) { try writer.append(Frame([("a", .int64([1]))])) }
    #expect(
      throws: DataError(
        "is decimal(scale: 3), the file has decimal(scale: 2)", file: path, column: "b")
    ) {
      try writer.append(Frame([("a", .int64([1])), ("b", .decimal([1], scale: 3))]))
    }
    #expect(throws: DataError("is not a column of the file", file: path, column: "c")) {
      try writer.append(
        Frame([("a", .int64([1])), ("b", .decimal([1], scale: 2)), ("c", .bool([true]))]))
    }
    for schema in [[], [ColumnSchema("", .bool)], [schema[0], schema[0]]] {
      #expect(throws: UsageError.self) { _ = try ParquetWriter(path: path, schema: schema) }
    }
    #expect(throws: ResourceError.self) {
      _ = try ParquetWriter(path: folder.path + "/absent/x.parquet", schema: schema)
    }
    writer.abandon()
    #expect(folder.files().isEmpty)
  }

  @Test("are replaced whole, and given up without a trace")
  func atomic() throws {
    let old = Frame([("a", .int64([1]))])
    let new = Frame([("a", .int64([2, 3]))])
    try ParquetWriter.write(old, to: path)
    do {
      let writer = try ParquetWriter(path: path, schema: new.schema, rowGroupRows: 1)
      try writer.append(new)
      #expect(folder.files().count == 2)
      #expect(folder.files()[0].hasPrefix(".table.parquet.\(getpid())-"))
      #expect(try ParquetFile(path).read() == old)
    }
    #expect(folder.files() == ["table.parquet"])
    #expect(try ParquetFile(path).read() == old)
    try ParquetWriter.write(new, to: path)
    #expect(try ParquetFile(path).read() == new)
    #expect(folder.files() == ["table.parquet"])
  }

  @Test("leave alone what another writer is writing, and remove what a killed one left")
  func leftovers() throws {
    let frame = Frame([("a", .int64([1]))])
    let first = try ParquetWriter(path: path, schema: frame.schema)
    try first.append(frame)
    let leftover = folder.path + "/.table.parquet.999999-1.tmp"
    let others = folder.path + "/.other.parquet.999999-1.tmp"
    for path in [leftover, others] { try Data().write(to: URL(fileURLWithPath: path)) }
    let second = try ParquetWriter(path: path, schema: frame.schema)
    #expect(!FileManager.default.fileExists(atPath: leftover))
    #expect(FileManager.default.fileExists(atPath: others))
    second.abandon()
    try first.commit()
    #expect(try ParquetFile(path).read() == frame)
  }

  @Test("say what is wrong with a path")
  func paths() throws {
    #expect(throws: MissingInputError("\(path): no such file")) { _ = try ParquetFile(path) }
    #expect(throws: DataError("is a folder, a file is needed", file: folder.path)) {
      _ = try ParquetFile(folder.path)
    }
    for (text, reason) in [
      ("", "too short for a Parquet file (0 bytes)"),
      ("time,price\n1,2\n3,4\n", "does not begin as a Parquet file"),
    ] {
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      #expect(throws: DataError(reason, file: path)) { _ = try ParquetFile(path) }
    }
  }
}
