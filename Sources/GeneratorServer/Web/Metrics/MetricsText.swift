import Domain
import Foundation
import Storage

/// `/metrics` in Prometheus' text format (0.0.4).
enum MetricsText {
    static func render(_ web: Web) async throws -> String {
        var text = MetricLines()
        let counts = try await web.dependencies.builds.counts()
        text.head("kiln_builds", "gauge", "Builds by state.")
        for state in BuildState.Name.allCases {
            text.sample("kiln_builds", ["state": state.rawValue], Double(counts[state] ?? 0))
        }
        let lines = try await web.status.lines()
        text.head("kiln_provider_up", "gauge", "Whether a system that builds is up.")
        for line in lines { text.sample("kiln_provider_up", ["provider": line.provider], line.isUp ? 1 : 0) }
        text.head("kiln_builds_waiting", "gauge", "Builds that wait, by provider.")
        for line in lines { text.sample("kiln_builds_waiting", ["provider": line.provider], Double(line.waiting)) }
        text.head("kiln_builds_under_way", "gauge", "Builds under way, by provider.")
        for line in lines { text.sample("kiln_builds_under_way", ["provider": line.provider], Double(line.underWay)) }
        let outbox = try await web.dependencies.outbox.outboxSummary()
        MailMetrics.render(outbox, web.dependencies.mailLines(), at: web.now, to: &text)

        let answers = web.metrics.snapshot
        text.head("kiln_http_requests_total", "counter", "Answered requests by route and status.")
        for (key, sums) in answers {
            text.sample("kiln_http_requests_total", labels(key), Double(sums.requests))
        }
        text.head("kiln_http_seconds_total", "counter", "Time until the head of the answer, summed.")
        for (key, sums) in answers { text.sample("kiln_http_seconds_total", labels(key), sums.seconds) }
        text.head("kiln_event_streams", "gauge", "Open event streams.")
        text.sample("kiln_event_streams", [:], Double(web.metrics.openStreams))
        text.head("kiln_uptime_seconds", "gauge", "Time since the start.")
        text.sample("kiln_uptime_seconds", [:], Double((web.now - web.startedAt).wholeMilliseconds) / 1000)
        if let resident = residentBytes() {
            text.head("process_resident_memory_bytes", "gauge", "Resident memory.")
            text.sample("process_resident_memory_bytes", [:], Double(resident))
        }
        return text.text
    }

    private static func labels(_ key: WebMetrics.Key) -> KeyValuePairs<String, String> {
        ["method": key.method, "route": key.route, "status": String(key.status)]
    }

    /// From `/proc`.
    private static func residentBytes() -> Int64? {
        guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") }),
            let kilobytes = line.split(separator: " ").dropFirst().first.flatMap({ Int64($0) })
        else { return nil }
        return kilobytes * 1024
    }
}
