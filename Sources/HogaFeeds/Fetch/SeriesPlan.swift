internal import HogaCore
internal import Synchronization

/// What is to be done for one symbol and kind.
struct SeriesPlan: Sendable {
  struct Wanted: Sendable {
    var period: ArchivePeriod
    /// `nil` where the archive's table of contents was not to be had; then it may not exist.
    var bytes: Int64?
  }

  var series: ArchiveSeries
  /// Files that are there and verified.
  var held: [FetchReport.File] = []
  var wanted: [Wanted] = []
  /// Days that the archive does not have.
  var lacking: [CivilDate] = []
}

/// Decides which files a series needs: what is there is kept, whole months come as one file.
struct SeriesPlanner: Sendable {
  let dates: ClosedRange<CivilDate>
  /// The first day that is not over.
  let today: CivilDate
  let mirror: Mirror
  /// `nil` where there is none to ask; then every file is asked for by its name.
  let archive: BinanceArchive?
  /// Why the listing is asked no more.
  let listingProblem: ListingProblem

  final class ListingProblem: Sendable {
    private let text = Mutex<String?>(nil)
    var reason: String? { text.withLock { $0 } }
    func set(_ reason: String) { text.withLock { $0 = $0 ?? reason } }
  }

  func plan(_ series: ArchiveSeries) throws -> SeriesPlan {
    var plan = SeriesPlan(series: series)
    var months: [ArchivePeriod] = []
    var days: [CivilDate] = []
    for month in self.months(of: dates) {
      let asked = month.days.filter { dates.contains($0) }
      let isWhole = series.kind == .funding || asked.count == month.days.count
      if series.kind.hasMonthly, isWhole, month.last < today {
        if let held = try held(series, month) {
          plan.held.append(held)
          continue
        }
        let heldDays = try asked.map { try heldDay(series, $0) }
        if heldDays.allSatisfy({ $0 != nil }) {
          plan.held += heldDays.compactMap { $0 }
        } else {
          months.append(month)
        }
      } else {
        for day in asked {
          if let held = try heldDay(series, day) {
            plan.held.append(held)
          } else {
            days.append(day)
          }
        }
      }
    }
    try want(months, days, &plan)
    plan.wanted.sort { $0.period < $1.period }
    return plan
  }

  private func want(
    _ months: [ArchivePeriod], _ days: [CivilDate], _ plan: inout SeriesPlan
  ) throws {
    var days = days
    let listedMonths = try listing(plan.series, months)
    for month in months {
      guard let listed = listedMonths else {
        plan.wanted.append(SeriesPlan.Wanted(period: month, bytes: nil))
        continue
      }
      if let bytes = listed[plan.series.stem(month) + ".zip"] {
        plan.wanted.append(SeriesPlan.Wanted(period: month, bytes: bytes))
      } else {
        for day in month.days where dates.contains(day) {
          if let held = try heldDay(plan.series, day) {
            plan.held.append(held)
          } else {
            days.append(day)
          }
        }
      }
    }
    days.sort()
    guard plan.series.kind.hasDaily else {
      plan.lacking = days
      return
    }
    let listed = try listing(plan.series, days.map { .day($0) })
    for day in days {
      guard let listed else {
        plan.wanted.append(SeriesPlan.Wanted(period: .day(day), bytes: nil))
        continue
      }
      if let bytes = listed[plan.series.stem(.day(day)) + ".zip"] {
        plan.wanted.append(SeriesPlan.Wanted(period: .day(day), bytes: bytes))
      } else {
        plan.lacking.append(day)
      }
    }
  }

  private func listing(
    _ series: ArchiveSeries, _ periods: [ArchivePeriod]
  ) throws -> [String: Int64]? {
    guard let first = periods.first, let last = periods.last, let archive,
      listingProblem.reason == nil
    else { return nil }
    do {
      return try archive.files(series, from: first, to: last)
    } catch let problem as FetchProblem {
      listingProblem.set(problem.description)
      return nil
    }
  }

  func months(of dates: ClosedRange<CivilDate>) -> [ArchivePeriod] {
    var months: [ArchivePeriod] = []
    var day = dates.lowerBound
    while day <= dates.upperBound {
      let month = ArchivePeriod.month(of: day)
      months.append(month)
      day = month.last.adding(days: 1)
    }
    return months
  }

  private func held(_ series: ArchiveSeries, _ period: ArchivePeriod) throws -> FetchReport.File? {
    let file = series.file(period)
    guard case .verified(let bytes) = try mirror.state(of: file) else { return nil }
    return FetchReport.File(
      symbol: series.symbol, kind: series.kind, first: period.first, last: period.last,
      source: .archive, path: mirror.path(file), bytes: bytes, isNew: false)
  }

  private func heldDay(_ series: ArchiveSeries, _ day: CivilDate) throws -> FetchReport.File? {
    if series.kind.hasDaily, let held = try held(series, .day(day)) { return held }
    let file = series.restFile(day)
    guard case .verified(let bytes) = try mirror.state(of: file) else { return nil }
    return FetchReport.File(
      symbol: series.symbol, kind: series.kind, first: day, last: day, source: .rest,
      path: mirror.path(file), bytes: bytes, isNew: false)
  }
}
