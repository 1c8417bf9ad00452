// SPDX-License-Identifier: Apache-2.0

/// The syntax tree of an expression.
indirect enum Node: Sendable {
    enum Comparator: Sendable { case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual }

    case identity
    case field(String)
    case literal(JSONValue)
    case index(Int)
    case slice(start: Int?, stop: Int?, step: Int?)
    /// The right side applied to what the left side gives.
    case sequence(Node, Node)
    case projection(Node, Node)
    case valueProjection(Node, Node)
    case filterProjection(Node, Node, condition: Node)
    case flatten(Node)
    case comparison(Comparator, Node, Node)
    case or(Node, Node)
    case and(Node, Node)
    case not(Node)
    case list([Node])
    case hash([(key: String, value: Node)])
    case call(name: String, arguments: [Node])
    /// `&expression`: a function's argument that the function evaluates itself.
    case reference(Node)
}

/// A top-down operator precedence parser (Pratt, 1973) with the binding powers of jmespath.py, so that both read
/// every expression alike.
struct Parser {
    private let expression: String
    private let tokens: [Token]
    private var position = 0
    private var depth = 0

    /// The largest binding power of a token that ends a projection.
    private static let projectionStop = 10
    /// Deeper expressions are refused rather than overflowing the stack.
    private static let maximumDepth = 200

    init(expression: String) throws(JMESPathError) {
        self.expression = expression
        var lexer = Lexer(expression: expression)
        tokens = try lexer.tokens()
    }

    mutating func parse() throws(JMESPathError) -> Node {
        let node = try parseExpression(bindingPower: 0)
        if current.kind != .eof { throw error("Unexpected token: \(current.value.pythonDescription)") }
        return node
    }

    private var current: Token { tokens[min(position, tokens.count - 1)] }
    private var following: Token { tokens[min(position + 1, tokens.count - 1)] }

    private static func bindingPower(of kind: Token.Kind) -> Int {
        switch kind {
        case .pipe: 1
        case .or: 2
        case .and: 3
        case .eq, .gt, .lt, .gte, .lte, .ne: 5
        case .flatten: 9
        case .star: 20
        case .filter: 21
        case .dot: 40
        case .not: 45
        case .lbrace: 50
        case .lbracket: 55
        case .lparen: 60
        default: 0
        }
    }

    private static func comparator(of kind: Token.Kind) -> Node.Comparator? {
        switch kind {
        case .eq: .equal
        case .ne: .notEqual
        case .lt: .less
        case .lte: .lessOrEqual
        case .gt: .greater
        case .gte: .greaterOrEqual
        default: nil
        }
    }

    private func error(_ reason: String, token: Token? = nil) -> JMESPathError {
        let token = token ?? current
        return .syntax(
            reason: reason, position: token.start, token: token.value.pythonDescription, kind: token.kind.rawValue.uppercased(),
            expression: expression)
    }

    private mutating func match(_ kind: Token.Kind) throws(JMESPathError) {
        if current.kind != kind {
            if current.kind == .eof { throw .incomplete(expression: expression) }
            throw error("Expecting: \(kind.rawValue), got: \(current.kind.rawValue)")
        }
        position += 1
    }

    private mutating func parseExpression(bindingPower: Int) throws(JMESPathError) -> Node {
        guard depth < Self.maximumDepth else { throw error("nested too deeply") }
        depth += 1
        defer { depth -= 1 }
        let token = current
        position += 1
        var left = try parsePrefix(token)
        while bindingPower < Self.bindingPower(of: current.kind) {
            let operation = current
            position += 1
            left = try parseInfix(operation, left: left, previous: tokens[position - 2])
        }
        return left
    }

    /// An expression that starts with `token`, which has been taken.
    private mutating func parsePrefix(_ token: Token) throws(JMESPathError) -> Node {
        switch token.kind {
        case .literal: return .literal(token.value)
        case .unquotedIdentifier: return .field(token.value.pythonDescription)
        case .quotedIdentifier:
            if current.kind == .lparen {
                throw .syntax(
                    reason: "Quoted identifier not allowed for function names.", position: 0,
                    token: current.value.pythonDescription, kind: current.kind.rawValue.uppercased(), expression: expression)
            }
            return .field(token.value.pythonDescription)
        case .star:
            return .valueProjection(.identity, current.kind == .rbracket ? .identity : try parseProjected(bindingPower: 20))
        case .filter: return try parseFilter(left: .identity)
        case .lbrace: return try parseHash()
        case .lparen:
            let node = try parseExpression(bindingPower: 0)
            try match(.rparen)
            return node
        case .flatten: return .projection(.flatten(.identity), try parseProjected(bindingPower: 9))
        case .not: return .not(try parseExpression(bindingPower: 45))
        case .lbracket:
            if current.kind == .number || current.kind == .colon { return try parseIndex(left: .identity) }
            if current.kind == .star, following.kind == .rbracket {
                position += 2
                return .projection(.identity, try parseProjected(bindingPower: 20))
            }
            return try parseList()
        case .current: return .identity
        case .expref: return .reference(try parseExpression(bindingPower: 0))
        case .eof: throw .incomplete(expression: expression)
        default: throw error("invalid token", token: token)
        }
    }

