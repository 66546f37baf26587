import Curl

extension HTTPTransfers {
    /// Why the request got no answer; `nil` if it got one.
    func fault(_ request: HTTPRequest, bodyLimit: Int = 1 << 20) async -> HTTPFailure? {
        do throws(HTTPFailure) {
            _ = try await send(request, bodyLimit: bodyLimit)
            return nil
        } catch {
            return error
        }
    }
}

extension HTTPFailure {
    enum Kind {
        case badRequest, unreachable, interrupted, timedOut, stopped, tooLarge, forbiddenAddress, file
    }

    /// Without the words.
    var kind: Kind {
        switch self {
        case .badRequest: .badRequest
        case .unreachable: .unreachable
        case .interrupted: .interrupted
        case .timedOut: .timedOut
        case .stopped: .stopped
        case .tooLarge: .tooLarge
        case .forbiddenAddress: .forbiddenAddress
        case .file: .file
        }
    }
}
