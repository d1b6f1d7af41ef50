import Foundation
import HogaCore
import HogaImport
import HogaTestKit
import Testing

/// Files of a test, removed with it.
final class Scratch {
  let folder: String

  init() throws {
    folder = NSTemporaryDirectory() + "hoga-import-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func file(_ name: String, _ text: String) throws -> String {
    try file(name, Array(text.utf8))
  }

  func file(_ name: String, _ bytes: [UInt8]) throws -> String {
    let path = "\(folder)/\(name)"
    try Data(bytes).write(to: URL(filePath: path))
    return path
  }
}

func fixture(_ name: String) -> String {
  URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Fixtures/\(name)").path(percentEncoded: false)
}

func fixtureBytes(_ name: String) throws -> [UInt8] {
  try Array(Data(contentsOf: URL(filePath: fixture(name))))
}

func mapping(_ name: String) throws -> CSVMapping {
  try CSVMapping.load(path: Repository.file("Examples/mappings/\(name).yaml"))
}

/// Real data that is not in the repository.
let realData = ProcessInfo.processInfo.environment["HOGA_DATA"]

/// All lines of a file, as the reader shows them.
func lines(of path: String, block: Int = 1 << 20, maximumLine: Int = 16 << 20) throws -> (
  lines: [String], last: LineReader.Ending, truncation: String?
) {
  var all: [String] = []
  var last = LineReader.Ending.newline
  for input in try InputFile.contents(of: path) {
    var reader = LineReader(try input.open(), block: block, maximumLine: maximumLine)
    while try reader.next() {
      all.append(unsafe String(decoding: reader.line, as: UTF8.self))
      last = reader.ending
    }
    if let truncation = reader.truncation { return (all, last, truncation) }
  }
  return (all, last, nil)
}

/// Text of an input, unpacked.
func text(of path: String) throws -> String {
  try lines(of: path).lines.joined(separator: "\n") + "\n"
}

extension Frame {
  func texts(_ name: String) throws -> [String?] {
    guard case .category(let values) = try column(name) else { return [] }
    return values.codes.indices.map { values[$0] }
  }
  func int32s(_ name: String) throws -> [Int32] {
    guard case .int32(let values) = try column(name) else { return [] }
    return values
  }
  func bools(_ name: String) throws -> [Bool] {
    guard case .bool(let values) = try column(name) else { return [] }
    return values
  }
}
