// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A blocking connection: plain, or with TLS over it.
protocol Transport: AnyObject {
    /// Sends all bytes.
    func write(_ bytes: UnsafeRawBufferPointer) throws(RemoteError)
    /// Reads at least one byte; 0 at the end.
    func read(into space: UnsafeMutableRawBufferPointer) throws(RemoteError) -> Int
}

/// A TCP connection.
final class SocketTransport: Transport {
    let descriptor: Int32

    /// Connects to the first of the host's addresses that answers.
    ///
    /// - Parameters:
    ///   - connectTimeoutSeconds: For each address; nil waits as long as the system does.
    ///   - readTimeoutSeconds: For each read; nil waits for ever.
    init(host: String, port: Int, connectTimeoutSeconds: Int?, readTimeoutSeconds: Int?) throws(RemoteError) {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Self.stream
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &list) == 0, let list else { throw .cannotConnect(url: host) }
        defer { freeaddrinfo(list) }
        var failure = RemoteError.cannotConnect(url: host)
        var next: UnsafeMutablePointer<addrinfo>? = list
        while let address = next?.pointee {
            do throws(RemoteError) {
                descriptor = try Self.connect(address, timeoutSeconds: connectTimeoutSeconds)
                configure(readTimeoutSeconds: readTimeoutSeconds)
                return
            } catch {
                failure = error
            }
            next = address.ai_next
        }
        throw failure
    }

    deinit { close(descriptor) }

    #if canImport(Glibc)
        private static let stream = Int32(SOCK_STREAM.rawValue)
        private static let noSignal = Int32(MSG_NOSIGNAL)
    #elseif canImport(Musl)
        private static let stream = SOCK_STREAM
        private static let noSignal = MSG_NOSIGNAL
    #else
        private static let stream = SOCK_STREAM
        private static let noSignal: Int32 = 0
    #endif

    private static func connect(_ address: addrinfo, timeoutSeconds: Int?) throws(RemoteError) -> Int32 {
        let descriptor = socket(address.ai_family, stream, address.ai_protocol)
        guard descriptor >= 0 else { throw .cannotConnect(url: "") }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        let flags = fcntl(descriptor, F_GETFL)
        _ = fcntl(descriptor, F_SETFL, flags | O_NONBLOCK)
        #if canImport(Darwin)
            let status = Darwin.connect(descriptor, address.ai_addr, address.ai_addrlen)
        #elseif canImport(Musl)
            let status = Musl.connect(descriptor, address.ai_addr, address.ai_addrlen)
        #else
            let status = Glibc.connect(descriptor, address.ai_addr, address.ai_addrlen)
        #endif
        if status != 0 {
            guard errno == EINPROGRESS else {
                close(descriptor)
                throw .cannotConnect(url: "")
            }
            var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            var ready: Int32
            repeat {
                ready = poll(&waiting, 1, timeoutSeconds.map { Int32(clamping: $0 * 1000) } ?? -1)
            } while ready < 0 && errno == EINTR
            var problem: Int32 = 0
            var size = socklen_t(MemoryLayout<Int32>.size)
            getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &problem, &size)
            if ready <= 0 || problem != 0 {
                close(descriptor)
                throw ready == 0 || problem == ETIMEDOUT ? .connectTimeout(url: "") : .cannotConnect(url: "")
            }
        }
        _ = fcntl(descriptor, F_SETFL, flags)
        return descriptor
    }

    private func configure(readTimeoutSeconds: Int?) {
        var flag: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &flag, socklen_t(MemoryLayout<Int32>.size))
        guard let readTimeoutSeconds else { return }
        var timeout = timeval(tv_sec: readTimeoutSeconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(RemoteError) {
        var place = 0
        while place < bytes.count {
            let count = send(descriptor, bytes.baseAddress?.advanced(by: place), bytes.count - place, Self.noSignal)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.failure }
            place += count
        }
    }

    func read(into space: UnsafeMutableRawBufferPointer) throws(RemoteError) -> Int {
        while true {
            let count = recv(descriptor, space.baseAddress, space.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Self.failure }
            return count
        }
    }

    private static var failure: RemoteError {
        errno == EAGAIN || errno == EWOULDBLOCK ? .readTimeout(url: "") : .closed(url: "")
    }
}
