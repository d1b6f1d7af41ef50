internal import HogaCore
internal import HogaReport

extension ReportBlock {
  /// What a model uses, from the JSON of its `Importance`; `nil` for a model that does not say.
  ///
  /// - Parameter coefficients: how coefficients are written, which are in the label's unit.
  static func importance(
    _ title: String, _ importance: JSONValue?, coefficients: NumberFormat = .significant(3)
  ) -> ReportBlock? {
    guard let importance, importance != .null else { return nil }
    let values = importance["values"].list
    let measure = Importance.Measure(rawValue: importance.string("measure"))
    let used = "\(importance.int("used")) of \(importance.int("of")) features used"
    guard !values.isEmpty else {
      return .paragraph("**\(title)**: no feature is used; the forecast is a constant.")
    }
    return .figure(
      .init(
        title, subtitle: "\(measure?.meaning ?? ""); \(used)",
        chart: HorizontalBarChart(
          values.map { .init($0.string("feature"), $0.double("value")) },
          format: measure == .gain ? .percent(1) : coefficients, limit: 12)))
  }
}
