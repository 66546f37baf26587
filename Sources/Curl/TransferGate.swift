/// Who may start: so many transfers in all, so many to one host. First come, first served among those to one host; the
/// hosts take turns, so that many transfers to one do not stand before a few to another.
struct TransferGate<ID: Hashable> {
    private struct Line {
        var inFlight = 0
        /// Waiting ones, and such that left.
        var queue = FirstInFirstOut<ID>()
        var waiting = 0
        var hasTurn = false
    }

    private let mostInFlight: Int
    private let mostPerHost: Int
    private var lines: [String: Line] = [:]
    /// Hosts with somebody waiting and room for one more, each once.
    private var turns = FirstInFirstOut<String>()
    private var hosts: [ID: String] = [:]
    private(set) var inFlight = 0

    /// - Precondition: both are taken as 1 at least.
    init(mostInFlight: Int, mostPerHost: Int) {
        self.mostInFlight = max(1, mostInFlight)
        self.mostPerHost = max(1, mostPerHost)
    }

    var waiting: Int { hosts.count }

    /// Takes its place at the end of its host's line; `next` says when it may start.
    mutating func arrive(_ id: ID, at host: String) {
        hosts[id] = host
        lines[host, default: Line()].queue.append(id)
        lines[host, default: Line()].waiting += 1
        giveTurn(host)
    }

    /// Gives up waiting. Nothing happens to one that has started.
    mutating func leave(_ id: ID) {
        guard let host = hosts.removeValue(forKey: id), var line = lines.removeValue(forKey: host) else { return }
        line.waiting -= 1
        // Those that left are skipped at the front; a line that does not move must not grow by them.
        if line.queue.count > 64, line.queue.count > line.waiting * 2 {
            let hosts = hosts
            line.queue.removeAll { hosts[$0] == nil }
        }
        keep(line, of: host)
    }

    /// The next that may start, which is in flight from now.
    mutating func next() -> ID? {
        while inFlight < mostInFlight, let host = turns.popFirst() {
            guard var line = lines.removeValue(forKey: host) else { continue }
            line.hasTurn = false
            var admitted: ID?
            while line.inFlight < mostPerHost, let id = line.queue.popFirst() {
                guard hosts.removeValue(forKey: id) != nil else { continue }
                line.waiting -= 1
                line.inFlight += 1
                inFlight += 1
                admitted = id
                break
            }
            keep(line, of: host)
            giveTurn(host)
            if let admitted { return admitted }
        }
        return nil
    }

    /// One in flight to the host has ended.
    mutating func finish(at host: String) {
        guard var line = lines.removeValue(forKey: host), line.inFlight > 0 else { return }
        line.inFlight -= 1
        inFlight -= 1
        keep(line, of: host)
        giveTurn(host)
    }

    private mutating func giveTurn(_ host: String) {
        guard var line = lines[host], !line.hasTurn, line.waiting > 0, line.inFlight < mostPerHost else { return }
        line.hasTurn = true
        lines[host] = line
        turns.append(host)
    }

    private mutating func keep(_ line: Line, of host: String) {
        if line.inFlight > 0 || line.waiting > 0 || line.hasTurn { lines[host] = line }
    }
}
