internal import HogaCore
internal import HogaLearn
internal import HogaReport

/// What the features look like.
extension RunReport {
  func featureSection() throws -> ReportPage.Section {
    let used = (metrics["evaluation"]?["features"]).texts
    let names = used.isEmpty ? features.names.filter { $0 != "time" } : used
    let shown = chosenFeatures(names)
    var blocks: [ReportBlock] = [
      .paragraph(
        "\(names.count) features were offered to the models; the pictures show "
          + "\(shown.count) of them, at least one of each kind.")
    ]
    blocks += (metrics["evaluation"]?["notes"]).texts.map { .paragraph("Note: \($0).") }
    let histograms = try shown.prefix(12).map { name in
      (name: name, chart: Histogram(try features.doubles(name)) as any Chart)
    }
    blocks.append(
      .multiples(
        .init(
          "Distributions", subtitle: "whole sample; below each, median, quartiles, middle 90 %",
          charts: histograms)))
    let (correlations, rows) = try Matrix(features, columns: shown).correlations()
    blocks.append(
      .figure(
        .init(
          "Correlations",
          subtitle: "Pearson, over \(NumberText.count(rows)) rows where all are known",
          chart: HeatMap(
            rows: shown, columns: shown,
            values: shown.indices.map { row in
              Array(correlations[row * shown.count..<(row + 1) * shown.count])
            }, colors: .diverging(limit: 1)))))
    return ReportPage.Section(
      "Features", lead: "What the models see.", blocks: blocks)
  }

  /// At most twenty features: the first window of each kind, in the table's order.
  private func chosenFeatures(_ names: [String]) -> [String] {
    var kinds: Set<String> = []
    var chosen: [String] = []
    for name in names {
      // `ofi_20s` and `ofi_60s` are of one kind, and so are `imbalance_1` and `imbalance_5`.
      let kind = name.split(separator: "_").filter { !$0.contains(where: \.isNumber) }
        .joined(separator: "_")
      if kinds.insert(kind).inserted { chosen.append(name) }
    }
    return Array(chosen.prefix(20))
  }
}
