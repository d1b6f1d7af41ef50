import Foundation
import HogaCore
import HogaLake
import HogaTestKit
import Testing

/// That h5py and pandas open these files is checked by `Scripts/check_hdf5.py`.
@Suite("HDF5")
struct HDF5Tests {
  /// Symbols and times in front, then numbers of every kind, drawn from a seed.
  private func frame(_ rows: Int, seed: UInt64, index: Int = 2) throws -> Frame {
    var random = RandomFrames(seed)
    let other = random.frame(rows: rows, nulls: seed % 2 == 0 ? 0 : 0.2)
    var generator = SeededRandom(seed)
    var frame = Frame()
    if index > 1 {
      frame.append(
        "symbol",
        .category(Categories((0..<rows).map { "S\($0 / 7)가" })))
    }
    if index > 0 {
      frame.append("time", .timestamp((0..<rows).map { Int64($0 % 7) * 60_000_000_000 }))
    }
    for name in ["real", "small", "flag", "price"] {
      frame.append(name, try other.column(name))
    }
    frame.append("at", try other.column("time"))
    frame.append(
      "whole",
      .int64(
        (0..<rows).map { _ in
          generator.uniform() < (seed % 2 == 0 ? 0 : 0.2)
            ? Column.missing : Int64.random(in: -1_000_000...1_000_000, using: &generator)
        }))
    return frame
  }

  @Test("what is written is read with its types, nulls and metadata", arguments: UInt64(0)..<8)
  func roundTrip(seed: UInt64) throws {
    let folder = try TemporaryFolder()
    for (rows, index) in [(1, 2), (7, 0), (100, 1), (40_000, 2)] {
      let frame = try frame(rows, seed: seed, index: index)
      let metadata = ["hoga.universe": "day-before", "text": "한글 \"quoted\""]
      try HDF5File.write(frame, to: folder("a.h5"), metadata: metadata)
      let (read, pairs) = try HDF5File.read(folder("a.h5"))
      #expect(read.hasSameCells(as: frame))
      #expect(read.schema == frame.schema)
      #expect(pairs == metadata)
    }
    #expect(folder.files() == ["a.h5"])
  }

  @Test("equal frames give equal bytes")
  func deterministic() throws {
    let folder = try TemporaryFolder()
    let frame = try frame(500, seed: 4)
    try HDF5File.write(frame, to: folder("a.h5"))
    try HDF5File.write(frame, to: folder("b.h5"))
    let files = folder.snapshot()
    #expect(files["a.h5"] == files["b.h5"])
  }

  @Test("numbers take much less than eight bytes where they repeat")
  func packed() throws {
    let folder = try TemporaryFolder()
    let frame = Frame([
      ("time", .timestamp((0..<100_000).map { Int64($0) })),
      ("x", .double((0..<100_000).map { Double($0 % 10) })),
    ])
    try HDF5File.write(frame, to: folder("a.h5"))
    let size = try #require(folder.snapshot()["a.h5"]??.count)
    #expect(size < 400_000)
  }

  @Test("frames that pandas' layout cannot hold are refused")
  func refused() throws {
    let folder = try TemporaryFolder()
    let texts = Column.category(Categories(["a", "b"]))
    let frames = [
      Frame([("x", .double([])), ("y", .double([]))]),
      Frame([("symbol", texts)]),
      Frame([("x", .double([1, 2])), ("symbol", texts)]),
      Frame([("x", .int64([Column.missing, (1 << 53) + 1]))]),
    ]
    for frame in frames {
      #expect(throws: UsageError.self) { try HDF5File.write(frame, to: folder("a.h5")) }
    }
    #expect(throws: UsageError.self) {
      try HDF5File.write(Frame([("x", .double([1]))]), to: folder("a.h5"), key: "a/b")
    }
    #expect(folder.files().isEmpty)
  }

  @Test("files of others, and files that changed, are refused and do no harm")
  func foreign() throws {
    let folder = try TemporaryFolder()
    #expect(throws: MissingInputError.self) { try HDF5File.read(folder("none.h5")) }
    try HDF5File.write(try frame(300, seed: 2), to: folder("a.h5"))
    let bytes = try #require(folder.snapshot()["a.h5"] ?? nil)
    #expect(throws: DataError.self) { try HDF5File.read(folder("a.h5"), key: "other") }

    let signature = Data([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a])
    try (signature + Data(count: 2000)).write(to: URL(fileURLWithPath: folder("b.h5")))
    let error = #expect(throws: DataError.self) { try HDF5File.read(folder("b.h5")) }
    #expect(error?.reason.contains("another program") ?? false)
    for text in ["", "x", String(repeating: "hoga hdf5 1 ", count: 100)] {
      try folder.write(text, to: "b.h5")
      #expect(throws: DataError.self) { try HDF5File.read(folder("b.h5")) }
    }
    var random = SeededRandom(9)
    for _ in 0..<300 {
      var changed = bytes
      let place = Int.random(in: 0..<changed.count, using: &random)
      if random.uniform() < 0.3 {
        changed = changed.prefix(place)
      } else {
        changed[place] ^= UInt8.random(in: 1...255, using: &random)
      }
      try changed.write(to: URL(fileURLWithPath: folder("b.h5")))
      // Behind the first line of the user's block nothing is read.
      if changed.count == bytes.count, place < 512, place > 60 { continue }
      #expect(throws: DataError.self) { try HDF5File.read(folder("b.h5")) }
    }
  }

  @Test("a full disk is said to be full, and nothing is left behind")
  func fullDisk() throws {
    let folder = try TemporaryFolder()
    guard let disk = try SmallDisk(at: folder("disk")) else { return }
    var random = SeededRandom(3)
    let frame = Frame([("x", .double((0..<1_000_000).map { _ in random.uniform() }))])
    #expect(throws: ResourceError.self) { try HDF5File.write(frame, to: disk.path + "/a.h5") }
    #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path).isEmpty)
  }
}
