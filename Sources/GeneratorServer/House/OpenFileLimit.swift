import Glibc

/// How many files and connections the system lets this process have open. Connections must leave some over: without a
/// descriptor there is no database, no upload and no build, and anybody can open connections (P6).
enum OpenFileLimit {
    /// For everything that is no connection.
    static let reserve = 512

    /// Raises the limit as far as is of use and allowed. - Returns: what it is then.
    static func raise(for connections: Int) -> Int {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
        let wanted = min(limit.rlim_max, rlim_t(connections + reserve))
        if limit.rlim_cur < wanted {
            let before = limit.rlim_cur
            limit.rlim_cur = wanted
            if unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) != 0 { limit.rlim_cur = before }
        }
        return Int(clamping: limit.rlim_cur)
    }

    /// How many of the wanted connections there can be with so many open files.
    static func connections(_ wanted: Int, openFiles: Int) -> Int {
        min(wanted, max(openFiles - reserve, openFiles / 2))
    }
}
