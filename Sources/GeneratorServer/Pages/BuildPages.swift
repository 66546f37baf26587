import Domain
import Hummingbird
import Storage

/// Gathers what a build's page shows.
struct BuildPages {
    let web: Web
    /// Of the log, on the page.
    private static let tailBytes = 32 * 1024

    func page(_ snapshot: BuildSnapshot, _ request: Request, _ context: WebContext) async throws -> BuildPage {
        let build = snapshot.build
        let areFilesGone = build.filesRemovedAt != nil
        // Read before the log, as the event stream does, so that what the page shows is what its cursor says.
        let timeline = try await timeline(snapshot)
        let reader = LogReader(logs: web.dependencies.logs, build: build.id, keepsColors: true)
        let tail =
            areFilesGone
            ? LogReader.Tail(text: "", isCut: false, end: 0, size: 0)
            : try await reader.tail(length: Self.tailBytes, isComplete: build.state.isTerminal)
        return BuildPage(
            frame: web.frame(request, context), build: build, recipe: snapshot.recipe,
            recipeTitle: snapshot.recipe?.title ?? build.recipe.text, statusLine: web.buildView.line(snapshot),
            explanation: BuildExplanation.text(snapshot),
            percent: snapshot.summary.map(\.percent) ?? BuildView.percent(build.state),
            queue: snapshot.queue, etaSeconds: snapshot.etaSeconds, timeline: timeline,
            deliveries: snapshot.deliveries, inputs: InputLines.lines(build.inputs, recipe: snapshot.recipe),
            targets: snapshot.group.map { target($0, snapshot) }, summary: snapshot.summary,
            target: name(of: build, snapshot), label: BuildView.label(build, in: snapshot),
            artifacts: products(of: build), pictures: pictures(of: build), filesAreGone: areFilesGone,
            log: BuildPage.LogTail(text: tail.text, isCut: tail.isCut, size: tail.size),
            links: web.buildView.links(snapshot),
            lastEventID: EventCursor(sequence: snapshot.sequence, logOffset: tail.end).description,
            confirmBy: snapshot.confirmBy)
    }

    private func target(_ build: Build, _ snapshot: BuildSnapshot) -> BuildPage.Target {
        BuildPage.Target(
            build: build, name: name(of: build, snapshot) ?? build.id.text,
            label: BuildView.label(build, in: snapshot), artifacts: products(of: build),
            pictures: pictures(of: build), url: web.siteMap.build(build.id))
    }

    private func name(of build: Build, _ snapshot: BuildSnapshot) -> String? {
        build.target.map { snapshot.recipe?.label(ofTarget: $0) ?? $0 }
    }

    private func products(of build: Build) -> [BuildPage.ArtifactLine] {
        build.state == .succeeded ? lines(of: build, .product) : []
    }

    private func pictures(of build: Build) -> [BuildPage.ArtifactLine] { lines(of: build, .picture) }

    private func lines(of build: Build, _ role: Artifact.Role) -> [BuildPage.ArtifactLine] {
        guard build.filesRemovedAt == nil else { return [] }
        return build.artifacts.filter { $0.role == role }.map { artifact in
            BuildPage.ArtifactLine(
                artifact: artifact, url: web.siteMap.artifact(artifact.name, of: build.id), expiresAt: build.expiresAt)
        }
    }

    /// What the snapshot knows of already; of several builds in the order of time.
    private func timeline(_ snapshot: BuildSnapshot) async throws -> [BuildPage.TimelineLine] {
        var lines: [BuildPage.TimelineLine] = []
        for build in snapshot.told {
            let entries = try await web.dependencies.builds.timeline(of: build.id, after: 0)
            let provider = build.state.run?.provider ?? build.runs.last?.provider ?? build.provider
            lines += entries.filter { $0.sequence <= build.sequence }.map { entry in
                BuildPage.TimelineLine(
                    entry: entry, target: snapshot.group.isEmpty ? nil : name(of: build, snapshot), provider: provider,
                    wasNeverConfirmed: build.wasNeverConfirmed)
            }
        }
        guard !snapshot.group.isEmpty else { return lines }
        // The one acceptance is told once. Equal times stay in the order of the builds.
        let others = lines.enumerated().filter {
            $0.offset == 0 || $0.element.entry.event != TimelineEntry.Fact.accepted.rawValue
        }
        return others.sorted { ($0.element.entry.at, $0.offset) < ($1.element.entry.at, $1.offset) }.map { line in
            var line = line.element
            if line.entry.event == TimelineEntry.Fact.accepted.rawValue { line.target = nil }
            return line
        }
    }
}
