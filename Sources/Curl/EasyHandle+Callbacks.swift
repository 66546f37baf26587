import CCurl
import Glibc

/// What libcurl calls while it moves transfers: on the loop's thread, with the handle as context.
extension EasyHandle {
    func set(callbacks transfer: Transfer) {
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        for option in [
            CURLOPT_PRIVATE, CURLOPT_HEADERDATA, CURLOPT_WRITEDATA, CURLOPT_OPENSOCKETDATA, CURLOPT_PREREQDATA,
        ] {
            unsafe _ = kiln_curl_set_pointer(handle, option, context)
        }
        unsafe _ = kiln_curl_set_data_callback(handle, CURLOPT_HEADERFUNCTION) { data, size, count, context in
            guard let data = unsafe data, let context = unsafe context else { return 0 }
            let line = unsafe UnsafeRawBufferPointer(start: data, count: size * count)
            return unsafe EasyHandle.of(context).transfer?.receive(headLine: line) == true ? size * count : 0
        }
        unsafe _ = kiln_curl_set_data_callback(handle, CURLOPT_WRITEFUNCTION) { data, size, count, context in
            guard let data = unsafe data, let context = unsafe context else { return 0 }
            let bytes = unsafe UnsafeRawBufferPointer(start: data, count: size * count)
            return unsafe EasyHandle.of(context).transfer?.receive(body: bytes) == true ? size * count : 0
        }
        unsafe _ = kiln_curl_set_socket_callback(handle) { context, _, address in
            guard let context = unsafe context, let address = unsafe address else { return CURL_SOCKET_BAD }
            let target = unsafe withUnsafePointer(to: &address.pointee.addr) { unsafe IPAddress($0) }
            guard unsafe EasyHandle.of(context).transfer?.mayConnect(to: target) == true else { return CURL_SOCKET_BAD }
            // No program that Kiln starts gets the connection.
            let kind = unsafe address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue)
            return unsafe socket(address.pointee.family, kind, address.pointee.protocol)
        }
        unsafe _ = kiln_curl_set_request_callback(handle) { context, peer, _, _, _ in
            guard let context = unsafe context, let peer = unsafe peer else { return CURL_PREREQFUNC_ABORT }
            let isAllowed = unsafe EasyHandle.of(context).transfer?.maySend(to: IPAddress(String(cString: peer)))
            return isAllowed == true ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
        }
        // Not a larger CURLOPT_BUFFERSIZE: libcurl fills it up to a hundred times before others have their turn.
        guard transfer.order.progress != nil else { return }
        set(CURLOPT_NOPROGRESS, 0)
        unsafe _ = kiln_curl_set_pointer(handle, CURLOPT_XFERINFODATA, context)
        unsafe _ = kiln_curl_set_progress_callback(handle) { context, _, _, total, sent in
            guard let context = unsafe context else { return 1 }
            unsafe EasyHandle.of(context).transfer?.order.progress?(Int64(sent), Int64(total))
            return 0
        }
    }

    func setUploadCallbacks() {
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe _ = kiln_curl_set_pointer(handle, CURLOPT_READDATA, context)
        unsafe _ = kiln_curl_set_pointer(handle, CURLOPT_SEEKDATA, context)
        unsafe _ = kiln_curl_set_data_callback(handle, CURLOPT_READFUNCTION) { data, size, count, context in
            guard let context = unsafe context else { return Int(CURL_READFUNC_ABORT) }
            let easy = unsafe EasyHandle.of(context)
            let buffer = unsafe UnsafeMutableRawBufferPointer(start: data, count: size * count)
            if let read = unsafe easy.upload?.read(into: buffer) { return read }
            _ = easy.transfer?.fail(.file("the file that is sent became shorter"))
            return Int(CURL_READFUNC_ABORT)
        }
        unsafe _ = kiln_curl_set_seek_callback(handle) { context, offset, origin in
            guard let context = unsafe context, origin == SEEK_SET else { return CURL_SEEKFUNC_FAIL }
            let isThere = unsafe EasyHandle.of(context).upload?.seek(to: Int64(offset))
            return isThere == true ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL
        }
    }
}
