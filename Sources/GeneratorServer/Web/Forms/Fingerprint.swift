import Crypto
import Domain

/// Tells whether two submissions ask for the same: the same values and files of the same bytes, whatever they are named
/// in the store.
enum Fingerprint {
    /// Lower-case hex.
    static func of(_ inputs: Inputs) -> String {
        var hash = SHA256()
        add(inputs.values, to: &hash)
        return hash.finalize().hexText
    }

    /// Tells whether two builds would make the same: the recipe's version, the target, and every value that a run is
    /// given; who asked for it is not part of it.
    static func ofResult(_ inputs: Inputs, _ recipe: Recipe, _ target: String?) -> String {
        var hash = SHA256()
        hash.update(part: recipe.id.text)
        hash.update(part: recipe.digest)
        hash.update(part: target.map { "t" + $0 } ?? "")
        // A private value that a job is given after all may be in what the job makes (P4).
        let given = recipe.namesGivenAway
        add(
            inputs.values.filter { value in
                (recipe.field(value.field)?.isPrivate != true || given.contains(value.field.text))
                    && (target == nil || value.field != recipe.build.targets)
            }, to: &hash)
        return hash.finalize().hexText
    }

    private static func add(_ values: [InputValue], to hash: inout SHA256) {
        for value in values {
            hash.update(part: value.field.text)
            switch value.content {
            case .text(let text): hash.update(part: "t" + text)
            case .number(let number): hash.update(part: "n\(number)")
            case .toggle(let isOn): hash.update(part: "b\(isOn)")
            case .choices(let choices):
                hash.update(part: "c\(choices.count)")
                for choice in choices { hash.update(part: choice) }
            case .upload(let upload): hash.update(part: "u" + upload.receivedSHA256)
            }
        }
    }
}

extension Recipe {
    /// What the templates name by which values leave Kiln: parameters, links and tags.
    fileprivate var namesGivenAway: Set<String> {
        let tags: [JobTemplate?] = build.providers.map { settings in
            switch settings {
            case .github(let settings): settings.releaseTag
            case .gitlab(let settings): settings.releaseTag
            case .gitea(let settings): settings.releaseTag
            case .local, .travis, .jenkins, .buildbot, .webhook: nil
            }
        }
        let templates = build.parameters.map(\.value) + (watch.release?.links ?? []) + tags.compactMap(\.self)
        return Set(templates.flatMap(\.names))
    }
}

extension SHA256 {
    /// With its length before it, so that no two lists of parts look alike.
    fileprivate mutating func update(part: String) {
        let bytes = Array(part.utf8)
        update(data: Array("\(bytes.count):".utf8))
        update(data: bytes)
    }
}
