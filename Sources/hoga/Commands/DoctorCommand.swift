import ArgumentParser
import Foundation
import HogaCore
import HogaJobs

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Check that the installation works, part by part.",
    discussion: "Exit code 69 where something is missing.\n\nExample: hoga doctor --json")

  @OptionGroup var output: JSONOption

  func run() throws {
    let findings = Doctor().findings()
    var table = TextTable([("part", .left), ("", .left), ("what was found", .left)])
    for finding in findings {
      table.append([finding.name, finding.isFine ? "ok" : "MISSING", finding.detail])
    }
    let repairs = findings.filter { !$0.isFine }.map { "\($0.name): \($0.repair)" }
    output.show(
      [
        "hoga": .string(HogaVersion.text),
        "findings": .array(
          findings.map {
            [
              "part": .string($0.name), "ok": .bool($0.isFine), "detail": .string($0.detail),
              "repair": .string($0.repair),
            ]
          }),
      ],
      ([table.text] + (repairs.isEmpty ? [] : ["", "To repair:"] + repairs)).joined(separator: "\n")
    )
    if !repairs.isEmpty { Foundation.exit(69) }
  }
}
