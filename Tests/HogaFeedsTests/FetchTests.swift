import Foundation
import HogaCore
import HogaFeeds
import HogaTestKit
import Synchronization
import Testing

@Suite("A download of symbols and days")
struct FetchTests {
  private typealias Reply = TestServer.Reply
  private static let today = day("2025-06-10")

  let folder: TemporaryFolder
  let clock = TestClock(today: FetchTests.today)
  init() throws { folder = try TemporaryFolder() }

  private func series(_ symbol: String, _ kind: FetchKind = .klines) -> ArchiveSeries {
    ArchiveSeries(market: .usdm, symbol: symbol, kind: kind, interval: .minute)
  }

  /// A server of archive, listing and REST API, each below a path of its own.
  private func serve(
    _ archive: FakeArchive, _ exchange: FakeExchange = FakeExchange(),
    _ answer: @escaping @Sendable (TestServer.Request) -> Reply? = { _ in nil }
  ) throws -> TestServer {
    try TestServer { request in
      if let reply = answer(request) { return reply }
      return request.path.hasPrefix("/rest") ? exchange.reply(request) : archive.reply(request)
    }
  }

  private func settings(
    _ server: TestServer, _ symbols: BinanceFetch.Symbols, _ first: String, _ last: String,
    _ kinds: [FetchKind] = [.klines], listing: Bool = true, rest: Bool = true
  ) -> BinanceFetch {
    var fetch = BinanceFetch(
      market: .usdm, symbols: symbols, dates: day(first)...day(last), kinds: kinds,
      folder: folder("mirror"))
    fetch.archiveURL = server.url + "/"
    fetch.listingURL = listing ? server.url + "/list" : nil
    fetch.restURL = rest ? server.url + "/rest" : nil
    fetch.workers = 3
    fetch.http.proxy = ""
    fetch.clock = clock.clock
    return fetch
  }

  /// Expects that every visible file is equal to its checksum, and nothing hidden is left.
  private func expectWhole() throws {
    let mirror = try Mirror(root: folder("mirror"))
    for file in folder.files("mirror") {
      #expect(!file.contains("/."))
      guard !file.hasSuffix(".CHECKSUM") else { continue }
      guard case .verified = try mirror.state(of: file) else {
        Issue.record("\(file) is not verified")
        continue
      }
    }
  }

  @Test("whole months come as one file, other days by themselves, and a second run fetches nothing")
  func monthsAndDays() throws {
    var archive = FakeArchive()
    archive.pageSize = 7
    for symbol in ["AUSDT", "BUSDT"] {
      archive.add(series(symbol), day("2025-03-20")...day("2025-05-04"))
      archive.add(series(symbol).file(.month(of: day("2025-04-01"))))
      archive.add(series(symbol, .funding).file(.month(of: day("2025-04-01"))))
      archive.add(series(symbol, .metrics), day("2025-03-30")...day("2025-05-02"))
    }
    let server = try serve(archive)
    defer { server.stop() }
    let fetch = settings(
      server, .named(["BUSDT", "AUSDT"]), "2025-03-30", "2025-05-02", [.metrics, .klines],
      rest: false)
    let monitor = JobMonitor()
    let report = try fetch.run(monitor: monitor)
    try expectWhole()
    #expect(report.symbols == ["AUSDT", "BUSDT"])
    #expect(report.failures.isEmpty && report.lacking.isEmpty && report.notes.isEmpty)
    let klines = report.files.filter { $0.symbol == "AUSDT" && $0.kind == .klines }
    #expect(
      klines.map { $0.path.split(separator: "/").last ?? "" } == [
        "AUSDT-1m-2025-03-30.zip", "AUSDT-1m-2025-03-31.zip", "AUSDT-1m-2025-04.zip",
        "AUSDT-1m-2025-05-01.zip", "AUSDT-1m-2025-05-02.zip",
      ])
    #expect(report.files.count { $0.kind == .metrics } == 68)
    #expect(report.fetched == 78 && report.kept == 0)
    #expect(report.paths(of: .klines).map(\.symbol) == ["AUSDT", "BUSDT"])
    // The monitor ended on what the listing had promised.
    #expect(monitor.snapshot.activity == "fetching, 2 of 2 symbols")
    #expect(monitor.snapshot.done == monitor.snapshot.total && monitor.snapshot.unit == "bytes")

