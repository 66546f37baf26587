import Recipes
import Testing

struct SuggestionTests {
    @Test(arguments: [
        ("titel", "title"), ("tilte", "title"), ("Label", "label"), ("max-bytes", "max_bytes"),
        ("maxbytes", "max_bytes"),
        ("zebra", nil), ("", nil), ("x", nil),
    ])
    func `the nearest word is found, and none where none is near`(word: String, found: String?) {
        #expect(Suggestion.nearest(to: word, in: ["title", "label", "max_bytes", "help"]) == found)
    }
}
