import Foundation
import Recipes
import TestSupport
import Testing

struct RecipeFuzzTests {
    @Test func `a damaged recipe is reported, and never ends the process`() throws {
        let fixture = try RecipeFixture()
        let folder = try fixture.write(RecipeLoaderTests.full)
        let original = Array(RecipeLoaderTests.full.utf8)
        let marks = Array("[]{}()*+?\\|^$:,&!'\"#%@`<>=-~ \n\t0".utf8)
        var generator = SplitMix(state: 7)
        let rounds = ProcessInfo.processInfo.environment["RECIPE_FUZZ_ROUNDS"].flatMap(Int.init) ?? 100
        var damaged = 0
        for _ in 0..<rounds {
            var bytes = original
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: bytes[place] = marks[Int.random(in: 0..<marks.count, using: &generator)]
                case 1: bytes.insert(marks[Int.random(in: 0..<marks.count, using: &generator)], at: place)
                case 2: bytes.removeSubrange(place..<min(bytes.count, place + 5))
                default: bytes[place] = UInt8.random(in: 0...255, using: &generator)
                }
            }
            try Data(bytes).write(to: URL(filePath: "\(folder)/recipe.yml"))
            let loaded = fixture.load()
            // Whatever is taken has no errors, and whatever is refused has one.
            #expect(loaded.recipes.isEmpty == loaded.hasErrors, "\(String(decoding: bytes, as: UTF8.self))")
            if loaded.hasErrors { damaged += 1 }
        }
        #expect(damaged > rounds / 4)
    }
}

/// A small generator whose numbers are the same every time.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
