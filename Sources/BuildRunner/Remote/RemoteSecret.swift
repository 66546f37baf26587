import Domain

extension RemoteTools {
    /// The value of a secret that a call needs; builds wait for one that the operator has not given.
    func needed(_ name: SecretName) throws(RemoteFault) -> String {
        guard let value = secret(name), !value.isEmpty else {
            throw .refusedUntil(after: RemoteAPI.pauseForOperator, reason: "the secret `\(name)` is not set")
        }
        return value
    }

    /// What a check says of the secrets that are not there.
    func findings(for secrets: [SecretName], subject: String) -> [ProviderFinding] {
        secrets.filter { secret($0)?.isEmpty ?? true }.map { name in
            ProviderFinding(
                subject: "\(subject): secret \(name)", passed: false, message: "it is not set",
                mend: "Set KILN_SECRET_\(name), or put it into a file in the folder of secrets.")
        }
    }
}
