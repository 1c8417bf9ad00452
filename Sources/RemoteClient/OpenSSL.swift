// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The functions of OpenSSL that HTTPS takes, found when the first such endpoint is asked.
///
/// The library is loaded rather than linked: no other command pays for its start, and the system keeps it up to date.
struct OpenSSL: Sendable {
    typealias Handle = OpaquePointer
    typealias Text = UnsafePointer<CChar>
    typealias Act = @convention(c) (Handle?) -> Int32

    let clientMethod: @convention(c) () -> Handle?
    let newContext: @convention(c) (Handle?) -> Handle?
    let setVerify: @convention(c) (Handle?, Int32, OpaquePointer?) -> Void
    let loadAuthorities: @convention(c) (Handle?, Text?, Text?) -> Int32
    let useSystemAuthorities: Act
    let newConnection: @convention(c) (Handle?) -> Handle?
    let freeConnection: @convention(c) (Handle?) -> Void
    let setDescriptor: @convention(c) (Handle?, Int32) -> Int32
    let control: @convention(c) (Handle?, Int32, Int, UnsafeMutableRawPointer?) -> Int
    let setHost: @convention(c) (Handle?, Text?) -> Int32
    let parameters: @convention(c) (Handle?) -> Handle?
    let setAddress: @convention(c) (Handle?, Text?) -> Int32
    let connect: Act
    let read: @convention(c) (Handle?, UnsafeMutableRawPointer?, Int32) -> Int32
    let write: @convention(c) (Handle?, UnsafeRawPointer?, Int32) -> Int32
    let errorKind: @convention(c) (Handle?, Int32) -> Int32
    let verifyResult: @convention(c) (Handle?) -> Int
    let verifyText: @convention(c) (Int) -> Text?
    let lastError: @convention(c) () -> UInt
    let errorReason: @convention(c) (UInt) -> Text?

    /// `SSL_ERROR_ZERO_RETURN`: the other side has said that it is done.
    static let end: Int32 = 6
    /// `SSL_CTRL_SET_TLSEXT_HOSTNAME`.
    static let setServerName: Int32 = 55

    private static let loaded: Result<OpenSSL, RemoteError> = Result { () throws(RemoteError) in try OpenSSL() }

    /// The library; throws where it is not installed.
    static func shared() throws(RemoteError) -> OpenSSL { try loaded.get() }

    private init() throws(RemoteError) {
        guard let library = dlopen("libssl.so.3", RTLD_NOW | RTLD_LOCAL),
            let basis = dlopen("libcrypto.so.3", RTLD_NOW | RTLD_LOCAL)
        else { throw .noTLS(reason: "it is not installed (Debian's package libssl3)") }
        func find<Function>(_ name: String, _ type: Function.Type, in place: UnsafeMutableRawPointer) throws(RemoteError)
            -> Function
        {
            guard let symbol = dlsym(place, name) else { throw .noTLS(reason: "the library lacks \(name)") }
            return unsafeBitCast(symbol, to: type)
        }
        clientMethod = try find("TLS_client_method", (@convention(c) () -> Handle?).self, in: library)
        newContext = try find("SSL_CTX_new", (@convention(c) (Handle?) -> Handle?).self, in: library)
        setVerify = try find("SSL_CTX_set_verify", (@convention(c) (Handle?, Int32, OpaquePointer?) -> Void).self, in: library)
        loadAuthorities = try find(
            "SSL_CTX_load_verify_locations", (@convention(c) (Handle?, Text?, Text?) -> Int32).self, in: library)
        useSystemAuthorities = try find("SSL_CTX_set_default_verify_paths", Act.self, in: library)
        newConnection = try find("SSL_new", (@convention(c) (Handle?) -> Handle?).self, in: library)
        freeConnection = try find("SSL_free", (@convention(c) (Handle?) -> Void).self, in: library)
        setDescriptor = try find("SSL_set_fd", (@convention(c) (Handle?, Int32) -> Int32).self, in: library)
        control = try find("SSL_ctrl", (@convention(c) (Handle?, Int32, Int, UnsafeMutableRawPointer?) -> Int).self, in: library)
        setHost = try find("SSL_set1_host", (@convention(c) (Handle?, Text?) -> Int32).self, in: library)
        parameters = try find("SSL_get0_param", (@convention(c) (Handle?) -> Handle?).self, in: library)
        setAddress = try find("X509_VERIFY_PARAM_set1_ip_asc", (@convention(c) (Handle?, Text?) -> Int32).self, in: basis)
        connect = try find("SSL_connect", Act.self, in: library)
        read = try find("SSL_read", (@convention(c) (Handle?, UnsafeMutableRawPointer?, Int32) -> Int32).self, in: library)
        write = try find("SSL_write", (@convention(c) (Handle?, UnsafeRawPointer?, Int32) -> Int32).self, in: library)
        errorKind = try find("SSL_get_error", (@convention(c) (Handle?, Int32) -> Int32).self, in: library)
        verifyResult = try find("SSL_get_verify_result", (@convention(c) (Handle?) -> Int).self, in: library)
        verifyText = try find("X509_verify_cert_error_string", (@convention(c) (Int) -> Text?).self, in: basis)
        lastError = try find("ERR_get_error", (@convention(c) () -> UInt).self, in: basis)
        errorReason = try find("ERR_reason_error_string", (@convention(c) (UInt) -> Text?).self, in: basis)
    }
}

