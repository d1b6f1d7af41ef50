import Foundation
import HogaCore

/// Where a measurement ran.
struct Machine {
  /// At the program's start: other work on the machine, before our own.
  private let load: String

  /// - Note: make it before measuring.
  init() {
    let text = try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8)
    load = text?.split(separator: " ").prefix(3).joined(separator: " ") ?? "unknown"
  }

  var json: JSONValue {
    [
      "cpu": .string(Self.processor), "cores": .int(Int64(ProcessInfo.processInfo.processorCount)),
      "cores_allowed": .int(Int64(Self.allowedCores)), "load_before": .string(load),
      "compiler": .string(Self.compiler), "system": .string(Self.system),
      "peak_memory_mb": .double((Self.peakMemory / 1e5).rounded() / 10),
    ]
  }

  private static var processor: String {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    return line?.split(separator: ":").last?.trimmingCharacters(in: .whitespaces) ?? "unknown"
  }

  /// How many processors the process may run on: one under `taskset -c 1`.
  private static var allowedCores: Int { ProcessInfo.processInfo.activeProcessorCount }

  private static var system: String { ProcessInfo.processInfo.operatingSystemVersionString }

  private static var compiler: String {
    #if compiler(>=6.4)
      "Swift 6.4 or later"
    #elseif compiler(>=6.3)
      "Swift 6.3"
    #else
      "Swift 6.2"
    #endif
  }

  private static var peakMemory: Double { Double(rusage.ofProcess.ru_maxrss) * 1024 }

  /// Prints what was measured as one JSON document.
  func report(_ name: String, _ measurements: [Measurement]) {
    let document: JSONValue = [
      "program": .string("hoga-bench \(name)"), "machine": json,
      "measurements": .array(measurements.map(\.json)),
    ]
    print(document.text(), terminator: "")
  }
}
