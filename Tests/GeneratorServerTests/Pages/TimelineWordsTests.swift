import Domain
import Testing

@testable import GeneratorServer

@Suite struct TimelineWordsTests {
    @Test func `everything that can happen has words of its own`() {
        let names = BuildEvent.Name.allCases.map(\.rawValue) + TimelineEntry.Fact.allCases.map(\.rawValue)
        for name in names {
            let entry = TimelineEntry(
                sequence: 1, at: Timestamp(milliseconds: 0), state: .queued, event: name, note: nil)
            for provider in ["local", "github"] {
                let text = TimelineWords.text(
                    BuildPage.TimelineLine(entry: entry, target: nil, provider: provider))
                #expect(!text.contains(name) && text.first?.isUppercase == true, "\(name): \(text)")
            }
        }
    }

    @Test func `a fetched file is named`() {
        let entry = TimelineEntry(
            sequence: 1, at: Timestamp(milliseconds: 0), state: .running, event: "inputFetched", note: "sky.png")
        let line = BuildPage.TimelineLine(entry: entry, target: nil, provider: "github")
        #expect(TimelineWords.text(line) == "The build system fetched sky.png")
    }

    @Test func `a line says its note, and its target where there are several`() {
        let entry = TimelineEntry(
            sequence: 1, at: Timestamp(milliseconds: 0), state: .running, event: "phaseChanged", note: "Packing",
            percent: 40)
        let line = BuildPage.TimelineLine(entry: entry, target: "64-bit PC", provider: "github")
        #expect(TimelineWords.text(line) == "64-bit PC: 40%: Packing")
    }
}
