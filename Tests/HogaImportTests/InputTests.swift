import Foundation
import HogaCore
import HogaImport
import Testing

@Suite("Packed input")
struct InputTests {
  let scratch: Scratch
  init() throws { scratch = try Scratch() }

  @Test("reads every member of a gzip file")
  func multiMember() throws {
    let found = try lines(of: fixture("two-members.gz"))
    #expect(found.lines == (0..<3000).map { "line \($0)" })
    #expect(found.truncation == nil)
  }

  @Test(
    "tells a gzip file that ends early, with the byte", arguments: [11, 12, 100, 2000, 4000, 6001])
  func truncated(length: Int) throws {
    let path = try scratch.file("cut", Array(fixtureBytes("two-members.gz").prefix(length)))
    let found = try lines(of: path)
    #expect(found.truncation == "the gzip data ends early, at byte \(length)")
    #expect(found.lines == (0..<found.lines.count).map { "line \($0)" })
  }

  @Test("refuses a gzip file whose checksum does not match, or that is followed by junk")
  func damaged() throws {
    var bytes = try fixtureBytes("two-members.gz")
    let whole = bytes
    bytes[bytes.count - 7] ^= 1
    let path = try scratch.file("crc", bytes)
    #expect { try lines(of: path) } throws: {
      ($0 as? DataError)?.reason.hasPrefix("the gzip checksum (CRC-32) does not match") ?? false
    }
    let junk = try scratch.file("junk", whole + Array("junk".utf8))
    #expect { try lines(of: junk) } throws: {
      ($0 as? DataError)?.reason.hasPrefix("no gzip data after byte \(whole.count)") ?? false
    }
    let padded = try scratch.file("padded", whole + [0, 0, 0])
    #expect(try lines(of: padded).lines.count == 3000)
  }

  @Test("reads xz, and tells one that ends early")
  func xz() throws {
    #expect(try lines(of: fixture("kospi200.txt.xz")).lines.count == 1500)
    let cut = try scratch.file("cut", Array(fixtureBytes("kospi200.txt.xz").prefix(9000)))
    #expect(try lines(of: cut).truncation == "the xz data ends early, at byte 9000")
    var bytes = try fixtureBytes("kospi200.txt.xz")
    bytes[8000] ^= 0x55
    let damaged = try scratch.file("damaged", bytes)
    #expect(throws: DataError.self) { try lines(of: damaged) }
  }

  @Test("reads the members of a zip archive, and tells a damaged one")
  func zip() throws {
    let members = try InputFile.contents(of: fixture("lobster.zip"))
    #expect(members.map(\.baseName).last == "ReadMe.txt")
    #expect(try lines(of: fixture("lobster.zip")).lines.count == 21)
    let cut = try scratch.file("cut.zip", Array(fixtureBytes("lobster.zip").prefix(700)))
    #expect(throws: DataError.self) { try lines(of: cut) }
    var bytes = try fixtureBytes("lobster.zip")
    bytes[100] ^= 0x55
    let damaged = try scratch.file("damaged.zip", bytes)
    #expect(throws: DataError.self) { try lines(of: damaged) }
  }

  @Test("says what is wrong with files that are absent, empty or of another format")
  func others() throws {
    #expect(throws: MissingInputError.self) { try InputFile.contents(of: "\(scratch.folder)/no") }
    let empty = try scratch.file("empty", "")
    #expect(throws: DataError("the file is empty", file: empty)) {
      try InputFile.contents(of: empty)
    }
    let zstd = try scratch.file("zstd", [0x28, 0xb5, 0x2f, 0xfd, 0, 0])
    #expect(throws: DataError.self) { try InputFile.contents(of: zstd) }
  }
}

@Suite("Line reader")
struct LineReaderTests {
  let scratch: Scratch
  init() throws { scratch = try Scratch() }

  @Test("cuts lines as a plain split does, whatever the block", arguments: UInt64(0)..<40)
  func againstSplit(seed: UInt64) throws {
    var random = SeededRandom(seed)
    let alphabet = Array("ab\r\n\n".utf8)
    let bytes = (0..<Int.random(in: 1...200, using: &random)).map { _ in
      alphabet.randomElement(using: &random)!
    }
    let path = try scratch.file("text", bytes)
    var expected = bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
    let endsOpen = !expected.last!.isEmpty
    if !endsOpen { expected.removeLast() }
    let texts = expected.map { line in
      String(decoding: line.last == 0x0d ? line.dropLast() : line, as: UTF8.self)
    }
    let found = try lines(of: path, block: Int.random(in: 1...40, using: &random))
    #expect(found.lines == texts)
    #expect(found.last == (endsOpen ? .endOfFile : .newline))
  }

  @Test("shows only the front of absurdly long lines, and goes on behind them")
  func longLines() throws {
    let long = String(repeating: "x", count: 5000)
    let path = try scratch.file("text", "first\n\(long)\nlast\n\(long)")
    let found = try lines(of: path, block: 64, maximumLine: 1000)
    #expect(found.lines.count == 4)
    #expect(found.lines[0] == "first")
    #expect(found.lines[1] == String(repeating: "x", count: 200))
    #expect(found.lines[2] == "last")
    #expect(found.last == .tooLong)
  }
}
