// SPDX-License-Identifier: Apache-2.0

extension TabularPredictor {
    /// `predictions`.
    public var listName: String { "predictions" }

    /// Decodes the request, predicts, encodes the response.
    public func predict(_ request: InferenceRequest) throws -> InferenceResponse {
        let examples = try InferenceDecoder.examples(of: request, featureCount: featureCount)
        let format = try InferenceEncoder.format(for: request)
        let predictions = try predict(examples)
        return InferenceEncoder.response(of: predictions, as: format, listName: listName)
    }
}
