// SPDX-License-Identifier: Apache-2.0

import Algorithm
import ConvolutionalNetwork
import DecisionTree
import FactorizationMachines
import KMeans
import KNN
import LinearLearner
import PCA

/// The algorithms in the box: the one list that the executable hands to the hosts.
public enum Registry {
    /// One row an algorithm.
    public static let algorithms: [any Algorithm.Type] = [
        LinearLearner.self, KMeans.self, DecisionTree.self, ConvolutionalNetwork.self, FactorizationMachines.self, PCA.self,
        KNN.self,
    ]

    /// The algorithm of an image repository's name; nil where there is none.
    public static func algorithm(named name: String) -> (any Algorithm.Type)? {
        algorithms.first { $0.isNamed(name) }
    }
}
