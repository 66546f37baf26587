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
        return switch code {
        case CURLE_OPERATION_TIMEDOUT: .timedOut
        // How libcurl says that one line of a head is longer than it takes (100 KiB).
        case CURLE_OUT_OF_MEMORY where !head.isComplete: .tooLarge
        default: .interrupted(words)
        }
    }
}
