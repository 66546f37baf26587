import Domain
import Crypto
import Foundation

/// The folder of one recipe on disk: which files it holds, and their digest. Nothing outside it is ever opened: links
/// that lead out of it are refused before a file is read.
struct RecipeFolder {
    /// As the operator named it; goes into diagnostics.
    let path: String
    private(set) var entries: [Entry] = []
    private(set) var diagnostics: [Diagnostic] = []

    struct Entry {
        enum Kind { case file(bytes: Int64, isExecutable: Bool), folder, link(to: String), other }
        /// Relative to the folder, with `/`.
        var name: String
        var kind: Kind
    }

    static let mostEntries = 10_000
    /// What a run's own copy of the folder may have.
    static let mostBytes: Int64 = 64 << 20

    init(_ path: String) {
        self.path = path
        collect("")
        entries.sort { Array($0.name.utf8).lexicographicallyPrecedes(Array($1.name.utf8)) }
        for entry in entries { inspect(entry) }
        let sum = entries.reduce(Int64(0)) { sum, entry in
            if case .file(let bytes, _) = entry.kind { sum + bytes } else { sum }
        }
        if entries.count > Self.mostEntries {
            report("", "holds more than \(Self.mostEntries) files", mend: "let prepare.sh fetch what is large")
        } else if sum > Self.mostBytes {
            report(
                "", "holds \(Measures.text(size: sum)), at most \(Measures.text(size: Self.mostBytes)) are taken",
                mend: "let the prepare script fetch what is large")
        }
    }

    func entry(_ name: String) -> Entry? {
        entries.first { $0.name == name }
    }

    /// The first bytes of a regular file of the folder.
    func head(of name: String, count: Int) -> [UInt8] {
        guard case .file = entry(name)?.kind, let file = FileHandle(forReadingAtPath: "\(path)/\(name)") else {
            return []
        }
        defer { try? file.close() }
        return (try? file.read(upToCount: count)).flatMap { $0 }.map(Array.init) ?? []
    }

    /// SHA-256 (hex) over names, kinds and contents of everything in the folder, sorted by name.
    func digest() throws -> String {
        var hash = SHA256()
        func add(_ text: String) { hash.update(data: Array(text.utf8)) }
        for entry in entries {
            switch entry.kind {
            case .file(let bytes, let isExecutable):
                add("\(entry.name)\0\(isExecutable ? "program" : "file")\0\(bytes)\0")
                let file = try FileHandle(forReadingFrom: URL(filePath: "\(path)/\(entry.name)"))
                defer { try? file.close() }
                while let chunk = try file.read(upToCount: 1 << 20), !chunk.isEmpty { hash.update(data: chunk) }
            case .link(let target): add("\(entry.name)\0link\0\(target.utf8.count)\0\(target)")
            case .folder, .other: break
            }
        }
        return hash.finalize().hexText
    }

    private mutating func collect(_ folder: String) {
        let place = folder.isEmpty ? path : "\(path)/\(folder)"
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: place) else {
            return report(folder, "cannot be read", mend: "let the user that runs Kiln read it")
        }
        for name in names {
            guard entries.count <= Self.mostEntries else { return }
            let relative = folder.isEmpty ? name : "\(folder)/\(name)"
            let entry = Entry(name: relative, kind: kind(of: relative))
            entries.append(entry)
            if case .folder = entry.kind { collect(relative) }
        }
    }

    private func kind(of name: String) -> Entry.Kind {
        let place = "\(path)/\(name)"
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: place) else { return .other }
        switch attributes[.type] as? FileAttributeType {
        case .typeRegular?:
            let mode = (attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0
            return .file(bytes: (attributes[.size] as? NSNumber)?.int64Value ?? 0, isExecutable: mode & 0o111 != 0)
        case .typeDirectory?: return .folder
        case .typeSymbolicLink?:
            return .link(to: (try? FileManager.default.destinationOfSymbolicLink(atPath: place)) ?? "/")
        default: return .other
        }
    }

    private mutating func inspect(_ entry: Entry) {
        switch entry.kind {
        case .file, .folder: break
        case .other: report(entry.name, "is neither a file nor a folder", mend: "remove it from the recipe's folder")
        case .link(let target):
            if Self.leavesFolder(target, from: entry.name) || !resolvesInside(entry.name) {
                report(
                    entry.name, "is a link that leads out of the recipe's folder (to `\(target)`)",
                    mend: "put the file itself there")
            }
        }
    }

    /// Whether a link at `name` leads out; decided on the text alone, every step of the way.
    static func leavesFolder(_ target: String, from name: String) -> Bool {
        guard !target.hasPrefix("/") else { return true }
        var depth = name.split(separator: "/").count - 1
        for step in target.split(separator: "/") where step != "." {
            depth += step == ".." ? -1 : 1
            if depth < 0 { return true }
        }
        return false
    }

    /// Links over links can lead elsewhere than their texts say.
    private func resolvesInside(_ name: String) -> Bool {
        let root = URL(filePath: path).resolvingSymlinksInPath().path
        let target = URL(filePath: "\(path)/\(name)").resolvingSymlinksInPath().path
        return target == root || target.hasPrefix(root + "/")
    }

    private mutating func report(_ name: String, _ problem: String, mend: String) {
        diagnostics.append(
            Diagnostic(place: .wholeFile(name.isEmpty ? path : "\(path)/\(name)"), problem: problem, mend: mend))
    }
}
