import Curl
import Domain
import Storage

extension MailView {
    /// How one build ended.
    static func end(
        _ build: Build, hasLog: Bool, _ enclosed: Enclosed, _ links: MailComposer.Links, _ voice: MailVoice
    ) -> [String: Any] {
        let isReady = build.state == .succeeded
        let areFilesGone = build.filesRemovedAt != nil
        let products = isReady && !areFilesGone ? build.artifacts.filter { $0.role == .product } : []
        var end: [String: Any] = [
            "page": links.page(build.id), "isReady": isReady, "isCancelled": build.state == .cancelled,
            "isExpired": build.state == .expired, "areFilesGone": areFilesGone,
            "hasAndroidApp": products.contains(where: \.isAndroidApp),
            "until": build.expiresAt.map(voice.date) ?? "",
            "files": products.map { artifact in
                [
                    // A build may name its file as its requester wants.
                    "name": ShownText.line(artifact.name, longest: 120), "sha256": artifact.sha256,
                    "url": links.artifact(build.id, artifact.name), "size": voice.size(artifact.bytes),
                    "isAttached": enclosed.products.contains(ObjectKey(build: build.id, name: artifact.name)),
                ] as [String: Any]
            },
            "isLogAttached": enclosed.log == .whole, "isLogEndAttached": enclosed.log == .end,
        ]
        if hasLog { end["log"] = links.log(build.id) }
        let failure: Failure? = if case .failed(let failure) = build.state { failure } else { nil }
        end["isFailed"] = failure != nil
        end.merge(fault(failure)) { first, _ in first }
        return end
    }

    private static func fault(_ failure: Failure?) -> [String: Any] {
        let context = (failure?.contextLines ?? []).map { line in
            ["text": ShownText.line(line.text, longest: 300), "isError": line.isError] as [String: Any]
        }
        var fault: [String: Any] = [
            "failure": failure.map { ShownText.line($0.message) } ?? "", "context": context,
            "hasContext": !context.isEmpty, "isInputFault": failure?.kind == .input,
            "isBuildFault": failure?.kind == .build, "isInfrastructureFault": failure?.kind == .infrastructure,
            "isTimeout": failure?.kind == .timeout,
        ]
        if let line = failure?.errorLine { fault["errorLine"] = ShownText.line(line) }
        return fault
    }
}

/// One value of a submission as a mail shows it.
struct AskedValue {
    let line: String
    let lines: [String]
    let isEmpty: Bool
    let isAddress: Bool

    init(_ value: InputValue, recipe: Recipe?, voice: MailVoice) {
        let field = recipe?.field(value.field)
        let text = Self.text(value.content, field, voice)
        line = ShownText.line(text, longest: 120)
        lines = ShownText.lines(text)
        isEmpty = text.isEmpty
        isAddress = if case .email? = field?.kind { true } else { false }
    }

    /// The labels of choices, the names of files.
    private static func text(_ content: InputValue.Content, _ field: Field?, _ voice: MailVoice) -> String {
        let choices: [Choice] =
            switch field?.kind {
            case .choice(let choices, _), .multichoice(let choices, _): choices
            default: []
            }
        func label(_ value: String) -> String { choices.first { $0.value == value }?.label ?? value }
        return switch content {
        case .text(let text): label(text)
        case .number(let number): Int64(exactly: number).map { String($0) } ?? String(number)
        case .toggle(let isOn): voice.plain(isOn ? "yes" : "no")
        case .choices(let values): values.map(label).joined(separator: ", ")
        case .upload(let upload): "\(upload.name) (\(voice.size(upload.bytes)))"
        }
    }
}

/// The network of an address, as much as tells a person where something came from, and not who: `/24` of IPv4, `/48` of
/// IPv6.
struct NetworkName {
    let text: String

    init?(_ address: String) {
        switch IPAddress(address)?.plain {
        case .v4(let number):
            text = "\(IPAddress.v4(number & 0xFFFF_FF00))/24"
        case .v6(let high, _):
            let groups = [48, 32, 16].map { String(high >> $0 & 0xFFFF, radix: 16) }
            text = groups.joined(separator: ":") + "::/48"
        case nil: return nil
        }
    }
}
