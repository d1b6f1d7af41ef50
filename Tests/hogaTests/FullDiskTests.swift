import Foundation
import HogaTestKit
import Testing

@Suite("A full disk")
struct FullDiskTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  @Test(
    "stops an import with 74 and the file's name, and nothing is left",
    .enabled(if: geteuid() == 0, "only root may mount a small disk"))
  func fullDisk() throws {
    guard let small = try SmallDisk(at: folder("disk")) else { return }
    let disk = small.path
    try folder.hoga(
      "import", "binance-raw", Repository.capture("usdm.gz"), "--market", "usdm", "--symbol",
      "BTCUSDT", "--lake", "disk/lake"
    ).expect(exitCode: 0)
    let before = folder.snapshot("disk/lake")
    // The whole of the capture that the small one is cut from, under the same name.
    try FileManager.default.copyItem(
      atPath: Repository.file("Examples/data/binance-btc/usdm_btcusdt_20240808.gz"),
      toPath: folder("usdm.gz"))
    try folder.hoga(
      "import", "binance-raw", "usdm.gz", "--market", "usdm", "--symbol", "BTCUSDT", "--lake",
      "disk/lake"
    ).expectFailure(74, saying: "part-0.parquet", "No space left on device")
    expectEqual(folder.snapshot("disk/lake"), before)

    // What the other commands write, on a disk without room for anything.
    try folder.makeFeatures()
    fill(disk)
    let full = folder.snapshot("disk")
    let learn = ["--features", "features.parquet", "--horizon", "500ms", "--model", "ridge"]
    let commands: [([String], String)] = [
      (["features"] + TemporaryFolder.market + ["--out", "disk/f.parquet"], "disk/f.parquet"),
      (["train", "--out", "disk/m.json"] + learn, "disk/m.json"),
      (["evaluate", "--folds", "2", "--out", "disk/p.parquet"] + learn, "disk/p.parquet"),
    ]
    for (command, file) in commands {
      try CommandLineRun(command, in: folder.path).expectFailure(
        74, saying: file, "No space left on device")
      expectEqual(folder.snapshot("disk"), full)
    }
  }

  /// Writes zeros until nothing fits any more.
  private func fill(_ disk: String) {
    let file = open(disk + "/filler", O_CREAT | O_WRONLY, 0o600)
    defer { close(file) }
    let zeros = [UInt8](repeating: 0, count: 4_096)
    while write(file, zeros, zeros.count) > 0 {}
  }
}
