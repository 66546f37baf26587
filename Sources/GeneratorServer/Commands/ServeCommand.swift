import ArgumentParser
import Domain
import Foundation
import Logging
import NIOCore
import Recipes
import ServiceLifecycle
import UnixSignals

/// `kiln serve`: everything, until it is told to stop.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serve the pages and the API, build, and send the mails.",
        discussion: """
            Ends gracefully on SIGTERM and SIGINT: takes nothing new, lets answers finish, leaves running builds running \
            and finds them again at the next start. Ends with 78 if the configuration is wrong, 1 if something cannot \
            be opened.
            """)

    @Option(help: "The configuration file; kiln.yml if it is there.")
    var config: String?

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        var configuration = try ConfigurationLoading.load(config, environment)
        let format = configuration.log.format
        let level = configuration.log.level
        LoggingSystem.bootstrap { LogOutput(label: $0, level: level, isJSON: format == .json) }
        let logger = Logger(label: "kiln")
        for warning in configuration.warnings {
            logger.warning("Configuration", metadata: ["finding": "\(warning.text)"])
        }

        let wanted = configuration.server.maxConnections
        configuration.server.maxConnections = OpenFileLimit.connections(
            wanted, openFiles: OpenFileLimit.raise(for: wanted))
        if configuration.server.maxConnections < wanted {
            logger.warning(
                "The system allows fewer open files than server.max_connections needs: raise its limit (ulimit -n)",
                metadata: ["wanted": "\(wanted)", "connections": "\(configuration.server.maxConnections)"])
        }

        let house: House
        do {
            house = try await House.build(configuration, faults: try Self.faults(environment), logger: logger)
        } catch let error as HouseError {
            FileHandle.standardError.write(Data("kiln serve: \(error)\n".utf8))
            throw ExitCode.failure
        }
        try await run(house, logger)
    }

    private func run(_ house: House, _ logger: Logger) async throws {
        var group = ServiceGroupConfiguration(
            services: house.services.map { ServiceGroupConfiguration.ServiceConfiguration(service: $0) },
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        group.maximumGracefulShutdownDuration = house.configuration.stop.time
        // A second signal, or the bound, ends what does not stop by itself.
        group.maximumCancellationDuration = .seconds(5)
        let services = ServiceGroup(configuration: group)
        do {
            try await services.run()
        } catch let error as IOError where error.errnoCode == EADDRINUSE || error.errnoCode == EACCES {
            let server = house.configuration.server
            let why = error.errnoCode == EACCES ? "is not Kiln's to take" : "is taken by another program"
            FileHandle.standardError.write(
                Data("kiln serve: \(server.host):\(server.port) \(why). Stop that, or set server.port.\n".utf8))
            throw ExitCode.failure
        }
    }

    /// For crash tests: `KILN_FAULT=<point>[:n]`.
    private static func faults(_ environment: [String: String]) throws -> FaultPoints {
        guard let text = environment["KILN_FAULT"] else { return .none }
        guard let faults = FaultPoints.killing(at: text) else {
            throw ValidationError("KILN_FAULT names no fault point: \(text)")
        }
        return faults
    }
}

/// Reads the configuration for a command; prints all that is wrong with it and ends with 78 (`EX_CONFIG`).
enum ConfigurationLoading {
    static func load(
        _ file: String?, _ environment: [String: String], forServing: Bool = true
    ) throws -> KilnConfiguration {
        do {
            return try KilnConfiguration.load(file: file, environment: environment, forServing: forServing)
        } catch {
            FileHandle.standardError.write(Data("\(error.description)\n".utf8))
            throw ExitCode(78)
        }
    }
}
