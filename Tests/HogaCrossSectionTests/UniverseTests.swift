import HogaCore
import HogaCrossSection
import HogaTestKit
import Testing

@Suite("Universes")
struct UniverseTests {
  private let first = CivilDate(year: 2024, month: 1, day: 1)!

  private func ranking(_ volumes: [[String: Double]?]) -> UniverseRanking {
    var days: [CivilDate: UniverseRanking.Day] = [:]
    for (index, day) in volumes.enumerated() {
      if let day { days[first.adding(days: index)] = .init(volumes: day) }
    }
    return UniverseRanking(days: days)
  }

  @Test("a day's list is made from the volume of the day before, ties by name")
  func dayBefore() throws {
    let ranking = ranking([
      ["C": 5, "B": 9, "A": 5, "D": 1], ["A": 1, "B": 2, "C": 3, "D": 4],
    ])
    let (universe, without) = try ranking.universe(
      first...first.adding(days: 1), top: 3, sameDay: false)
    #expect(universe.symbols(on: first.adding(days: 1)) == ["B", "A", "C"])
    #expect(universe.symbols(on: first) == nil && without == [first])
    #expect(!universe.isSameDay)
  }

  @Test("the volume of the day itself is used on request, and marked")
  func sameDay() throws {
    let ranking = ranking([["A": 1, "B": 2], ["A": 3, "B": 2]])
    let (universe, without) = try ranking.universe(
      first...first.adding(days: 1), top: 1, sameDay: true)
    #expect(
      universe.symbols(on: first) == ["B"] && universe.symbols(on: first.adding(days: 1)) == ["A"])
    #expect(without.isEmpty && universe.isSameDay && universe.rule == "same-day")
    #expect(
      universe.json.text(indented: false)
        == #"{"2024-01-01":["B"],"2024-01-02":["A"],"look_ahead":"same-day"}"#)
  }

  @Test("a symbol that is banned on the day is left out, and one that is new has no rank yet")
  func usable() {
    let ranking = ranking([["A": 5, "B": 4, "C": 3], ["B": 1, "C": 1, "D": 99]])
    #expect(ranking.symbols(on: first.adding(days: 1), top: 2, sameDay: false) == ["B", "C"])
  }

  @Test("a missing day leaves itself and the next without a list")
  func gap() throws {
    let ranking = ranking([["A": 1], nil, ["A": 1], ["A": 1]])
    let (universe, without) = try ranking.universe(
      first...first.adding(days: 3), top: 5, sameDay: false)
    #expect(universe.days.keys.sorted() == [first.adding(days: 3)])
    #expect(without == [first, first.adding(days: 1), first.adding(days: 2)])
  }

  @Test("volumes are summed by symbol; close times volume where there is no quote volume")
  func volumes() throws {
    let frame = Frame([
      ("symbol", .category(Categories(["A", "A", "B", "B"]))),
      ("quote", .double([2, 3, .nan, .nan])), ("close", .double([10, 10, 10, 20])),
      ("volume", .double([1, 1, 2, 3])),
    ])
    let day = try UniverseRanking.Day(minutes: frame)
    #expect(day.volumes == ["A": 5, "B": 80] && day.estimated == ["B"])
    #expect(throws: DataError.self) { try UniverseRanking.Day(minutes: frame.selecting(["quote"])) }
  }

  @Test("files are read back; the number of symbols comes from the name, else from the lists")
  func files() throws {
    let folder = try TemporaryFolder()
    let universe = try Universe(top: 3, days: [first: ["B", "A"]])
    try universe.write(to: folder(Universe.fileName(top: 3)))
    #expect(try Universe.read(folder("top3_universe.json")) == universe)
    let marked = try Universe(top: 2, isSameDay: true, days: [first: ["B", "A"]])
    try marked.write(to: folder("mine.json"))
    #expect(try Universe.read(folder("mine.json")) == marked)
    try folder.write(#"{"2024-01-01": ["A", "B", "C"]}"#, to: "top2_universe.json")
    let error = #expect(throws: DataError.self) { try Universe.read(folder("top2_universe.json")) }
    #expect(error?.file == folder("top2_universe.json"))
    try folder.write(#"{"look_ahead": "maybe"}"#, to: "odd.json")
    #expect(throws: DataError.self) { try Universe.read(folder("odd.json")) }
    #expect(throws: MissingInputError.self) { try Universe.read(folder("none.json")) }
  }

  @Test("lists agree with a slow sort, whatever the volumes", arguments: 0..<20)
  func property(seed: UInt64) {
    var random = SeededRandom(seed)
    func day() -> [String: Double] {
      var volumes: [String: Double] = [:]
      for code in 0..<12 where Int.random(in: 0..<4, using: &random) > 0 {
        volumes["S\(code)"] = Double(Int.random(in: 0..<5, using: &random))
      }
      return volumes
    }
    let (yesterday, today) = (day(), day())
    let list = ranking([yesterday, today]).symbols(
      on: first.adding(days: 1), top: 4, sameDay: false)!
    var left = yesterday.filter { today[$0.key] != nil }
    for symbol in list {
      let most = left.values.max()!
      #expect(symbol == left.filter { $0.value == most }.keys.sorted()[0])
      left[symbol] = nil
    }
    #expect(list.count == min(4, list.count + left.count))
  }
}
