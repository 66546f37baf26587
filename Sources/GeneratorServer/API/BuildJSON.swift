import Domain

/// A build as programs read it (DESIGN.md, section 7): every member is always there, absent is `null`.
struct BuildJSON {
    let snapshot: BuildSnapshot
    let links: BuildLinks
    let siteMap: SiteMap
    /// Stands before every URL.
    let origin: String

    var json: JSON {
        let build = snapshot.build
        return [
            "id": .string(build.id.text), "number": .integer(build.number), "recipe": .string(build.recipe.text),
            "state": .string(build.state.name.rawValue), "phase": phase(of: build), "queue": queue,
            "created_at": .string(build.createdAt.description),
            "started_at": .optional(build.startedAt?.description),
            "finished_at": .optional(build.finishedAt?.description), "inputs": inputs, "artifacts": artifacts,
            "failure": failure, "deliveries": deliveries, "run": run,
            "language": .string(build.language.text), "confirm_by": .optional(snapshot.confirmBy?.description),
            "target": .optional(build.target), "targets": targets, "links": linkMembers,
        ]
    }

    /// All builds of the submission; only of a group's lead.
    private var targets: JSON {
        guard !snapshot.group.isEmpty else { return .null }
        return .array(
            snapshot.group.map { build in
                [
                    "target": .optional(build.target), "id": .string(build.id.text),
                    "state": .string(build.state.name.rawValue), "phase": phase(of: build),
                    "url": url(siteMap.build(build.id)),
                ]
            })
    }

    private func url(_ path: String) -> JSON { .string(origin + path) }
    private func url(_ path: String?) -> JSON { path.map { url($0) } ?? .null }

    private func phase(of build: Build) -> JSON {
        guard let label = BuildView.label(build, in: snapshot) else { return .null }
        return ["label": .string(label), "percent": .optional(BuildView.percent(build.state))]
    }

    private var queue: JSON {
        guard let queue = snapshot.queue else { return .null }
        return ["position": .integer(Int64(queue.position)), "eta_seconds": .optional(queue.etaSeconds)]
    }

    private var inputs: JSON {
        .object(
            snapshot.build.inputs.values.map { input in
                JSON.Member(name: input.field.text, value: Self.value(input.content) ?? Self.file(input.content))
            })
    }

    /// A value as JSON says it; `nil`: a file.
    static func value(_ content: InputValue.Content) -> JSON? {
        switch content {
        case .text(let text): .string(text)
        case .number(let number): .number(number)
        case .toggle(let isOn): .bool(isOn)
        case .choices(let choices): .array(choices.map { .string($0) })
        case .upload: nil
        }
    }

    private static func file(_ content: InputValue.Content) -> JSON {
        guard case .upload(let upload) = content else { return .null }
        return [
            "name": .string(upload.name), "content_type": .string(upload.contentType),
            "bytes": .integer(upload.bytes), "sha256": .string(upload.sha256),
            "received_sha256": .string(upload.receivedSHA256), "width": .optional(upload.width),
            "height": .optional(upload.height),
        ]
    }

    /// Products first; files that were removed are not listed.
    private var artifacts: JSON {
        let build = snapshot.build
        guard build.filesRemovedAt == nil, build.state == .succeeded else { return [] }
        return .array(
            build.artifacts.map { artifact in
                [
                    "name": .string(artifact.name), "url": url(siteMap.artifact(artifact.name, of: build.id)),
                    "bytes": .integer(artifact.bytes), "sha256": .string(artifact.sha256),
                    "content_type": .string(artifact.contentType),
                    "expires_at": .optional(build.expiresAt?.description),
                ]
            })
    }

    private var failure: JSON {
        guard case .failed(let failure) = snapshot.build.state else { return .null }
        let message = failure.errorLine.map { "\(failure.message) \($0)" } ?? failure.message
        return [
            "kind": .string(failure.kind.rawValue), "message": .string(message),
            "log_url": snapshot.build.filesRemovedAt == nil ? url(links.log) : .null,
        ]
    }

    private var deliveries: JSON {
        .array(
            snapshot.deliveries.map { delivery in
                [
                    "to": .string(delivery.to), "status": .string(delivery.status.rawValue),
                    "attempts": .integer(Int64(delivery.attempts)), "last_error": .optional(delivery.lastError),
                    "kind": .string(delivery.kind.rawValue), "transport": .optional(delivery.transport),
                    "created_at": .string(delivery.createdAt.description),
                    "settled_at": .optional(delivery.settledAt?.description),
                    "next_try_at": .optional(delivery.nextTryAt?.description),
                ]
            })
    }

    /// The newest run.
    private var run: JSON {
        guard let run = snapshot.build.state.run ?? snapshot.build.runs.last else { return .null }
        return ["provider": .string(run.provider), "id": .string(run.id), "url": .optional(run.url)]
    }

    private var linkMembers: JSON {
        [
            "self": url(links.json), "page": url(links.page), "events": url(links.events), "log": url(links.log),
            "now": url(links.now), "confirmation": url(links.confirmation), "cancel": url(links.cancel),
            "rebuild": url(links.rebuild),
            "group": url(links.group),
        ]
    }
}
