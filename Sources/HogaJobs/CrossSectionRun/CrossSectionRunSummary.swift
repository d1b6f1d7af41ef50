internal import HogaCore

/// A cross-section run's results for a terminal: data, models beside baselines, verdicts.
struct CrossSectionRunSummary {
  private let metrics: JSONValue

  /// - Parameter metrics: the content of the run's `metrics.json`.
  init(_ metrics: JSONValue) { self.metrics = metrics }

  var text: String {
    [heading, StudySummary(metrics["study"] ?? .null).text].joined(separator: "\n\n")
  }

  private var heading: String {
    let section = metrics["cross_section"]
    let days = section["days"].list
    let rows = days.reduce(0) { $0 + $1.int("rows") }
    let symbols = days.map { $0.int("symbols") }.max() ?? 0
    let study = metrics["study"]
    let ranges = study?["ranges"]
    return "\(symbols) symbols of \(section.string("venue")), \(days.count) days of minutes: "
      + "\(NumberText.count(rows)) rows of \(CrossSectionRunSummary.features(section))\n"
      + "trained on \(Self.days(ranges.string("train"))), chosen on "
      + "\(Self.days(ranges.string("validate"))), tested on \(Self.days(ranges.string("test")))"
  }

  /// `240 features`, and how many have their inputs where not all do.
  static func features(_ section: JSONValue?) -> String {
    let (all, usable) = (section.int("features"), section.int("features_with_inputs"))
    return "\(NumberText.count(all)) features"
      + (usable < all ? ", \(NumberText.count(usable)) of which have their inputs" : "")
  }

  /// `2025-05-27:2025-06-02` as `2025-05-27 – 2025-06-02`.
  static func days(_ range: String) -> String {
    let ends = range.split(separator: ":")
    return ends.count == 2 && ends[0] != ends[1]
      ? "\(ends[0]) – \(ends[1])" : String(ends.first ?? "")
  }
}
