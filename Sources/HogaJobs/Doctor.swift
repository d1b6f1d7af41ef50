internal import Foundation
internal import HogaConfig
internal import HogaCore
internal import HogaLake
internal import HogaLearn

/// Checks that the installation works, by using each part for real.
public struct Doctor: Sendable {
  public struct Finding: Sendable {
    public var name: String
    public var isFine: Bool
    /// What was found, or what went wrong.
    public var detail: String
    /// What to do about it; empty where all is well.
    public var repair: String
  }

  public init() {}

  public func findings() -> [Finding] {
    [
      machine(), parquet(), hdf5(), trees(), zones(), example(), data(),
    ]
  }

  private func check(
    _ name: String, repair: String, _ body: () throws -> String
  ) -> Finding {
    do {
      return Finding(name: name, isFine: true, detail: try body(), repair: "")
    } catch {
      return Finding(name: name, isFine: false, detail: "\(error)", repair: repair)
    }
  }

  private func machine() -> Finding {
    check("machine", repair: "free memory or disk space") {
      let info = ProcessInfo.processInfo
      let attributes = try FileManager.default.attributesOfFileSystem(
        forPath: FileManager.default.currentDirectoryPath)
      let free = (attributes[.systemFreeSize] as? NSNumber)?.int64Value ?? 0
      guard free > 1_000_000_000 else {
        throw ResourceError("only \(NumberText.bytes(free)) are free on this disk")
      }
      return "\(info.activeProcessorCount) cores, \(NumberText.bytes(info.physicalMemory)) memory, "
        + "\(NumberText.bytes(free)) free here"
    }
  }

  private func parquet() -> Finding {
    check("Parquet", repair: "./hoga setup") {
      let path = temporary("parquet")
      defer { try? FileManager.default.removeItem(atPath: path) }
      let frame = Frame([
        ("time", .timestamp([1, 2])), ("price", .decimal([6_180_010, 6_180_020], scale: 2)),
      ])
      let writer = try ParquetWriter(path: path, schema: frame.schema, metadata: [:])
      try writer.append(frame)
      try writer.commit()
      guard try ParquetFile(path).read() == frame else {
        throw DataError("a table read back differs from what was written")
      }
      return "a table was written and read back"
    }
  }

  private func hdf5() -> Finding {
    check("HDF5", repair: "./hoga setup") {
      let path = temporary("h5")
      defer { try? FileManager.default.removeItem(atPath: path) }
      let frame = Frame([("time", .timestamp([1, 2])), ("price", .double([1, 2.5]))])
      try HDF5File.write(frame, to: path)
      guard try HDF5File.read(path).frame == frame else {
        throw DataError("a table read back differs from what was written")
      }
      return "a table was written and read back"
    }
  }

  private func trees() -> Finding {
    check("LightGBM", repair: "./hoga setup") {
      let x = Matrix(columns: [("x", (0..<64).map(Double.init))])
      let learner = LightGBM(rounds: 4, minimumRowsPerLeaf: 4, threads: 1)
      let model = try learner.fit(x, (0..<64).map { $0 < 32 ? -1 : 1 })
      let forecast = try model.predict(x)
      guard forecast[0] < 0, forecast[63] > 0 else {
        throw DataError("a model did not learn a step")
      }
      return "a model was fitted"
    }
  }

  private func zones() -> Finding {
    check("time zones", repair: "sudo apt-get install tzdata") {
      for name in ["America/New_York", "Asia/Seoul", "America/Chicago"]
      where TimeZone(identifier: name) == nil {
        throw MissingInputError("\(name) is not known")
      }
      return "the venues' zones are known"
    }
  }

  private func example() -> Finding {
    check("bundled data", repair: "git checkout Examples") {
      var count = 0
      for name in ["demo.yaml", "cross-section.yaml", "kimchi.yaml"] {
        let files = try WorkflowFile.load(path: BundledExample.path(name)).importedFiles
        for file in files where !FileManager.default.fileExists(atPath: file) {
          throw MissingInputError("\(file) is not there")
        }
        count += files.count
      }
      return "the examples' \(count) files are there"
    }
  }

  /// Larger data is a choice, so its absence is no fault.
  private func data() -> Finding {
    let folder = ProcessInfo.processInfo.environment["HOGA_DATA"]
    return Finding(
      name: "HOGA_DATA", isFine: true,
      detail: folder ?? "not set; some tests are skipped without it", repair: "")
  }

  private func temporary(_ kind: String) -> String {
    NSTemporaryDirectory() + "/hoga-doctor-\(ProcessInfo.processInfo.processIdentifier).\(kind)"
  }
}

/// Files that come with the checkout, found from the program's own place.
public enum BundledExample {
  /// - Throws: `MissingInputError` where the program does not lie in a checkout.
  public static func path(_ name: String) throws -> String {
    let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    var folder = program.deletingLastPathComponent()
    while folder.path != "/" {
      let file = folder.appendingPathComponent("Examples/\(name)").path
      if FileManager.default.fileExists(atPath: file) { return file }
      folder.deleteLastPathComponent()
    }
    throw MissingInputError("Examples/\(name) is not above \(program.path)")
  }
}
