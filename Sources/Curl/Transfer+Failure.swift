import CCurl

extension Transfer {
    /// Why there is no answer: what we found ourselves, or else what libcurl says.
    func failure(_ code: CURLcode, _ words: String) -> HTTPFailure {
        if let failure { return failure }
        if let forbidden { return .forbiddenAddress("\(forbidden)") }
        guard wasSent else {
            return switch code {
            case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: .badRequest(words)
            default: .unreachable(words)
            }
        }
        return code == CURLE_OPERATION_TIMEDOUT ? .timedOut : .interrupted(words)
    }
}
