import Domain

extension RemoteTools {
    /// The value of a secret that a call needs; builds wait for one that the operator has not given.
    func needed(_ name: SecretName) throws(RemoteFault) -> String {
        guard let value = secret(name), !value.isEmpty else {
            throw .missing(secret: name)
        }
        return value
    }

    /// What a check says of the secrets that are not there.
    func findings(for secrets: [SecretName], subject: String) -> [ProviderFinding] {
        secrets.filter { secret($0)?.isEmpty ?? true }.map { name in
            ProviderFinding(
                subject: "\(subject): secret \(name)", passed: false, message: "it is not set",
                mend: name.place)
        }
    }
}
