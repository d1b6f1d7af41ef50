import Foundation
import HogaCore
import HogaLake
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
    #expect(folder.files == ["table.parquet"])
  }
}
