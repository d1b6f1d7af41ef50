internal import HogaCore
internal import HogaReport

/// What a run read: coverage, what was imported, and what was left out on the way.
struct DataSection {
  /// The run's metrics: `coverage`, `imports` and the notes of `market`.
  let metrics: JSONValue

  var section: ReportPage.Section {
    var blocks: [ReportBlock] = []
    let coverage = metrics["coverage"].list
    if !coverage.isEmpty {
      blocks.append(
        .figure(
          .init(
            "When there are events",
            subtitle:
              "gaps: silences longer than ten seconds; stale: before a snapshot, or messages lost",
            chart: CoverageStrip(rows: coverageRows(coverage)))))
      blocks.append(.table(coverageTable(coverage)))
    }
    for report in metrics["imports"].list { blocks += importBlocks(report) }
    let notes = (metrics["market"]?["notes"]).texts
    if !notes.isEmpty { blocks.append(.list(notes)) }
    return ReportPage.Section(
      "Data", lead: "What was read, what was missing, what was left out.", blocks: blocks)
  }

  private func coverageRows(_ coverage: [JSONValue]) -> [CoverageStrip.Row] {
    coverage.map { entry in
      let spans = entry["spans"].list.compactMap { span -> CoverageStrip.Span? in
        let state: CoverageStrip.State =
          switch span.string("state") {
          case "gap": .gap
          case "stale": .stale
          default: .present
          }
        return .init(
          from: Timestamp(nanoseconds: span.int("from")),
          to: Timestamp(nanoseconds: span.int("to")),
          state)
      }
      return .init(
        entry.string("table"), spans: spans, note: NumberText.count(entry.int("rows")) + " rows")
    }
  }

  private func coverageTable(_ coverage: [JSONValue]) -> ReportTable {
    ReportTable(
      "Tables",
      columns: [
        .init("Table"), .init("Rows", .integer), .init("First"), .init("Last"),
        .init("Active seconds", .percent(1)), .init("Longest silence", .fixed(2), unit: "s"),
        .init("Feed gaps", .integer), .init("Size", .prefixed(3, unit: "B")),
      ],
      rows: coverage.map { entry in
        .init([
          .text(entry.string("table")), .number(entry.double("rows")),
          .text(RunReport.plain(entry.string("first"))),
          .text(RunReport.plain(entry.string("last"))),
          .number(entry.double("active_share")), .number(entry.double("longest_silence_s")),
          .number(entry.double("feed_gaps")), .number(entry.double("bytes")),
        ])
      })
  }

  private func importBlocks(_ report: JSONValue) -> [ReportBlock] {
    let files = report["files"].texts.map { $0.split(separator: "/").last.map(String.init) ?? $0 }
    var facts = [
      "Read \(NumberText.count(report.int("lines"))) lines, "
        + "\(NumberText.bytes(report.int("bytes"))) of text, from \(files.joined(separator: ", ")); "
        + "\(NumberText.count(report.int("rejected_rows"))) rows rejected, "
        + "\(report.int("gaps")) gaps in the depth feed."
    ]
    let shift = report.int("clock_shift_ns")
    if shift != 0 {
      facts.append(
        "Arrival times were shifted by \(NumberText.fixed(Double(shift) / 1e9, 3)) s: the local "
          + "clock ran behind the exchange's, and no message can arrive before it was sent.")
    }
    facts += report["notes"].texts
    var blocks: [ReportBlock] = [.list(facts)]
    let rejections = report["rejections"].list
    if !rejections.isEmpty {
      blocks.append(
        .table(
          ReportTable(
            "Rejected rows",
            columns: [.init("Reason"), .init("Rows", .integer), .init("First places")],
            rows: rejections.map {
              .init([
                .text($0.string("reason")), .number($0.double("count")),
                .text($0["examples"].texts.joined(separator: "; ")),
              ])
            })))
    }
    return blocks
  }
}
