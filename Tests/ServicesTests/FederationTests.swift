// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import Wire
import World

@testable import Services

@Suite struct FederationTests {
    private static func token(_ claims: Value) -> Value {
        func part(_ value: Value) -> String {
            Base64.encode(JSON.bytes(value)).replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        }
        return .string("\(part(["alg": "RS256"])).\(part(claims)).c2lnbmF0dXJl")
    }

    private static func trust(_ action: String, _ provider: String, _ condition: String) -> Value {
        .string(
            IAMTestWorld.document(
                #"{"Effect":"Allow","Principal":{"Federated":"\#(provider)"},"Action":"\#(action)","Condition":\#(condition)}"#))
    }

    @Test func webIdentitiesNeedAProviderAndTheRolesTrust() async throws {
        let world = try IAMTestWorld()
        let provider = "arn:aws:iam::123456789012:oidc-provider/id.example.com"
        try await world.iam(
            "CreateRole",
            [
                "RoleName": "web",
                "AssumeRolePolicyDocument": Self.trust(
                    "sts:AssumeRoleWithWebIdentity", provider,
                    #"{"StringEquals":{"id.example.com:aud":"app","id.example.com:sub":"ada"}}"#),
            ])
        func assume(_ claims: Value) async throws -> String? {
            try await world.error(
                "AssumeRoleWithWebIdentity",
                [
                    "RoleArn": "arn:aws:iam::123456789012:role/web", "RoleSessionName": "session",
                    "WebIdentityToken": Self.token(claims),
                ], service: "sts", as: nil)
        }
        let end = Value.double(Date().timeIntervalSince1970 + 600)
        let good: Value = ["iss": "https://id.example.com", "aud": "app", "sub": "ada", "exp": end]
        #expect(try await assume(good)?.hasPrefix("InvalidIdentityToken: No OpenIDConnect provider") == true)
        try await world.iam("CreateOpenIDConnectProvider", ["Url": "https://id.example.com", "ClientIDList": ["app"]])
        #expect(try await assume(good) == nil)
        var bad = good
        bad["sub"] = "eve"
        #expect(try await assume(bad) == "AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity")
        bad = good
        bad["aud"] = "other"
        #expect(try await assume(bad) == "InvalidIdentityToken: Incorrect token audience")
        bad = good
        bad["exp"] = 1
        #expect(try await assume(bad)?.hasPrefix("ExpiredTokenException") == true)
        let session = try await world.sts(
            "AssumeRoleWithWebIdentity",
            [
                "RoleArn": "arn:aws:iam::123456789012:role/web", "RoleSessionName": "session", "WebIdentityToken": Self.token(good),
            ], as: nil)
        #expect(session["SubjectFromWebIdentityToken"] == "ada" && session["Provider"] == .string(provider))
        let identity = try await world.sts("GetCallerIdentity", as: try IAMTestWorld.credentials(session))
        #expect(identity["Arn"] == "arn:aws:sts::123456789012:assumed-role/web/session")
    }

    @Test func samlAssertionsNameRoleAndSession() async throws {
        let world = try IAMTestWorld()
        let provider = "arn:aws:iam::123456789012:saml-provider/idp"
        let role = "arn:aws:iam::123456789012:role/saml"
        try await world.iam(
            "CreateRole",
            [
                "RoleName": "saml",
                "AssumeRolePolicyDocument": Self.trust(
                    "sts:AssumeRoleWithSAML", provider, #"{"StringEquals":{"saml:aud":"https://signin.aws.amazon.com/saml"}}"#),
            ])
        func attribute(_ name: String, _ value: String) -> String {
            #"<s:Attribute Name="https://aws.amazon.com/SAML/Attributes/\#(name)"><s:AttributeValue>\#(value)</s:AttributeValue></s:Attribute>"#
        }
        let text = """
            <p:Response xmlns:p="urn:p" xmlns:s="urn:s"><s:Assertion><s:Issuer>http://idp</s:Issuer><s:Subject>
            <s:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">ada</s:NameID></s:Subject>
            <s:AttributeStatement>\(attribute("Role", "\(provider),\(role)"))\(attribute("RoleSessionName", "ada"))\
            \(attribute("SessionDuration", "900"))</s:AttributeStatement></s:Assertion></p:Response>
            """
        let input: Value = [
            "RoleArn": .string(role), "PrincipalArn": .string(provider),
            "SAMLAssertion": .string(Base64.encode(Array(text.utf8))),
        ]
        #expect(
            try await world.error("AssumeRoleWithSAML", input, service: "sts", as: nil)?.hasPrefix("InvalidIdentityToken") == true)
        try await world.iam(
            "CreateSAMLProvider", ["Name": "idp", "SAMLMetadataDocument": .string(String(repeating: "a", count: 1024))])
        let session = try await world.sts("AssumeRoleWithSAML", input, as: nil)
        #expect(session["Subject"] == "ada" && session["SubjectType"] == "persistent" && session["Issuer"] == "http://idp")
        #expect(session["AssumedRoleUser"]?["Arn"] == "arn:aws:sts::123456789012:assumed-role/saml/ada")
        let end = try #require(session["Credentials"]?["Expiration"]?.doubleValue)
        #expect(abs(end - Date().timeIntervalSince1970 - 900) < 60)
    }
}
