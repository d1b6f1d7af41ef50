import Foundation
import HogaCore
import HogaLake
import HogaTestKit
import Testing

@Suite("Table files")
struct TableFileTests {
  @Test("guesses the types of a user's table")
  func typed() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/labels.csv"
    try """
    time,side,label,score,ok,nothing
    2024-08-08T23:54:15Z,buy,1,0.5,true,
    2024-08-08T23:54:16Z,,,-1e-3,false,
    2024-08-08T23:54:17Z,sell,3,,true,NA
    """.write(toFile: path, atomically: true, encoding: .utf8)
    let frame = try TableFile.read(path)
    #expect(
      frame.hasSameCells(
        as: Frame([
          (
            "time",
            .timestamp(
              (0..<3).map { 1_723_161_255_000_000_000 + Int64($0) * 1_000_000_000 })
          ),
          ("side", .category(Categories(["buy", nil, "sell"]))),
          ("label", .int64([1, Column.missing, 3])), ("score", .double([0.5, -1e-3, .nan])),
          ("ok", .bool([true, false, true])), ("nothing", .double([.nan, .nan, .nan])),
        ])))
    #expect(
      try TableFile.csv(path, columnNames: ["a", "b", "c", "d", "e", "f"]).rowCount == 4)
    try "a,b\n1,2\n3\n".write(toFile: path, atomically: true, encoding: .utf8)
    #expect {
      _ = try TableFile.read(path)
    } throws: {
      "\($0)".contains("Expected 2 columns, got 1")
    }
  }
}
