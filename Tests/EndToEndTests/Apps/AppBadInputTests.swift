import Foundation
import TestSupport
import Testing

/// Data that no app can be made of: a clear no with what, where and how to mend it, and nothing left behind (P6, P8).
@Suite struct AppBadInputTests {
    private static let path = "/recipes/event-app/builds"

    @Test func `every bad zip is refused before the queue, each fault in words`() async throws {
        let expected = try await EventData.expectations().bad
        try await KilnServer.withApps { server in
            for (name, words) in expected.sorted(by: { $0.key < $1.key }) {
                let zip = try await EventData.zip("bad:\(name)")
                let answer = try await server.http.post(Self.path, EventData.form(zip), patience: 60)
                #expect([413, 415, 422].contains(answer.status), "\(name): \(answer.status) \(answer.text)")
                let said = answer.text.lowercased()
                for word in words {
                    // As JSON writes it, slashes perhaps escaped.
                    let found = said.replacingOccurrences(of: "\\/", with: "/").contains(word)
                    #expect(found, "\(name) has to name \(word): \(answer.text)")
                }
                #expect(
                    answer.faults["data"] != nil || answer.status != 422, "\(name): the field is named: \(answer.text)")
                #expect(!said.contains("traceback") && !said.contains("/kiln/"), "\(name): plain words: \(answer.text)")
            }
            try await server.expectNothingKept()
            #expect(server.mail.messages.isEmpty)
            let peak = try server.peakMemory()
            #expect(peak < 200 << 20, "P6: \(peak)")
        }
    }

    @Test func `neither data nor an address is refused, and both fields are named`() async throws {
        try await KilnServer.withApps { server in
            let answer = try await server.http.post(Self.path, EventData.form())
            #expect(answer.status == 422, "\(answer.text)")
            #expect(answer.text.contains("endpoint") && answer.text.contains("data"), "\(answer.text)")
            try await server.expectNothingKept()
        }
    }

    @Test func `a page of people shows the faults beside the form`() async throws {
        let zip = try await EventData.zip("bad:two-faults")
        try await KilnServer.withApps { server in
            let answer = try await server.http.post(Self.path, EventData.form(zip), ["Accept": "text/html"])
            #expect(answer.status == 422)
            #expect(answer.text.contains("98") && answer.text.contains("yesterday"), "all of them at once")
            #expect(answer.text.contains("ada@example.org"), "what was typed is kept")
        }
    }
}
