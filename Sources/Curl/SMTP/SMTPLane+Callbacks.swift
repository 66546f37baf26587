import CCurl
import Glibc

/// What libcurl calls while it speaks, and when it closes a connection: on the lane's thread, with the lane as context,
/// which lives until `close` has cleaned the handle up.
extension SMTPLane {
    func setCallbacks() {
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        for option in [
            CURLOPT_HEADERDATA, CURLOPT_READDATA, CURLOPT_XFERINFODATA, CURLOPT_DEBUGDATA, CURLOPT_OPENSOCKETDATA,
            CURLOPT_CLOSESOCKETDATA,
        ] {
            unsafe _ = kiln_curl_set_pointer(handle, option, context)
        }
        set(CURLOPT_NOPROGRESS, 0)
        set(CURLOPT_VERBOSE, 1)
        setSocketCallbacks()
        setTransferCallbacks()
        unsafe _ = kiln_curl_set_progress_callback(handle) { context, _, _, _, _ in
            guard let lane = unsafe SMTPLane.of(context) else { return 1 }
            return lane.mayGoOn() ? 0 : 1
        }
        unsafe _ = kiln_curl_set_debug_callback(handle) { _, kind, data, size, context in
            guard let lane = unsafe SMTPLane.of(context), let data = unsafe data else { return 0 }
            switch kind {
            case CURLINFO_HEADER_OUT:
                let bytes = unsafe UnsafeRawBufferPointer(start: data, count: size)
                unsafe lane.conversation?.sent(command: bytes, at: .now)
            case CURLINFO_DATA_OUT: lane.sent(body: size)
            default: break
            }
            return 0
        }
    }

    private func setSocketCallbacks() {
        unsafe _ = kiln_curl_set_socket_callback(handle) { context, _, address in
            guard let lane = unsafe SMTPLane.of(context), let address = unsafe address else { return CURL_SOCKET_BAD }
            // No program that Kiln starts gets the connection.
            let kind = unsafe address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue)
            let descriptor = unsafe Glibc.socket(address.pointee.family, kind, address.pointee.protocol)
            if descriptor >= 0 { lane.socket.add(descriptor) }
            return descriptor
        }
        unsafe _ = kiln_curl_set_close_callback(handle) { context, descriptor in
            unsafe SMTPLane.of(context)?.socket.close(descriptor) ?? Glibc.close(descriptor)
        }
    }

    private func setTransferCallbacks() {
        unsafe _ = kiln_curl_set_data_callback(handle, CURLOPT_HEADERFUNCTION) { data, size, count, context in
            guard let lane = unsafe SMTPLane.of(context), let data = unsafe data else { return 0 }
            let line = unsafe UnsafeRawBufferPointer(start: data, count: size * count)
            return unsafe lane.conversation?.received(line: line, at: .now) == true ? size * count : 0
        }
        // What a command that is not MAIL brings; the header callback has it too.
        unsafe _ = kiln_curl_set_data_callback(handle, CURLOPT_WRITEFUNCTION) { _, size, count, _ in size * count }
        unsafe _ = kiln_curl_set_data_callback(handle, CURLOPT_READFUNCTION) { data, size, count, context in
            guard let lane = unsafe SMTPLane.of(context) else { return Int(CURL_READFUNC_ABORT) }
            let buffer = unsafe UnsafeMutableRawBufferPointer(start: data, count: size * count)
            return unsafe lane.read(into: buffer) ?? Int(CURL_READFUNC_ABORT)
        }
    }

    private static func of(_ context: UnsafeMutableRawPointer?) -> SMTPLane? {
        guard let context = unsafe context else { return nil }
        return unsafe Unmanaged<SMTPLane>.fromOpaque(context).takeUnretainedValue()
    }

    private func mayGoOn() -> Bool {
        let isWanted = order?.isCancelled != true
        if conversation?.mayGoOn(at: .now, isConnected: socket.isConnected, isWanted: isWanted) == true { return true }
        // Or libcurl says QUIT and waits.
        socket.cut()
        return false
    }

    private func sent(body count: Int) {
        conversation?.sent(body: count, at: .now)
        if conversation?.hasSentAll == true, order?.reachEnd() != true { conversation?.stopBeforeEnd() }
    }

    /// `nil`: the message cannot be read. It must not end early: libcurl would send its end, and the server take a part.
    private func read(into buffer: UnsafeMutableRawBufferPointer) -> Int? {
        guard let message = order?.message else { return nil }
        guard offset < message.size else { return 0 }
        do {
            let wanted = Int(min(Int64(buffer.count), message.size - offset))
            let count = try unsafe message.read(offset, UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted]))
            if count > 0 {
                offset += Int64(count)
                return count
            }
            _ = conversation?.fail(.badMessage, "the message became shorter while it was sent")
        } catch {
            _ = conversation?.fail(.badMessage, "the message cannot be read: \(error)")
        }
        return nil
    }
}
