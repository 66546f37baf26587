import Testing

/// Names that break generators: the launcher shows each as it was typed, and each has a package of its own.
@Suite struct AppNamesTests {
    @Test func `every name is shown as typed, whatever it holds`() async throws {
        let names = try await EventData.expectations().names
        try await KilnServer.withApps { server in
            var packages: [String: String] = [:]
            var builds: [(name: String, id: String)] = []
            for (_, name) in names.sorted(by: { $0.key < $1.key }) {
                let zip = try await EventData.zip("name:\(name)")
                builds.append((name, try await server.submit(EventData.form(zip), to: "event-app")))
            }
            for (name, id) in builds {
                let build = try await server.told(id, within: .seconds(240))
                guard build.state == "succeeded" else {
                    Issue.record("\(name): \(build)")
                    continue
                }
                let facts = try await server.app(of: build).facts()
                // A name of 200 characters is cut, which shows.
                let isShown = facts.label == name || (name.count > 100 && facts.label.count >= 30)
                #expect(isShown, "\(name) is shown as \(facts.label)")
                #expect(facts.package.wholeMatch(of: /org\.kiln\.event\.[a-z][a-z0-9_]*/) != nil, "\(facts.package)")
                #expect(packages.updateValue(name, forKey: facts.package) == nil, "\(facts.package) is shared")
            }
        }
    }
}
