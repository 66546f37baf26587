import Foundation

/// What a played Jenkins knows: one job's queue and builds. Numbers count up as Jenkins' do.
struct JenkinsState: Sendable {
    struct Item: Sendable {
        var id: Int64
        var parameters: [String: String]
        var isCancelled = false
        var build: Int64?
    }

    struct Build: Sendable {
        var number: Int64
        var parameters: [String: String]
        var isBuilding = true
        var result: String?
        var log: [UInt8] = []
        /// By path.
        var artifacts: [(path: String, bytes: [UInt8])] = []
        var stages: [(name: String, status: String)] = []
        var isStopping = false
    }

    var items: [Item] = []
    var builds: [Build] = []
    /// The crumb of each session.
    var crumbs: [String: String] = [:]
    /// Of the job; others are dropped without a word.
    var defined = ["KILN_ATTEMPT", "KILN_URL", "GREETING"]
    var isBuildable = true
    var hasJob = true
    var isPipeline = true
    var asksForCrumbs = true
    var canShowStages = true
    /// Old versions answer 404 when they have cancelled an item.
    var cancelAnswer = 204
    private var lastItem: Int64 = 40

    /// Puts a build into the queue, or finds the item that waits there with the same parameters.
    mutating func schedule(_ given: [String: String]) -> Int64 {
        let parameters = given.filter { defined.contains($0.key) }
        if let same = items.first(where: { $0.build == nil && !$0.isCancelled && $0.parameters == parameters }) {
            return same.id
        }
        lastItem += 1
        items.append(Item(id: lastItem, parameters: parameters))
        return lastItem
    }

    /// An executor takes the attempt's item.
    mutating func begin(_ attempt: String) {
        guard let place = items.firstIndex(where: { $0.parameters["KILN_ATTEMPT"] == attempt && $0.build == nil }),
            !items[place].isCancelled
        else { return }
        let number = (builds.map(\.number).max() ?? 0) + 1
        items[place].build = number
        builds.append(Build(number: number, parameters: items[place].parameters))
    }

    mutating func change(_ attempt: String, _ body: (inout Build) -> Void) {
        guard let place = builds.lastIndex(where: { $0.parameters["KILN_ATTEMPT"] == attempt }) else { return }
        body(&builds[place])
    }

    mutating func end(_ attempt: String, _ result: String) {
        change(attempt) {
            $0.isBuilding = false
            $0.result = result
        }
    }

    mutating func restart(_ attempt: String) {
        guard let old = builds.last(where: { $0.parameters["KILN_ATTEMPT"] == attempt }) else { return }
        builds.append(Build(number: (builds.map(\.number).max() ?? 0) + 1, parameters: old.parameters))
    }

    // MARK: - As JSON

    /// Passwords are shown without their values.
    private static func actions(_ parameters: [String: String]) -> [Any] {
        let shown = parameters.sorted { $0.key < $1.key }.map { name, value -> [String: Any] in
            name == "KILN_URL"
                ? ["_class": "hudson.model.PasswordParameterValue", "name": name]
                : ["_class": "hudson.model.StringParameterValue", "name": name, "value": value]
        }
        return [
            ["_class": "hudson.model.CauseAction", "causes": [["shortDescription": "Started by user kiln"]]],
            [String: Any](), ["_class": "hudson.model.ParametersAction", "parameters": shown],
        ]
    }

    func json(_ item: Item) -> [String: Any] {
        var json: [String: Any] = [
            "_class": item.build == nil && !item.isCancelled
                ? "hudson.model.Queue$BuildableItem" : "hudson.model.Queue$LeftItem",
            "id": item.id, "blocked": false, "buildable": true, "stuck": false, "inQueueSince": 1_795_000_000,
            "why": item.build == nil ? "Waiting for next available executor" : NSNull(),
            "actions": Self.actions(item.parameters), "task": ["name": "wallpaper"],
        ]
        if item.build != nil || item.isCancelled { json["cancelled"] = item.isCancelled }
        if let build = item.build { json["executable"] = ["number": build] }
        return json
    }

    func json(_ build: Build) -> [String: Any] {
        [
            "_class": isPipeline ? "org.jenkinsci.plugins.workflow.job.WorkflowRun" : "hudson.model.FreeStyleBuild",
            "number": build.number, "building": build.isBuilding, "result": build.result ?? NSNull(),
            "actions": Self.actions(build.parameters),
            "artifacts": build.artifacts.map { path, _ in
                [
                    "displayPath": path, "relativePath": path,
                    "fileName": path.split(separator: "/").last.map { String($0) } ?? "",
                ]
            },
        ]
    }

    var job: [String: Any] {
        [
            "_class": "org.jenkinsci.plugins.workflow.job.WorkflowJob", "name": "wallpaper",
            "buildable": isBuildable, "allBuilds": builds.reversed().map { json($0) },
            "actions": [[String: Any]()],
            "property": [
                [
                    "_class": "hudson.model.ParametersDefinitionProperty",
                    "parameterDefinitions": defined.map {
                        [
                            "name": $0,
                            "type": $0 == "KILN_URL" ? "PasswordParameterDefinition" : "StringParameterDefinition",
                        ]
                    },
                ]
            ],
        ]
    }
}