/// TLS over a TCP connection.
final class TLSTransport: Transport {
    /// Whom to trust.
    struct Trust: Sendable, Hashable {
        /// False takes any certificate.
        var verifies = true
        /// A file of certificates instead of the system's.
        var authorities: String?
    }

    private let library: OpenSSL
    private let connection: OpaquePointer
    private let socket: SocketTransport

    /// Greets the other side and looks at its certificate.
    init(_ socket: SocketTransport, host: String, trust: Trust) throws(RemoteError) {
        library = try OpenSSL.shared()
        self.socket = socket
        let context = try Contexts.context(trust, library)
        guard let connection = library.newConnection(context) else { throw .noTLS(reason: "no connection could be made") }
        self.connection = connection
        _ = library.setDescriptor(connection, socket.descriptor)
        if host.contains(":") || host.split(separator: ".").allSatisfy({ UInt8($0) != nil }) {
            _ = library.setAddress(library.parameters(connection), host)
        } else {
            _ = host.withCString { name in
                library.control(connection, OpenSSL.setServerName, 0, UnsafeMutableRawPointer(mutating: name))
            }
            _ = library.setHost(connection, host)
        }
        let status = library.connect(connection)
        guard status != 1 else { return }
        let result = library.verifyResult(connection)
        if trust.verifies, result != 0, let text = library.verifyText(result) {
            throw .untrusted(
                url: "", reason: "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: \(String(cString: text))")
        }
        let reason = library.errorReason(library.lastError()).map { String(cString: $0) } ?? "the connection ended"
        throw .untrusted(url: "", reason: "[SSL] \(reason)")
    }

    deinit { library.freeConnection(connection) }

    func write(_ bytes: UnsafeRawBufferPointer) throws(RemoteError) {
        var place = 0
        while place < bytes.count {
            let length = Int32(clamping: bytes.count - place)
            let count = library.write(connection, bytes.baseAddress?.advanced(by: place), length)
            guard count > 0 else { throw failure }
            place += Int(count)
        }
    }

    func read(into space: UnsafeMutableRawBufferPointer) throws(RemoteError) -> Int {
        let count = library.read(connection, space.baseAddress, Int32(clamping: space.count))
        if count > 0 { return Int(count) }
        if library.errorKind(connection, count) == OpenSSL.end { return 0 }
        throw failure
    }

    private var failure: RemoteError { errno == EAGAIN || errno == EWOULDBLOCK ? .readTimeout(url: "") : .closed(url: "") }

    /// Settings that connections share: reading the system's certificates takes milliseconds.
    private enum Contexts {
        static func context(_ trust: Trust, _ library: OpenSSL) throws(RemoteError) -> OpaquePointer? {
            guard let context = library.newContext(library.clientMethod()) else { throw .noTLS(reason: "no context could be made") }
            library.setVerify(context, trust.verifies ? 1 : 0, nil)
            if let file = trust.authorities {
                guard library.loadAuthorities(context, file, nil) == 1 else {
                    throw .noTLS(reason: "the file of certificates \(file) cannot be read")
                }
            } else if trust.verifies {
                _ = library.useSystemAuthorities(context)
            }
            return context
        }
    }
}
