import HogaCore
import HogaLearn
import Testing

@Suite("Search space")
struct SearchSpaceTests {
  @Test("a grid holds every combination once")
  func grid() throws {
    let space = try SearchSpace(["leaves=7,15", "rate=0.1,0.2,0.3"])
    let trials = try space.trials(.grid, count: nil, seed: 1)
    #expect(trials.count == 6 && Set(trials).count == 6)
    #expect(trials[1].text == "leaves=7 rate=0.2")
    #expect(throws: UsageError.self) { try space.trials(.grid, count: 5, seed: 1) }
    #expect(throws: UsageError.self) {
      try SearchSpace(["rate=0.1..0.3"]).trials(.grid, count: nil, seed: 1)
    }
  }

  @Test("random trials are distinct, in their ranges, and the same for a seed")
  func random() throws {
    let space = try SearchSpace(["leaves=7,15,31", "rate=0.01..0.3", "depth=2..9", "l2=0..5.5"])
    let trials = try space.trials(.random, count: 50, seed: 3)
    #expect(trials.count == 50 && Set(trials).count == 50)
    #expect(try space.trials(.random, count: 50, seed: 3) == trials)
    #expect(try space.trials(.random, count: 50, seed: 4) != trials)
    for trial in trials {
      let values = trial.settings.map(\.value)
      #expect((0.01...0.3).contains(Double(values[1]) ?? .nan))
      #expect((2...9).contains(Int(values[2]) ?? 0))
      #expect((0...5.5).contains(Double(values[3]) ?? .nan))
    }
    // Half of a logarithmic range lies below the geometric mean.
    let low = trials.count { (Double($0.settings[1].value) ?? 1) < 0.0548 }
    #expect((15...35).contains(low))
  }

  @Test("a small space is taken whole, and a narrow range as far as it goes")
  func small() throws {
    #expect(try SearchSpace(["a=1,2,3"]).trials(.random, count: 20, seed: 1).count == 3)
    #expect(try SearchSpace(["a=1..4"]).trials(.random, count: 20, seed: 1).count == 4)
  }

  @Test(
    "what is no space is refused",
    arguments: ["a", "=1", "a=", "a=1,,2", "a=1,1", "a=2..1", "a=x..1", "a=1..inf"])
  func refused(text: String) {
    #expect(throws: UsageError.self) { try SearchSpace([text]) }
    #expect(throws: UsageError.self) {
      try SearchSpace([String]()).trials(.grid, count: nil, seed: 1)
    }
    #expect(throws: UsageError.self) { try SearchSpace(["a=1", "a=2"]) }
  }
}
