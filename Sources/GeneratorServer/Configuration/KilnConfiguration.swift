import Logging
import Recipes

/// The configuration, read once at start: plain values, one struct a room.
struct KilnConfiguration: Sendable {
    var server: Server
    var data: Data
    var uploads: Uploads
    var recipes: Recipes
    var templates: Templates
    var publicFiles: PublicFiles
    var mail: Mail
    var queue: Queue
    var sandbox: Sandbox
    var verify: Verify
    var signing: Signing
    var secrets: Secrets
    var providers: Providers
    var network: Network
    var limits: Limits
    var log: Log
    var stop: Stop
    /// What can be used, but is hardly what was meant.
    var warnings: [Diagnostic]
    /// Every key with its value and where it came from, in the table's order; secrets redacted.
    var summary: [(path: String, value: String, source: String)]

    struct Server: Hashable, Sendable {
        var host: String
        /// 0: any free one.
        var port: Int
        /// As configured, without a slash at its end; nil: worked out from the port.
        var publicURL: String?
        var trustedProxies: [AddressRange]
        var maxConnections: Int
        var secretFile: String

        /// The origin that people use, without a slash at its end.
        /// - Parameter boundPort: the port that is listened at.
        func publicURL(boundPort: Int) -> String {
            publicURL ?? "http://localhost:\(boundPort)"
        }

        /// Whether the peer with this address may say for whom it speaks.
        func trusts(_ address: String) -> Bool {
            trustedProxies.contains { $0.contains(address) }
        }
    }

    struct Data: Hashable, Sendable {
        var directory: String
    }

    struct Uploads: Hashable, Sendable {
        var directory: String
    }

    struct Recipes: Hashable, Sendable {
        var directory: String
        /// Instead of what the recipes say.
        var retention: Duration?
    }

    struct Templates: Hashable, Sendable {
        var directory: String
    }

    struct PublicFiles: Hashable, Sendable {
        var directory: String
    }

    struct Queue: Hashable, Sendable {
        var workers: Int
        var maxWaiting: Int
    }

    struct Sandbox: Hashable, Sendable {
        var allowUnsandboxed: Bool
        /// First of the user numbers that runs get where Kiln itself runs as root.
        var firstUser: Int
        var bubblewrap: String
    }

    struct Verify: Hashable, Sendable {
        enum Accelerator: String, Hashable, Sendable, CaseIterable {
            case tcg, kvm
        }

        var accelerator: Accelerator
    }

    struct Secrets: Hashable, Sendable {
        /// nil: only variables hold secrets.
        var directory: String?
    }

    struct Providers: Hashable, Sendable {
        var atOnce: Int
        var triggersPerMinute: Int
    }

    struct Network: Hashable, Sendable {
        var proxy: String?
        var caFile: String?
        /// CIDR blocks and addresses.
        var allowed: [String]
    }

    struct Limits: Hashable, Sendable {
        /// nil: no limit.
        var perSourcePerHour: Int?
        /// nil: no limit.
        var perAddressPerHour: Int?
        /// nil: no limit.
        var mailsPerHour: Int?
        /// nil: no limit.
        var confirmationsPerAddressPerHour: Int?
        /// nil: no limit.
        var confirmationsPerSourcePerHour: Int?
        var uploadBytes: Int64
        var headerTime: Duration
        var bodyTime: Duration
        var idleTime: Duration
        /// 0: no least rate.
        var minBytesPerSecond: Int
    }

    struct Log: Hashable, Sendable {
        enum Format: String, Hashable, Sendable, CaseIterable {
            case text, json
        }

        static let levels = Logger.Level.allCases.map(\.rawValue)

        var format: Format
        var level: Logger.Level
    }

    struct Stop: Hashable, Sendable {
        /// How long answers and builds may go on after a request to stop.
        var time: Duration
    }
}

// A password must not reach a log because somebody printed the configuration (P7).
extension KilnConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// One `path: value` a line; secrets redacted.
    var description: String {
        summary.map { "\($0.path): \($0.value)" }.joined(separator: "\n")
    }

    var debugDescription: String { description }

    var customMirror: Mirror {
        Mirror(self, children: summary.map { (label: $0.path, value: $0.value) })
    }
}

extension KilnConfiguration.Network: CustomStringConvertible, CustomReflectable {
    var description: String { "Network(proxy: \(proxy == nil ? "none" : "<redacted>"))" }
    var customMirror: Mirror { Mirror(self, children: ["proxy": "<redacted>", "caFile": caFile ?? ""]) }
}
