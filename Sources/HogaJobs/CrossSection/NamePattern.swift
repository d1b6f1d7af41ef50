/// A name, or a pattern with `*` for any letters and `?` for one: `x_*_neut`.
struct NamePattern: Hashable, Sendable {
  let text: String
  private let letters: [Character]

  init(_ text: String) {
    self.text = text
    letters = Array(text)
  }

  func matches(_ name: String) -> Bool {
    let name = Array(name)
    var place = 0
    var letter = 0
    // Where the last star is, and how much of the name it has taken so far.
    var star: Int?
    var taken = 0
    while place < name.count {
      if letter < letters.count, letters[letter] == "*" {
        star = letter
        taken = place
        letter += 1
      } else if letter < letters.count, letters[letter] == "?" || letters[letter] == name[place] {
        place += 1
        letter += 1
      } else if let star {
        taken += 1
        place = taken
        letter = star + 1
      } else {
        return false
      }
    }
    return letters[letter...].allSatisfy { $0 == "*" }
  }
}
