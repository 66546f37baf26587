import Domain
import FileKind
import Foundation
import Logging
import Sandbox
import Storage

extension BuildAdvance {
    /// Bytes of a picture of the result at work.
    private static let largestPicture: Int64 = 8 << 20
    private static let logChunk = 256 << 10
    private static let pace = Duration.milliseconds(25)

    /// verifying: tries the stored artifacts out, or goes on with a trial that was begun before.
    func verify(_ order: BuildOrder, _ run: Run) async throws -> Step {
        guard let step = order.recipe.verify else {
            // The recipe lost the step while the build was under way.
            return try await record(.verified(pictures: [], of: run.attempt), order)
        }
        let key: RunKey
        switch await shop.verifier.start(step, of: order, attempt: run.attempt) {
        case .done(let started): key = started
        case .refused(let failure): return try await fail(order, run.attempt, failure)
        case .refusedUntil(let pause, let reason): return try await waitToVerify(order, run, pause, reason)
        case .unknown(let reason): return try await waitToVerify(order, run, Self.pauseAfterFault, reason)
        }
        let (end, reader) = try await followVerification(key, step, order, run)
        guard let end else { return try await fail(order, run.attempt, FailureWords.verificationLost) }
        switch end.cause {
        case .exited(0):
            let pictures = try await pictures(step, key, order)
            await shop.faults.reach(.beforeVerified)
            return try await record(.verified(pictures: pictures, of: run.attempt), order)
        case .cancelled, .couldNotStart:
            shop.logger.warning(
                "a verification did not take place",
                metadata: ["build": "\(order.build.id)", "cause": "\(end.cause)"])
            return try await fail(order, run.attempt, FailureWords.verificationLost)
        case .exited, .signalled, .wallTimeLimit, .cpuTimeLimit, .memoryLimit, .outputLimit:
            let failure = FailureWords.notVerified(end.trialWords(step.limits))
            return try await fail(order, run.attempt, failure.explained(by: [reader]))
        }
    }

    private func waitToVerify(
        _ order: BuildOrder, _ run: Run, _ pause: Duration, _ reason: String
    ) async throws -> Step {
        try Task.checkCancellation()
        shop.logger.warning(
            "a verification could not be started", metadata: ["build": "\(order.build.id)", "reason": "\(reason)"])
        let began = try await time(of: .collected, in: order.build)
        guard shop.clock.now() - began < shop.settings.startLimit else {
            return try await fail(order, run.attempt, FailureWords.verificationLost)
        }
        return rest(pause)
    }

    /// Carries the trial's log over until it has ended; its end (`nil`: lost) and what the log told.
    private func followVerification(
        _ key: RunKey, _ step: VerifyStep, _ order: BuildOrder, _ run: Run
    ) async throws -> (end: RunEnd?, reader: LogReader) {
        let runs = shop.verifier.runs
        var copy = logCopy(order, run, .verification, limit: step.limits.log)
        let wake = WakeSignal()
        return try await wake.raised(by: runs.changes(of: key)) {
            while true {
                let began = ContinuousClock.now
                let seen = try await runs.observe(key)
                while true {
                    let bytes = try await runs.log(of: key, from: Int(copy.taken), limit: Self.logChunk)
                    if bytes.isEmpty { break }
                    try await copy.take(bytes, into: shop.logs)
                }
                switch seen {
                case .starting, .running:
                    await wake.wait(until: shop.clock.now() + shop.settings.lookInterval, by: shop.clock)
                    try await Task.sleep(until: began + Self.pace, clock: .continuous)
                case .ended(let end):
                    try await copy.finish(into: shop.logs)
                    return (end, copy.reader)
                case .unknownKey, .lost:
                    try await copy.finish(into: shop.logs)
                    return (nil, copy.reader)
                }
            }
        }
    }

    /// The picture that the trial was to leave; a trial that passed without one is no failure of the build.
    private func pictures(_ step: VerifyStep, _ key: RunKey, _ order: BuildOrder) async throws -> [Artifact] {
        guard let name = step.picture else { return [] }
        let path = "\(shop.scratch)/\(lease).picture"
        let source = shop.verifier.picturePath(name, of: key)
        do {
            try await Blocking.run { () throws(FileFault) in
                try FolderWork.make(self.shop.scratch, mode: 0o700)
                try FolderWork.remove(path)
                try FileWork.share(source, as: path, limit: Self.largestPicture)
            }
            let isTaken = order.build.artifacts.contains { $0.name == name && $0.role == .product }
            return [
                try await keep(path, as: isTaken ? "picture-\(name)" : name, .picture, of: order.build.id) {
                    kind, _ throws(Failure) in
                    guard ["image/png", "image/jpeg", "image/webp"].contains(kind.mimeType) else {
                        throw FailureWords.wrongKind(name, is: kind.humanName, not: "a picture")
                    }
                }
            ]
        } catch let fault as StorageError {
            throw fault
        } catch {
            shop.logger.warning(
                "a verification left no picture",
                metadata: ["build": "\(order.build.id)", "error": "\(error)"])
            try? await Blocking.run { () throws(FileFault) in try FolderWork.remove(path) }
            return []
        }
    }
}

extension RunEnd {
    /// Why a trial did not pass, as the end of a sentence.
    fileprivate func trialWords(_ limits: RunLimits) -> String {
        switch cause {
        case .exited(let code): "the test ended with an error (exit code \(code))"
        case .signalled(let number): "the test crashed (signal \(number))"
        case .wallTimeLimit, .cpuTimeLimit: "it did not come up within \(limits.time.inWords)"
        case .memoryLimit: "the test needed more than \(inWords(bytes: limits.memory)) of memory"
        case .outputLimit: "the test wrote more than \(inWords(bytes: limits.output)) to the disk"
        case .cancelled, .couldNotStart: "the test did not take place"
        }
    }
}