    let before = server.log.count
    let again = try fetch.run(monitor: JobMonitor())
    #expect(server.log.count == before)
    #expect(again.fetched == 0 && again.kept == 78 && again.requests == 0)
    #expect(again.files.map(\.path) == report.files.map(\.path))
    #expect(server.mostRunning <= 3)
  }

  @Test(
    "without a table of contents files are asked for by name, months falling back to their days")
  func probing() throws {
    var archive = FakeArchive()
    archive.add(series("AUSDT"), day("2025-05-03")...day("2025-05-31"))
    let server = try serve(archive)
    defer { server.stop() }
    let report = try settings(
      server, .named(["AUSDT"]), "2025-05-01", "2025-06-01", listing: false, rest: false
    ).run(monitor: JobMonitor())
    try expectWhole()
    #expect(report.fetched == 29)
    #expect(report.lacking.map(\.days) == [2, 1])
    #expect(report.lacking.first?.reason == "not in the archive")
  }

  @Test("all symbols come from the archive, the delisted ones too, and dated contracts do not")
  func allSymbols() throws {
    var archive = FakeArchive()
    archive.pageSize = 2
    archive.add(series("AUSDT"), day("2025-04-01")...day("2025-04-20"))
    archive.add(series("GONEUSDT"), day("2025-04-01")...day("2025-04-10"))
    archive.add(series("EARLYUSDT"), day("2025-01-01")...day("2025-01-10"))
    archive.add(series("BTCUSDT_250926"), day("2025-04-01")...day("2025-04-20"))
    archive.add(series("币安人生USDT"), day("2025-04-08")...day("2025-04-20"))
    let server = try serve(archive, FakeExchange(traded: ["AUSDT": day("2025-01-01")...Self.today]))
    defer { server.stop() }
    let report = try settings(server, .all, "2025-04-09", "2025-04-12").run(monitor: JobMonitor())
    try expectWhole()
    #expect(report.symbols == ["AUSDT", "GONEUSDT", "币安人生USDT"])
    #expect(report.fetched == 4 + 2 + 4)
    #expect(report.lacking.map(\.symbol) == ["GONEUSDT"])
    #expect(report.lacking.map(\.days) == [2])
    #expect(report.notes == ["1 symbols have no files in these days"])
  }

  @Test("where the table of contents is out of reach, all are those that trade, and it is said")
  func survivors() throws {
    var archive = FakeArchive()
    archive.add(series("AUSDT"), day("2025-04-01")...day("2025-04-20"))
    let server = try serve(
      archive, FakeExchange(traded: ["AUSDT": day("2025-01-01")...Self.today])
    ) { $0.path == "/list" ? .text("<html>blocked</html>", "text/html") : nil }
    defer { server.stop() }
    let report = try settings(server, .all, "2025-04-09", "2025-04-12").run(monitor: JobMonitor())
    #expect(report.symbols == ["AUSDT"] && report.fetched == 4)
    #expect(report.notes.count == 2)
    #expect(report.notes.first?.contains("survivors only") == true)
    #expect(report.notes.last?.contains("blocked") == true)
    #expect(server.count("/list") == 1)
  }

  @Test("what the archive lacks comes from the REST API in the archive's layout")
  func fillIn() throws {
    var archive = FakeArchive()
    archive.add(series("AUSDT"), day("2025-06-01")...day("2025-06-07"))
    archive.files[series("AUSDT").file(.day(day("2025-06-04")))] = nil
    let exchange = FakeExchange(
      traded: ["AUSDT": day("2025-01-01")...Self.today], oldest: day("2025-05-12"))
    let server = try serve(archive, exchange)
    defer { server.stop() }
    // Today and later are not over.
    let fetch = settings(
      server, .named(["AUSDT"]), "2025-06-03", "2025-06-20", FetchKind.allCases)
    let report = try fetch.run(monitor: JobMonitor())
    try expectWhole()
    #expect(report.dates.upperBound == day("2025-06-09"))
    #expect(report.failures.isEmpty && report.lacking.isEmpty)
    #expect(report.fetched == 4 && report.told == 3 + 7 * 3)
    func text(_ kind: FetchKind, _ date: String) throws -> [Substring] {
      let name = series("AUSDT", kind).restFile(day(date))
      return try TextFile.read(folder("mirror/" + name)).split(separator: "\n")
    }
    let klines = try text(.klines, "2025-06-04")
    let open = day("2025-06-04").start.nanoseconds / 1_000_000
    #expect(klines.count == 1_441 && klines[0] == RESTTable.klineHeader)
    #expect(klines[1] == "\(open),1.\(open % 997),3,0.5,2.50,7,\(open + 59_999),14.0,5,3,6,0")
    #expect(klines[1_440].hasPrefix("\(open + 1_439 * 60_000),"))
    #expect(try text(.premium, "2025-06-09").count == 1_441)
    let funding = try text(.funding, "2025-06-04")
    #expect(
      funding == [
        "calc_time,funding_interval_hours,last_funding_rate", "\(open),8,0.0001",
        "\(open + 28_800_000),8,0.0001", "\(open + 57_600_000),8,0.0001",
      ])
    let metrics = try text(.metrics, "2025-06-09")
    #expect(metrics.count == 289)
    #expect(metrics[1] == "2025-06-09 00:00:00,AUSDT,10.5,20.25,3,2,3,1.5")
    #expect(metrics[288] == "2025-06-09 23:55:00,AUSDT,10.5,20.25,3,2,3,1.5")
    let before = server.log.count
    let again = try fetch.run(monitor: JobMonitor())
    #expect(server.log.count == before)
    #expect(again.kept == report.files.count)
  }

  @Test("pages of the REST API are put together without a gap")
  func pages() throws {
    let server = try TestServer { request in
      guard !request.path.hasPrefix("/none") else { return .status(404) }
      // As the spot market: at most 1,000 a page.
      #expect(request.query["limit"] == "1000")
      return FakeExchange(traded: ["AUSDT": day("2025-01-01")...Self.today]).reply(request)
    }
    defer { server.stop() }
    var fetch = settings(
      server, .named(["AUSDT"]), "2025-06-01", "2025-06-01", listing: false)
    fetch.market = .spot
    fetch.archiveURL = server.url + "/none"
    let report = try fetch.run(monitor: JobMonitor())
    #expect(report.told == 1)
    let lines = try TextFile.read(#require(report.files.first).path).split(separator: "\n")
    let times = lines.compactMap { Int64($0.prefix { $0 != "," }) }
    let open = day("2025-06-01").start.nanoseconds / 1_000_000
    #expect(times == (0..<1_440).map { open + Int64($0) * 60_000 })
    #expect(server.count("api/v3/klines") == 2)
  }

  @Test("days before a symbol's first and after its last cost two requests a stretch, not one each")
  func strangers() throws {
    let archive = FakeArchive()
    let traded = day("2025-03-10")...day("2025-03-12")
    let server = try serve(archive, FakeExchange(traded: ["AUSDT": traded]))
    defer { server.stop() }
    let report = try settings(
      server, .named(["AUSDT", "TYPOUSDT"]), "2025-03-01", "2025-03-12"
    ).run(monitor: JobMonitor())
    #expect(report.told == 3)
    #expect(
      report.lacking.map { "\($0.symbol) \($0.first)" } == [
        "AUSDT 2025-03-01", "TYPOUSDT 2025-03-01",
      ])
    #expect(server.count("/rest") == 3 + 2 + 2)
    #expect(throws: MissingInputError.self) {
      try settings(server, .named(["TYPOUSDT"]), "2025-03-01", "2025-03-12")
        .run(monitor: JobMonitor())
    }
  }

  @Test("positioning older than the exchange keeps it is not asked for")
  func oldMetrics() throws {
    let server = try serve(FakeArchive(), FakeExchange(traded: [:]))
    defer { server.stop() }
    do {
      _ = try settings(server, .named(["AUSDT"]), "2025-04-01", "2025-04-03", [.metrics])
        .run(monitor: JobMonitor())
      Issue.record("there is nothing")
    } catch let error as MissingInputError {
      #expect(error.description.contains("keeps 30 days"))
    }
    #expect(server.count("/rest") == 0)
  }

  @Test("one file that cannot be had is reported, and all others are there")
  func partial() throws {
    var archive = FakeArchive()
    for symbol in ["AUSDT", "BUSDT", "CUSDT"] {
      archive.add(series(symbol), day("2025-06-01")...day("2025-06-05"))
    }
    let server = try serve(archive) { request in
      if request.path.hasSuffix("BUSDT-1m-2025-06-03.zip") { return .status(500) }
      if request.path.hasSuffix("CUSDT-1m-2025-06-01.zip") { return .text("<html>") }
      return nil
    }
    defer { server.stop() }
    var reports: [FetchReport] = []
    for workers in [1, 4] {
      var fetch = settings(server, .named(["AUSDT", "BUSDT", "CUSDT"]), "2025-06-01", "2025-06-05")
      fetch.workers = workers
      fetch.folder = folder("mirror\(workers)")
      reports.append(try fetch.run(monitor: JobMonitor()))
    }
    for report in reports {
      #expect(report.files.count == 13 && report.lacking.isEmpty)
      #expect(
        report.failures.map { "\($0.symbol) \($0.first)" } == [
          "BUSDT 2025-06-03", "CUSDT 2025-06-01",
        ])
      #expect(report.failures.map(\.reason) == reports.first?.failures.map(\.reason))
      #expect(report.failures.first?.reason.contains("6 attempts") == true)
    }
    #expect(folder.files("mirror1") == folder.files("mirror4"))
    #expect(server.mostRunning <= 4)
  }

  @Test("a ban stops all workers until it is over")
  func ban() throws {
    let isBanned = Mutex(false)
    let tooEarly = Mutex(0)
    let clock = clock
    let exchange = FakeExchange(
      traded: ["AUSDT": day("2025-01-01")...Self.today, "BUSDT": day("2025-01-01")...Self.today])
    let server = try serve(FakeArchive(), exchange) { request in
      guard request.path.hasPrefix("/rest") else { return nil }
      let isFirst = isBanned.withLock { banned in
        defer { banned = true }
        return !banned
      }
      if isFirst { return .status(418, [("Retry-After", "200")]) }
      // Those that were under way already may still come; none after them.
      if clock.now < .seconds(200) { tooEarly.withLock { $0 += 1 } }
      return nil
    }
    defer { server.stop() }
    var fetch = settings(server, .named(["AUSDT", "BUSDT"]), "2025-06-01", "2025-06-06")
    fetch.workers = 2
    let report = try fetch.run(monitor: JobMonitor())
    #expect(report.told == 12)
    #expect(tooEarly.withLock { $0 } <= 1)
    #expect(clock.waits.contains { $0 == .seconds(200) })
  }

  @Test("workers together stay below the exchange's weight, by their own count and by its")
  func weight() throws {
    let clock = clock
    let arrivals = Mutex<[TimeSpan]>([])
    let exchange = FakeExchange(traded: ["AUSDT": day("2025-01-01")...Self.today])
    let server = try serve(FakeArchive(), exchange) { request in
      if request.path.hasPrefix("/rest") { arrivals.withLock { $0.append(clock.now) } }
      return nil
    }
    defer { server.stop() }
    var fetch = settings(
      server, .named(["AUSDT"]), "2025-05-20", "2025-06-08", [.klines, .premium])
    fetch.limits = [.weight: RateBudget.Limit(50, per: .seconds(60))]
    fetch.workers = 4
    let report = try fetch.run(monitor: JobMonitor())
    #expect(report.told == 40)
    // A day costs ten: five a minute go out. While one of the other three workers' is on its way,
    // the clock may have moved, so that it arrives in the next minute.
    let times = arrivals.withLock { $0 }.sorted()
    #expect(times.count == 40)
    #expect(times.last ?? .zero >= .seconds(420))
    for (index, time) in times.enumerated() {
      #expect(times[index...].prefix { $0 < time + .seconds(60) }.count <= 8)
    }
    let header = try serve(FakeArchive(), exchange) { request in
      guard request.path.hasPrefix("/rest") else { return nil }
      var reply = exchange.reply(request)
      reply.headers.append(("X-MBX-USED-WEIGHT-1M", "2399"))
      return reply
    }
    defer { header.stop() }
    let before = clock.waits.count
    var second = settings(header, .named(["AUSDT"]), "2025-06-01", "2025-06-03")
    second.folder = folder("second")
    second.workers = 1
    _ = try second.run(monitor: JobMonitor())
    #expect(clock.waits.count == before + 2)
  }

  @Test("a ban longer than can be waited for ends the asking, and what there is stays")
  func longBan() throws {
    var archive = FakeArchive()
    archive.add(series("AUSDT"), day("2025-06-01")...day("2025-06-03"))
    let server = try serve(archive) { request in
      request.path.hasPrefix("/rest") ? .status(418, [("Retry-After", "259200")]) : nil
    }
    defer { server.stop() }
    let report = try settings(server, .named(["AUSDT"]), "2025-06-01", "2025-06-09")
      .run(monitor: JobMonitor())
    #expect(report.fetched == 3 && report.failures.count == 6)
    #expect(report.failures.allSatisfy { $0.reason.contains("259200") })
    #expect(server.count("/rest") <= 3)
  }

  @Test("answers of the REST API that cannot be right are refused")
  func badAnswers() throws {
    let open = day("2025-06-01").start.nanoseconds / 1_000_000
    for (text, words) in [
      ("<html>", "no use"), ("{}", "no list"), ("[[1,2]]", "twelve"),
      ("[[\(open - 60_000),1,1,1,1,1,1,1,1,1,1,1]]", "another time"),
      (#"{"code":0,"msg":"maintenance"}"#, "no list"),
    ] {
      let server = try serve(FakeArchive()) { $0.path.hasPrefix("/rest") ? .text(text) : nil }
      defer { server.stop() }
      let report = try settings(server, .named(["AUSDT"]), "2025-06-01", "2025-06-01")
        .run(monitor: JobMonitor())
      #expect(report.files.isEmpty && report.failures.count == 1)
      let reason = report.failures.first?.reason ?? ""
      #expect(reason.contains(words), "\(reason)")
    }
    #expect(folder.files("mirror") == [])
  }

  @Test("servers that are not there are given up soon, for all files at once")
  func outOfReach() throws {
    let server = try serve(FakeArchive())
    let fetch = settings(
      server, .named(["AUSDT", "BUSDT"]), "2025-01-01", "2025-05-31")
    server.stop()
    usleep(20_000)
    var patient = fetch
    patient.workers = 1
    let report = try patient.run(monitor: JobMonitor())
    #expect(report.files.isEmpty && !report.failures.isEmpty)
    #expect(report.requests <= 50)
    #expect(report.failures.allSatisfy { !$0.reason.isEmpty })
    #expect(report.notes.contains { $0.contains("table of contents") })
  }

  @Test(
    "cancelled in the middle, all visible files are whole, and the next run has only the rest to do"
  )
  func cancelled() throws {
    var archive = FakeArchive()
    archive.add(series("AUSDT"), day("2025-05-01")...day("2025-05-30"), bytes: 20_000)
    let monitor = JobMonitor()
    let server = try serve(archive) { request in
      if request.path.hasSuffix("2025-05-15.zip") { monitor.cancel() }
      return nil
    }
    defer { server.stop() }
    let fetch = settings(server, .named(["AUSDT"]), "2025-05-01", "2025-05-30")
    #expect(throws: JobMonitor.Cancelled.self) { try fetch.run(monitor: monitor) }
    try expectWhole()
    let there = folder.files("mirror").count { $0.hasSuffix(".zip") }
    #expect(there >= 5 && there < 20)
    let report = try fetch.run(monitor: JobMonitor())
    #expect(report.kept == there && report.fetched == 30 - there)
  }

  @Test("settings without sense are refused before anything is asked")
  func senseless() throws {
    let server = try serve(FakeArchive())
    defer { server.stop() }
    let good = settings(server, .named(["AUSDT"]), "2025-06-01", "2025-06-02")
    func expectUsage(_ change: (inout BinanceFetch) -> Void) {
      var fetch = good
      change(&fetch)
      #expect(throws: UsageError.self) { try fetch.run(monitor: JobMonitor()) }
    }
    expectUsage { $0.workers = 0 }
    expectUsage { $0.kinds = [] }
    expectUsage { $0.folder = "" }
    expectUsage { $0.symbols = .named([]) }
    expectUsage { $0.symbols = .named(["../AUSDT"]) }
    expectUsage { $0.symbols = .named(["ausdt"]) }
    expectUsage { $0.archiveURL = "file:///etc" }
    expectUsage { $0.restURL = "https://" }
    expectUsage { $0.dates = Self.today...Self.today }
    expectUsage { $0.dates = day("0001-01-01")...Self.today }
    expectUsage {
      $0.market = .spot
      $0.kinds = [.metrics]
    }
    #expect(server.log.isEmpty && folder.files() == [])
  }
}