    /// What `operation`, which has been taken, makes of `left`.
    private mutating func parseInfix(_ operation: Token, left: Node, previous: Token) throws(JMESPathError) -> Node {
        if let comparator = Self.comparator(of: operation.kind) {
            return .comparison(comparator, left, try parseExpression(bindingPower: 5))
        }
        switch operation.kind {
        case .dot:
            if current.kind == .star {
                position += 1
                return .valueProjection(left, try parseProjected(bindingPower: 40))
            }
            return .sequence(left, try parseAfterDot(bindingPower: 40))
        case .pipe: return .sequence(left, try parseExpression(bindingPower: 1))
        case .or: return .or(left, try parseExpression(bindingPower: 2))
        case .and: return .and(left, try parseExpression(bindingPower: 3))
        case .lparen: return try parseCall(left: left, name: previous)
        case .filter: return try parseFilter(left: left)
        case .flatten: return .projection(.flatten(left), try parseProjected(bindingPower: 9))
        case .lbracket:
            if current.kind == .number || current.kind == .colon { return try parseIndex(left: left) }
            try match(.star)
            try match(.rbracket)
            return .projection(left, try parseProjected(bindingPower: 20))
        default: throw error("invalid token", token: operation)
        }
    }

    private mutating func parseCall(left: Node, name: Token) throws(JMESPathError) -> Node {
        guard case .field(let function) = left else {
            throw error("Invalid function name '\(name.value.pythonDescription)'", token: name)
        }
        var arguments: [Node] = []
        while current.kind != .rparen {
            arguments.append(try parseExpression(bindingPower: 0))
            if current.kind == .comma { position += 1 }
        }
        try match(.rparen)
        return .call(name: function, arguments: arguments)
    }

    private mutating func parseFilter(left: Node) throws(JMESPathError) -> Node {
        let condition = try parseExpression(bindingPower: 0)
        try match(.rbracket)
        let right = current.kind == .flatten ? Node.identity : try parseProjected(bindingPower: 21)
        return .filterProjection(left, right, condition: condition)
    }

    /// `[number]` or a slice, after the bracket.
    private mutating func parseIndex(left: Node) throws(JMESPathError) -> Node {
        if current.kind == .colon || following.kind == .colon {
            let slice = try parseSlice()
            return .projection(.sequence(left, slice), try parseProjected(bindingPower: 20))
        }
        guard case .integer(let index) = current.value else { throw error("syntax error") }
        position += 1
        try match(.rbracket)
        return .sequence(left, .index(index))
    }

    private mutating func parseSlice() throws(JMESPathError) -> Node {
        var parts: [Int?] = [nil, nil, nil]
        var part = 0
        while current.kind != .rbracket, part < 3 {
            if current.kind == .colon {
                part += 1
                if part == 3 { throw error("syntax error") }
            } else if case .integer(let number) = current.value {
                parts[part] = number
            } else {
                throw error("syntax error")
            }
            position += 1
        }
        try match(.rbracket)
        return .slice(start: parts[0], stop: parts[1], step: parts[2])
    }

    private mutating func parseList() throws(JMESPathError) -> Node {
        var elements = [try parseExpression(bindingPower: 0)]
        while current.kind != .rbracket {
            try match(.comma)
            elements.append(try parseExpression(bindingPower: 0))
        }
        try match(.rbracket)
        return .list(elements)
    }

    private mutating func parseHash() throws(JMESPathError) -> Node {
        var members: [(key: String, value: Node)] = []
        while true {
            let key = current
            guard key.kind == .quotedIdentifier || key.kind == .unquotedIdentifier else {
                if key.kind == .eof { throw .incomplete(expression: expression) }
                throw error("Expecting: ['quoted_identifier', 'unquoted_identifier'], got: \(key.kind.rawValue)")
            }
            position += 1
            try match(.colon)
            members.append((key.value.pythonDescription, try parseExpression(bindingPower: 0)))
            if current.kind == .comma {
                position += 1
            } else if current.kind == .rbrace {
                position += 1
                return .hash(members)
            }
        }
    }

    /// What follows a projection and is applied to each of its elements.
    private mutating func parseProjected(bindingPower: Int) throws(JMESPathError) -> Node {
        if Self.bindingPower(of: current.kind) < Self.projectionStop { return .identity }
        switch current.kind {
        case .lbracket, .filter: return try parseExpression(bindingPower: bindingPower)
        case .dot:
            position += 1
            return try parseAfterDot(bindingPower: bindingPower)
        default: throw error("syntax error")
        }
    }

    private mutating func parseAfterDot(bindingPower: Int) throws(JMESPathError) -> Node {
        switch current.kind {
        case .quotedIdentifier, .unquotedIdentifier, .star: return try parseExpression(bindingPower: bindingPower)
        case .lbracket:
            position += 1
            return try parseList()
        case .lbrace:
            position += 1
            return try parseHash()
        default:
            throw error(
                "Expecting: ['quoted_identifier', 'unquoted_identifier', 'lbracket', 'lbrace'], got: \(current.kind.rawValue)")
        }
    }
}
