// SPDX-License-Identifier: Apache-2.0

import Foundation
import Wire

/// A bucket as a web site (S3 User Guide, "Hosting a static website"): pages for everybody, an index, an error page, redirects.
struct Website {
    let backend: any EndpointBackend
    let bucket: String
    let region: String

    func answer(_ exchange: EndpointResponder.Exchange) async throws -> HTTPResponseParts {
        guard let document = try await backend.configuration("website", ofBucket: bucket) else {
            return Self.errorPage(
                ServiceError(
                    "NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration", status: 404))
        }
        let path = exchange.parts.path
        let host = exchange.parts.headers["Host"] ?? ""
        if let target = document["RedirectAllRequestsTo"] {
            let scheme = target["Protocol"]?.stringValue ?? "http"
            return Self.redirect("\(scheme)://\(target["HostName"]?.stringValue ?? host)\(exchange.parts.target)", status: 301)
        }
        let suffix = document["IndexDocument"]?["Suffix"]?.stringValue ?? "index.html"
        let wanted = PercentEncoding.decode(path.dropFirst())
        let rules = document["RoutingRules"]?.listValue ?? []
        if let redirect = Self.redirect(by: rules, key: wanted, status: nil, host: host) { return redirect }
        let key = wanted.isEmpty || wanted.hasSuffix("/") ? wanted + suffix : wanted
        do {
            return try await page(key, exchange)
        } catch let error as ServiceError {
            // A folder's name without its slash leads to the folder.
            if !wanted.isEmpty, !wanted.hasSuffix("/"), (try? await page(wanted + "/" + suffix, exchange)) != nil {
                return Self.redirect(path + "/", status: 302)
            }
            if let redirect = Self.redirect(by: rules, key: wanted, status: error.status ?? 404, host: host) { return redirect }
            if let errorKey = document["ErrorDocument"]?["Key"]?.stringValue, (400..<500).contains(error.status ?? 404),
                var page = try? await page(errorKey, exchange)
            {
                page.status = error.status ?? 404
                return page
            }
            return Self.errorPage(error)
        }
    }

    /// An object as everybody may read it.
    private func page(_ key: String, _ exchange: EndpointResponder.Exchange) async throws -> HTTPResponseParts {
        var input: Value = ["Bucket": .string(bucket), "Key": .string(key)]
        for (member, header) in [("IfNoneMatch", "If-None-Match"), ("Range", "Range")] {
            if let text = exchange.parts.headers[header] { input[member] = .string(text) }
        }
        let response = try await backend.client.send(
            ServiceRequest(
                service: "s3", operation: "GetObject", input: input, credentials: nil, region: region,
                sourceAddress: exchange.address, userAgent: exchange.parts.headers["User-Agent"] ?? ""))
        if let target = response.output["WebsiteRedirectLocation"]?.stringValue { return Self.redirect(target, status: 301) }
        var page = HTTPResponseParts(status: response.status ?? 200)
        for (member, header) in [
            ("ContentType", "Content-Type"), ("ETag", "ETag"), ("CacheControl", "Cache-Control"),
            ("ContentEncoding", "Content-Encoding"), ("ContentLanguage", "Content-Language"), ("ContentRange", "Content-Range"),
        ] {
            if let text = response.output[member]?.stringValue { page.headers[header] = text }
        }
        if case .timestamp(let seconds) = response.output["LastModified"] {
            page.headers["Last-Modified"] = Timestamp.rfc822(seconds)
        }
        page.body = response.body ?? Body(bytes: [])
        return page
    }

    // MARK: Redirects

    private static func redirect(_ location: String, status: Int) -> HTTPResponseParts {
        HTTPResponseParts(status: status, headers: ["Location": location])
    }

    /// The redirect of the first rule whose condition holds; nil where none does.
    ///
    /// - Parameter status: the error's status; nil before anything has been looked for.
    private static func redirect(by rules: [Value], key: String, status: Int?, host: String) -> HTTPResponseParts? {
        for rule in rules {
            let prefix = rule["Condition"]?["KeyPrefixEquals"]?.stringValue
            let code = rule["Condition"]?["HttpErrorCodeReturnedEquals"]?.stringValue
            guard (code == nil) == (status == nil), code == nil || code == status.map(String.init),
                key.hasPrefix(prefix ?? ""), let target = rule["Redirect"]
            else { continue }
            var replaced = key
            if let whole = target["ReplaceKeyWith"]?.stringValue {
                replaced = whole
            } else if let start = target["ReplaceKeyPrefixWith"]?.stringValue {
                replaced = start + key.dropFirst((prefix ?? "").count)
            }
            let scheme = target["Protocol"]?.stringValue ?? "http"
            let name = target["HostName"]?.stringValue ?? host
            let location = "\(scheme)://\(name)/\(PercentEncoding.encode(replaced, keepsSlash: true))"
            return redirect(location, status: target["HttpRedirectCode"]?.stringValue.flatMap { Int($0) } ?? 301)
        }
        return nil
    }

    private static let phrases = [
        400: "Bad Request", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 416: "Requested Range Not Satisfiable",
        500: "Internal Server Error",
    ]

    /// The page that S3 makes itself.
    private static func errorPage(_ error: ServiceError) -> HTTPResponseParts {
        let status = error.status ?? 404
        let title = "\(status) \(phrases[status] ?? "Error")"
        let items = [("Code", error.code), ("Message", error.message)]
            .map { "<li>\($0): \(Markup.escaped($1))</li>\n" }.joined()
        let text =
            "<html>\n<head><title>\(title)</title></head>\n<body>\n<h1>\(title)</h1>\n<ul>\n\(items)</ul>\n</body>\n</html>\n"
        return HTTPResponseParts(
            status: status, headers: ["Content-Type": "text/html; charset=utf-8"], body: Body(bytes: Array(text.utf8)))
    }
}

/// Text for XML and HTML.
enum Markup {
    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
    }
}
