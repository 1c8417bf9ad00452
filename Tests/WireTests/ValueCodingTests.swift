// SPDX-License-Identifier: Apache-2.0

import Foundation
import OrderedCollections
import Testing
import Wire

@Suite struct ValueCodingTests {
    enum Color: String, Codable { case red = "RED", blue = "BLUE" }

    struct Inner: Codable, Equatable {
        var name: String
        var weight: Float?
    }

    struct Outer: Codable, Equatable {
        var s3Uri: String
        var count: Int
        var size: Int32?
        var ratio: Double
        var isOn: Bool
        var created: Date
        var body: [UInt8]?
        var inner: Inner?
        var list: [Inner]
        var map: [String: Int]
        var ordered: OrderedDictionary<String, [Inner]>
        var color: Color
        var anything: Value
        var strings: [String]
    }

    let outer = Outer(
        s3Uri: "s3://b/k", count: 3, size: nil, ratio: 0.5, isOn: true, created: Date(timeIntervalSince1970: 12.25), body: [1, 2],
        inner: Inner(name: "x", weight: 0.1), list: [Inner(name: "y", weight: nil)], map: ["b": 2, "aKey": 1], ordered: ["zed": []],
        color: .blue, anything: ["q": [1, nil]], strings: ["a", "b"])

    let value: Value = [
        "S3Uri": "s3://b/k", "Count": 3, "Ratio": 0.5, "IsOn": true, "Created": .timestamp(12.25), "Body": .blob([1, 2]),
        "Inner": ["Name": "x", "Weight": 0.1], "List": [["Name": "y"]], "Map": ["aKey": 1, "b": 2], "Ordered": ["zed": []],
        "Color": "BLUE", "Anything": ["q": [1, nil]], "Strings": ["a", "b"],
    ]

    @Test func encodesInDeclarationOrderWithoutAbsentMembers() throws {
        #expect(try ValueEncoder().encode(outer) == value)
    }

    @Test func decodesWhatItEncoded() throws {
        #expect(try ValueDecoder().decode(Outer.self, from: value) == outer)
        let asWritten = try ValueEncoder(keyStyle: .asWritten).encode(outer)
        #expect(asWritten["s3Uri"] == "s3://b/k")
        #expect(try ValueDecoder(keyStyle: .asWritten).decode(Outer.self, from: asWritten) == outer)
    }

    @Test func errorsNameThePath() {
        struct Request: Codable { var channels: [[String: Inner]] }
        let wrong: Value = ["Channels": [[:], ["train": ["Name": 5]]]]
        let error = #expect(throws: ValueDecodingError.self) { try ValueDecoder().decode(Request.self, from: wrong) }
        #expect(error?.description == "Channels.1.train.Name: expected a string, found an integer")
        let absent = #expect(throws: ValueDecodingError.self) { try ValueDecoder().decode(Inner.self, from: [:]) }
        #expect(absent?.description == "Name: expected a value, found nothing")
        #expect(throws: ValueDecodingError.self) { try ValueDecoder().decode(Int8.self, from: 300) }
    }

    @Test func valuesPassThroughOtherCodersAsJSON() throws {
        let data = try JSONEncoder().encode(value["Inner"])
        #expect(try JSONDecoder().decode(Value.self, from: data) == ["Name": "x", "Weight": 0.1])
    }
}
