import ArgumentParser
import Foundation
import HogaCore
import HogaJobs

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run a workflow: import, features, evaluation, backtest and report from one file.",
    discussion: """
      Example: hoga run Examples/demo.yaml --set features.every=500ms --set seed=2 \\
        --out runs/half
      """)

  @Argument(help: "The workflow's YAML file; Docs/workflow.md describes it.")
  var workflow: String
  @Option(name: .customLong("set"), help: "Change a setting: key.path=value. May be repeated.")
  var settings: [String] = []
  @Option(help: "The folder for results; runs/<name> where not given.")
  var out: String?
  @OptionGroup var output: JSONOption

  func run() throws {
    Console.run { monitor in
      try runWorkflow(
        workflow, settings: settings, out: out, output: output, monitor: monitor)
    }
  }
}

struct DemoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Run the main job on the bundled Binance capture, to a report.",
    discussion: "Example: hoga demo --out runs/demo")

  @Option(help: "The folder for results.")
  var out: String = "runs/demo"
  @OptionGroup var output: JSONOption

  func run() throws {
    Console.run { monitor in
      try runWorkflow(
        try BundledExample.path("demo.yaml"), settings: [], out: out, output: output,
        monitor: monitor)
    }
  }
}

private func runWorkflow(
  _ path: String, settings: [String], out: String?, output: JSONOption, monitor: JobMonitor
) throws {
  try runWorkflow(
    try WorkflowFile.load(path: path, settings: settings), out: out, output: output,
    monitor: monitor)
}

/// Runs a workflow, however it was described, and shows its summary and where the report is.
///
/// - Parameter out: the folder for results; `runs/<name>` where not given.
func runWorkflow(
  _ workflow: some RunnableWorkflow, out: String?, output: JSONOption, monitor: JobMonitor
) throws {
  let began = ContinuousClock.now
  let folder = out ?? "runs/\(workflow.name)"
  let metrics = try workflow.run(
    folder: folder, producer: commandLine, monitor: monitor, say: Console.say)
  let seconds = (ContinuousClock.now - began).inSeconds
  output.show(
    metrics,
    "\n\(type(of: workflow).summary(metrics))\n\nDone in \(NumberText.seconds(seconds)). "
      + "Report: \(folder)/report.html")
}

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Make a run's report again from its files, and print its summary.",
    discussion: "Example: hoga report runs/demo")

  @Argument(help: "The run's folder.")
  var folder: String
  @OptionGroup var output: JSONOption

  func run() throws {
    Console.check {
      let (path, summary) = try WorkflowFile.report(on: folder)
      output.show(["report": .string(path)], "\(summary)\n\nReport: \(path)")
    }
  }
}
