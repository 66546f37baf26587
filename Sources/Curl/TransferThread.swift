import CCurl
import Glibc

/// What a thread needs before it may use libcurl.
enum TransferThread {
    /// Once for the process. libcurl's own TLS library is set up by it; nothing else of it is global.
    private static let isLibraryReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    /// Signals are other threads' business: a write to a broken connection must end as an error (SIGPIPE).
    static func prepare() {
        _ = isLibraryReady
        var all = sigset_t()
        unsafe sigfillset(&all)
        unsafe pthread_sigmask(SIG_BLOCK, &all, nil)
    }
}
