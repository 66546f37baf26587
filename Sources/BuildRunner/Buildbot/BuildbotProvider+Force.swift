import Curl
import Domain
import Foundation
import Logging

extension BuildbotProvider {
    /// Requests looked through for one key: the newest ones, all since the build was accepted, but no more than the last.
    private static let page = 100
    private static let fewest = 200
    private static let most = 5000
    /// By how much the clocks of two machines may differ.
    private static let skew = Duration.seconds(86400)

    /// The newest request with the attempt's key. Somebody who has a build done again at Buildbot copies its properties:
    /// what they started is the attempt's run from then on.
    func request(
        of attempt: Attempt, _ order: BuildOrder, at master: BuildbotMaster, _ target: BuildbotTarget
    ) async throws(RemoteFault) -> BuildbotAnswers.Request? {
        try await request(of: attempt, order, at: master, builder: target.builderID, after: 0)
    }

    /// - Parameter last: only requests that are newer than this one.
    func request(
        of attempt: Attempt, _ order: BuildOrder, at master: BuildbotMaster, builder: Int, after last: Int
    ) async throws(RemoteFault) -> BuildbotAnswers.Request? {
        let since = (order.build.createdAt + (.zero - Self.skew)).milliseconds / 1000
        var seen = 0
        while seen < Self.most {
            let requests = try await requests(of: builder, from: seen, at: master)
            for request in requests {
                if request.id <= last { return nil }
                if request.properties?[JobParameters.attempt]?.text == attempt.publicKey { return request }
            }
            seen += requests.count
            guard requests.count == Self.page, let oldest = requests.last else { return nil }
            if seen >= Self.fewest, let submitted = oldest.submittedAt, submitted < since { return nil }
        }
        // To say that there is none would be a guess.
        throw .refusedUntil(
            after: RemoteAPI.pauseForOperator,
            reason: "more than \(Self.most) requests at Buildbot are newer than the build; its run cannot be found")
    }

    private func requests(
        of builder: Int, from offset: Int, at master: BuildbotMaster
    ) async throws(RemoteFault) -> [BuildbotAnswers.Request] {
        try await master.read(
            BuildbotAnswers.Requests.self, "builders/\(builder)/buildrequests",
            [
                ("order", "-buildrequestid"), ("offset", "\(offset)"), ("limit", "\(Self.page)"),
                ("property", JobParameters.attempt),
            ]
        ).buildrequests
    }

    /// Starts a build; its request's number.
    func force(
        _ order: BuildOrder, _ attempt: Attempt, at master: BuildbotMaster, _ target: BuildbotTarget
    ) async throws(RemoteFault) -> Int {
        guard target.keepsKey else {
            throw notStartable(order, "the force scheduler has no field `\(JobParameters.attempt)`")
        }
        guard target.isEnabled else {
            throw .refusedUntil(after: RemoteAPI.pauseForOperator, reason: "the force scheduler is switched off")
        }
        let parameters = tools.parameters(of: order, as: attempt)
        var values: [String: BuildbotValue] = [:]
        for parameter in parameters.values where !BuildbotTarget.reserved.contains(parameter.name) {
            guard let value = target.value(of: parameter) else {
                throw notStartable(order, "the value of `\(parameter.name)` is not what its field takes")
            }
            values[parameter.name] = value
        }
        values["builderNames"] = .list([target.builder])
        let answer = try await master.control(
            "forceschedulers/\(master.settings.scheduler.percentEncoded)", "force", values, for: .acting,
            also: [400, 500])
        guard (200..<300).contains(answer.status) else {
            throw refusal(answer, order, parameters) ?? api.fault(of: answer, for: .acting)
        }
        let forced = try api.decode(BuildbotAnswers.Forced.self, answer, for: .acting)
        guard let request = forced.result?.requests.values.min() else {
            throw api.nonsense("buildbot took the call for a build and named none", for: .acting)
        }
        return request
    }

    /// Why the master's own code did not start the build; `nil` if the answer leaves open whether it did.
    private func refusal(_ answer: HTTPAnswer, _ order: BuildOrder, _ parameters: JobParameters) -> RemoteFault? {
        guard let fault = try? JSONDecoder().decode(BuildbotAnswers.Refusal.self, from: Data(answer.body)).error else {
            return answer.status == 400 ? notStartable(order, "400") : nil
        }
        switch (answer.status, fault.code) {
        case (400, _):
            return notStartable(order, Self.without(parameters, fault.words))
        case (500, -32603) where fault.words.hasPrefix("AttributeError(") && fault.words.contains("'force'"):
            return notStartable(order, "the force scheduler is gone")
        case (500, -32603) where fault.words.hasPrefix("KeyError(") && fault.words.contains("builderNames"):
            return notStartable(order, "the force scheduler no longer has the builder")
        default:
            return nil
        }
    }

    private func notStartable(_ order: BuildOrder, _ reason: String) -> RemoteFault {
        tools.logger.error(
            "Buildbot does not take a build",
            metadata: ["recipe": "\(order.recipe.id)", "build": "\(order.build.id)", "reason": "\(reason)"])
        return .refused(FailureWords.notStartable)
    }

    /// Buildbot repeats what it was given: links into Kiln and what people typed stay out of the log (P7).
    private static func without(_ parameters: JobParameters, _ words: String) -> String {
        var words = words
        for parameter in parameters.values.sorted(by: { $0.value.count > $1.value.count })
        where parameter.value.count > 3 {
            words = words.replacingOccurrences(of: parameter.value, with: "...")
        }
        return words.shownLine(limit: 500)
    }
}
