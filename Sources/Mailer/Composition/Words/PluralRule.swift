import Domain

/// Which form of a word goes with a number, for whole numbers (Unicode CLDR's cardinal rules; the languages that it does
/// not know have `one` for 1 and `other`).
enum PluralRule {
    static let categories = ["zero", "one", "two", "few", "many", "other"]

    static func category(of number: Int, in language: LanguageTag) -> String {
        let (tens, units) = (number % 100, number % 10)
        switch language.text.prefix(while: { $0 != "-" }) {
        case "zh", "ja", "ko", "vi", "th", "id", "ms", "lo", "my": return "other"
        case "fr", "hi", "bn", "fa", "gu", "pt": return number <= 1 ? "one" : "other"
        case "ru", "uk", "be", "sr", "hr", "bs":
            if units == 1, tens != 11 { return "one" }
            return (2...4).contains(units) && !(12...14).contains(tens) ? "few" : "many"
        case "pl":
            if number == 1 { return "one" }
            return (2...4).contains(units) && !(12...14).contains(tens) ? "few" : "many"
        case "cs", "sk": return number == 1 ? "one" : (2...4).contains(number) ? "few" : "other"
        case "ar":
            switch (number, tens) {
            case (0, _): return "zero"
            case (1, _): return "one"
            case (2, _): return "two"
            case (_, 3...10): return "few"
            case (_, 11...99): return "many"
            default: return "other"
            }
        default: return number == 1 ? "one" : "other"
        }
    }
}
