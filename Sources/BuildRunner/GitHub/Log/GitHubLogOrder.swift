/// The order of the files in a run's log archive, which has both: `<n>_<job>.txt` with a whole job, and a folder
/// `<job>/` with `<n>_<step>.txt` for each step. Where a job has steps, they are taken, for their headings.
struct GitHubLogOrder {
    struct Part: Hashable {
        /// As the archive names it.
        var name: String
        /// `job / step`
        var heading: String
    }

    /// The parts to show, by the jobs' numbers and the steps' numbers.
    let parts: [Part]

    init(_ names: [String]) {
        var jobs: [String: Int] = [:]
        var whole: [String: String] = [:]
        var steps: [String: [(number: Int, step: String, name: String)]] = [:]
        for name in names.sorted() {
            let path = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            // `system.txt` and the like have no number: they tell of GitHub's machines.
            guard let last = path.last, let (number, title) = Self.numbered(last) else { continue }
            if path.count == 1 {
                jobs[title] = number
                whole[title] = name
            } else {
                steps[path.dropLast().joined(separator: "/"), default: []].append((number, title, name))
            }
        }
        parts = Set(whole.keys).union(steps.keys).sorted {
            (jobs[$0] ?? .max, $0) < (jobs[$1] ?? .max, $1)
        }.flatMap { job -> [Part] in
            guard let steps = steps[job] else { return whole[job].map { [Part(name: $0, heading: job)] } ?? [] }
            return steps.sorted { ($0.number, $0.name) < ($1.number, $1.name) }
                .map { Part(name: $0.name, heading: "\(job) / \($0.step)") }
        }
    }

    private static func numbered(_ file: String) -> (number: Int, title: String)? {
        guard file.hasSuffix(".txt"), let dash = file.firstIndex(of: "_"), let number = Int(file[..<dash]) else {
            return nil
        }
        return (number, String(file[file.index(after: dash)...].dropLast(4)))
    }
}
