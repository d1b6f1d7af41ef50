import Foundation
import HogaCore
import HogaImport
import HogaLake

// Measures the whole import of raw captures on one core: two passes of unpacking, parsing, sequence
// rules, Parquet and its way to the disk.
//
//   taskset -c 0 importbench FILE… usdm|spot|coinm SYMBOL REPEATS
let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count >= 4, let repeats = Int(arguments[arguments.count - 1]),
  let market = BinanceRawImporter.Market(rawValue: arguments[arguments.count - 3])
else {
  print("importbench FILE… usdm|spot|coinm SYMBOL REPEATS")
  exit(64)
}
let files = Array(arguments.dropLast(3))
let folder = NSTemporaryDirectory() + "importbench-\(getpid())"
defer { try? FileManager.default.removeItem(atPath: folder) }
let clock = ContinuousClock()
for index in 0..<repeats {
  let importer = BinanceRawImporter(
    market: market, symbol: arguments[arguments.count - 2], onError: .stop, replace: true)
  var report: ImportReport?
  let time = try clock.measure { report = try importer.run(files: files, into: Lake(root: folder)) }
  let seconds =
    Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
  if index == 0 { print(report!) }
  print("\(seconds) s, \(Double(report!.bytes) / seconds / 1e6) MB/s of text")
}
