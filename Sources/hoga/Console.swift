import Dispatch
import Foundation
import HogaConfig
import HogaCore
import HogaJobs

/// What every command shares with its user: progress, Ctrl-C, exit codes.
enum Console {
  /// Runs work with a progress line on a terminal, stops it on Ctrl-C, and turns errors into
  /// messages and exit codes after sysexits.h.
  static func run(_ work: (JobMonitor) throws -> Void) {
    let monitor = JobMonitor()
    let interrupts = onInterrupt { monitor.cancel() }
    let progress = ProgressLine(monitor)
    do {
      try work(monitor)
      progress.stop()
    } catch {
      progress.stop()
      fail(error)
    }
    for source in interrupts { source.cancel() }
  }

  /// Runs quick work that needs neither progress nor Ctrl-C.
  static func check(_ work: () throws -> Void) {
    do { try work() } catch { fail(error) }
  }

  /// Prints the error and ends the program.
  static func fail(_ error: any Error) -> Never {
    let code: Int32
    switch error {
    case is UsageError: code = 64
    case let error as DataError where error.file == ConfigNode.commandLine: code = 64
    case is DataError: code = 65
    case is MissingInputError: code = 66
    case is ResourceError: code = 74
    case is JobMonitor.Cancelled: code = 130
    case let found as FindingsError:
      // The findings are already printed.
      exit(found.exitCode)
    default: code = 70
    }
    write(error: "hoga: \(error)")
    exit(code)
  }

  /// Says on a terminal what was done; quiet elsewhere.
  static func say(_ text: String) {
    guard isatty(STDERR_FILENO) == 1 else { return }
    write(error: "\r\u{1B}[2K" + text)
  }

  static func write(error text: String) {
    FileHandle.standardError.write(Data((text + "\n").utf8))
  }

  private static func onInterrupt(_ action: @escaping @Sendable () -> Void)
    -> [any DispatchSourceSignal]
  {
    [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)  // the source below receives it instead
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler(handler: action)
      source.resume()
      return source
    }
  }
}

/// The work was done and its result says that the data is wrong.
struct FindingsError: Error {
  var exitCode: Int32 = 65
}

/// Redraws one line on a terminal: activity, share, rate, time left. Quiet elsewhere.
private final class ProgressLine {
  private let timer: (any DispatchSourceTimer)?
  private let queue = DispatchQueue(label: "progress")

  init(_ monitor: JobMonitor) {
    guard isatty(STDERR_FILENO) == 1, ProcessInfo.processInfo.environment["TERM"] != "dumb" else {
      timer = nil
      return
    }
    let timer = DispatchSource.makeTimerSource(queue: queue)
    // Only the timer's own serial queue touches these.
    nonisolated(unsafe) var stage = -1
    nonisolated(unsafe) var began = DispatchTime.now()
    timer.schedule(deadline: .now() + .milliseconds(300), repeating: .milliseconds(100))
    timer.setEventHandler {
      let snapshot = monitor.snapshot
      guard snapshot.stage > 0 else { return }
      if unsafe snapshot.stage != stage {
        unsafe stage = snapshot.stage
        unsafe began = .now()
      }
      let seconds =
        unsafe Double(DispatchTime.now().uptimeNanoseconds - began.uptimeNanoseconds) / 1e9
      let line = Self.text(snapshot, seconds: seconds)
      FileHandle.standardError.write(Data("\r\u{1B}[2K\(line)".utf8))
    }
    timer.resume()
    self.timer = timer
  }

  func stop() {
    guard let timer else { return }
    timer.cancel()
    // On the timer's queue, after a line that it may be drawing right now.
    queue.sync { FileHandle.standardError.write(Data("\r\u{1B}[2K".utf8)) }
  }

  private static func text(_ snapshot: JobMonitor.Snapshot, seconds: Double) -> String {
    // A rate over an instant says nothing.
    let rate = seconds > 0.3 ? Double(snapshot.done) / seconds : 0
    let isBytes = snapshot.unit == "bytes"
    func amount(_ value: Int64) -> String {
      isBytes ? NumberText.bytes(value) : NumberText.count(value)
    }
    var text = "  \(snapshot.activity)"
    if let total = snapshot.total, total > 0 {
      let share = min(1, Double(snapshot.done) / Double(total))
      text += "  \(NumberText.percent(share, 0)) of \(amount(total))"
      if !isBytes { text += " \(snapshot.unit)" }
      if rate > 0 {
        text += "  \(amount(Int64(rate)))/s"
        text += "  \(NumberText.seconds(Double(total - snapshot.done) / rate)) left"
      }
    } else if snapshot.done > 0 {
      text += "  \(amount(snapshot.done)) \(isBytes ? "" : snapshot.unit)  \(amount(Int64(rate)))/s"
    }
    return text
  }
}
