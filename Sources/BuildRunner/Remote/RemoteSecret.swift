package import Domain

extension RemoteTools {
    /// The value of a secret that a call needs; builds wait for one that the operator has not given.
    func needed(_ name: SecretName) throws(RemoteFault) -> String {
        guard let value = secret(name), !value.isEmpty else {
            throw .refusedUntil(after: RemoteAPI.pauseForOperator, reason: name.isMissing)
        }
        return value
    }

    /// What a check says of the secrets that are not there.
    func findings(for secrets: [SecretName], subject: String) -> [ProviderFinding] {
        secrets.filter { secret($0)?.isEmpty ?? true }.map { name in
            ProviderFinding(
                subject: "\(subject): secret \(name)", passed: false, message: "it is not set", mend: name.place)
        }
    }
}

extension SecretName {
    /// What is wrong without it, for an operator.
    package var isMissing: String { "the secret `\(text)` is not set" }
    /// Where it is looked for.
    package var place: String {
        "Set KILN_SECRET_\(text) and start Kiln anew, or put it into the file \(text) in `secrets.directory`."
    }
}
