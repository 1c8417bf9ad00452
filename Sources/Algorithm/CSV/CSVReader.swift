// SPDX-License-Identifier: Apache-2.0

/// Reads header-less comma-separated numbers, the label (if any) in the first column.
///
/// Blank lines are passed over; quotes, empty fields, other than finite numbers and lines of another width are errors that say where.
struct CSVReader {
    /// The longest line that is read.
    static let maximumLineByteCount = 1 << 28

    private let input: InputBuffer
    private let labelColumnCount: Int
    private let keepsLabels: Bool
    private let labelNames: LabelNames?
    private var lineNumber = 0
    /// The bytes at the window's front that end with the end of a line.
    private var wholeLineByteCount = 0

    /// Labels are numbers, or with `labelNames` any text.
    init(_ input: InputBuffer, labelColumnCount: Int, keepsLabels: Bool = true, labelNames: LabelNames? = nil) {
        self.labelNames = labelNames
        self.input = input
        self.labelColumnCount = labelColumnCount
        self.keepsLabels = keepsLabels
    }

    /// How far the file was read.
    var byteOffset: Int { input.byteOffset }

    /// Adds the lines at hand, at most until the builder has `maximumCount` examples; false at the end.
    mutating func read(into builder: inout ExampleBuilder, upTo maximumCount: Int) throws -> Bool {
        guard try fillWholeLines() else { return false }
        let window = input.window
        var consumed = 0
        defer {
            input.consume(consumed)
            wholeLineByteCount -= consumed
        }
        while consumed < wholeLineByteCount, builder.count < maximumCount {
            let rest = UnsafeRawBufferPointer(rebasing: window[consumed..<wholeLineByteCount])
            lineNumber += 1
            if let blank = Self.blankLineByteCount(rest) {
                consumed += blank
                continue
            }
            let width = builder.featureCount ?? (Self.columnCount(rest) - labelColumnCount)
            guard width > 0 else { throw error(.missingField("feature beside the label"), consumed) }
            consumed += try readLine(rest, at: consumed, width: width, into: &builder)
        }
        return true
    }

    /// Brings at least one whole line into the window; false at the end.
    private mutating func fillWholeLines() throws -> Bool {
        while wholeLineByteCount == 0 {
            let window = input.window
            if let newline = window.lastIndex(of: 0x0a) {
                wholeLineByteCount = newline + 1
            } else if try input.fillMore() {
                guard input.count <= Self.maximumLineByteCount else {
                    lineNumber += 1
                    throw error(.tooLarge(what: "the line", maximum: Self.maximumLineByteCount), 0)
                }
            } else {
                wholeLineByteCount = input.count
                return wholeLineByteCount > 0
            }
        }
        return true
    }

    private func error(_ problem: DataError.Problem, _ offset: Int, column: Int? = nil) -> DataError {
        DataError(
            problem,
            at: DataError.Location(file: input.name, line: lineNumber, column: column, byteOffset: input.byteOffset + offset))
    }

    private static func blankLineByteCount(_ bytes: UnsafeRawBufferPointer) -> Int? {
        var position = 0
        while position < bytes.count {
            if bytes[position] == 0x0a { return position + 1 }
            guard FloatParser.isBlank(bytes[position]) else { return nil }
            position += 1
        }
        return position
    }

    private static func columnCount(_ bytes: UnsafeRawBufferPointer) -> Int {
        var count = 1
        for byte in bytes {
            if byte == 0x0a { break }
            if byte == UInt8(ascii: ",") { count += 1 }
        }
        return count
    }

    /// Reads one line of `width` features; gives the number of bytes it takes.
    private func readLine(_ bytes: UnsafeRawBufferPointer, at offset: Int, width: Int, into builder: inout ExampleBuilder) throws
        -> Int
    {
        var scanner = LineScanner(bytes)
        var failure: LineScanner.Failure?
        var label: Float?
        if labelColumnCount == 1 {
            switch labelNames.map({ scanner.label($0) }) ?? scanner.field(isLast: width == 0) {
            case .success(let value): label = value
            case .failure(let problem): failure = problem
            }
        }
        let base = labelColumnCount
        if failure == nil {
            builder.appendDense(label: keepsLabels ? label : nil, width: width) { row in
                failure = scanner.fields(into: row)
                return failure == nil
            }
        }
        guard var failure else { return scanner.position }
        if failure.column == nil { failure.column = scanner.fieldNumber }
        if case .wrongFieldCount = failure.problem {
            failure.problem = .wrongFieldCount(found: Self.columnCount(bytes) - base, expected: width)
            throw error(failure.problem, offset)
        }
        throw error(failure.problem, offset + scanner.fieldStart, column: failure.column)
    }
}

/// Goes over the fields of one line; never past the bytes it was given, which end with a newline or with the file.
struct LineScanner {
    struct Failure: Error {
        var problem: DataError.Problem
        var column: Int?
    }

    private let bytes: UnsafeRawBufferPointer
    private(set) var position = 0
    private(set) var fieldStart = 0
    /// The number of the current field, from 1.
    private(set) var fieldNumber = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    private static let comma = UInt8(ascii: ",")
    private static let newline = UInt8(ascii: "\n")
    /// `0,0,0,0,`, the first byte lowest.
    private static let fourZeros: UInt64 = 0x2c30_2c30_2c30_2c30
    /// `0.000000`, the first byte lowest: zero as `%f` writes it.
    private static let longZero: UInt64 = 0x3030_3030_3030_2e30
    /// Fills a row with the line's remaining fields.
    mutating func fields(into row: UnsafeMutableBufferPointer<Float>) -> Failure? {
        guard var target = row.baseAddress, let base = bytes.baseAddress, !row.isEmpty else {
            return Failure(problem: .emptyField)
        }
        let count = bytes.count
        var at = position
        var index = 0
        let last = row.count - 1
        var failure: Failure?
        while index < last {
            if at >= 8, at + 64 <= count {
                let before = at
                var commas = Self.commaMask(base + at)
                while commas != 0, index < last {
                    // Much data is mostly zeros: they go four at a time.
                    if index &+ 4 <= last, at &+ 8 <= count,
                        (base + at).loadUnaligned(as: UInt64.self).littleEndian == Self.fourZeros
                    {
                        UnsafeMutableRawPointer(target).initializeMemory(as: Float.self, repeating: 0, count: 4)
                        target += 4
                        index += 4
                        at += 8
                        let done = at &- before
                        commas = done >= 64 ? 0 : commas & (~0 << UInt64(done))
                        continue
                    }
                    let comma = before + commas.trailingZeroBitCount
                    let end = base + comma
                    if comma &- at == 8, (base + at).loadUnaligned(as: UInt64.self).littleEndian == Self.longZero {
                        target.initialize(to: 0)
                        target += 1
                        index += 1
                        at = comma + 1
                        commas &= commas &- 1
                        continue
                    }
                    guard let value = Self.wholeNumber(end, byteCount: comma - at) ?? Self.decimal(end, byteCount: comma - at)
                    else { break }
                    target.initialize(to: value)
                    target += 1
                    index += 1
                    at = comma + 1
                    commas &= commas &- 1
                }
                if at > before, commas == 0 || index == last { continue }
            }
            position = at
            switch field(isLast: false) {
            case .success(let value): target.initialize(to: value)
            case .failure(let problem):
                failure = problem
                failure?.column = fieldNumber + index
            }
            if failure != nil { break }
            target += 1
            index += 1
            fieldNumber -= 1
            at = position
        }
        if failure == nil {
            position = at
            switch field(isLast: true) {
            case .success(let value): target.initialize(to: value)
            case .failure(let problem):
                failure = problem
                failure?.column = fieldNumber + index
            }
            if failure == nil { return nil }
        }
        return failure
    }

    /// Bit i is set where byte i of the 64 bytes is a comma; eight bytes at a time in an ordinary register.
    @inline(__always)
    private static func commaMask(_ start: UnsafeRawPointer) -> UInt64 {
        let low: UInt64 = 0x7f7f_7f7f_7f7f_7f7f
        var mask: UInt64 = 0
        for word in 0..<8 {
            let bytes = UInt64(littleEndian: start.loadUnaligned(fromByteOffset: word * 8, as: UInt64.self))
            let difference = bytes ^ 0x2c2c_2c2c_2c2c_2c2c
            // A byte is zero exactly where neither its high bit nor the carry out of its low bits is set.
            let zeros = ~(((difference & low) &+ low) | difference | low)
            let bits = ((zeros >> 7) &* 0x0102_0408_1020_4080) >> 56
            mask |= bits << UInt64(word * 8)
        }
        return mask
    }

    /// The number of one to four digits that ends before `end`, where four bytes must be; nil for anything else.
    @inline(__always)
    private static func wholeNumber(_ end: UnsafeRawPointer, byteCount: Int) -> Float? {
        guard byteCount >= 1, byteCount <= 4 else { return nil }
        let unused = UInt32(truncatingIfNeeded: (4 - byteCount) &* 8)
        let text = UInt32(littleEndian: end.loadUnaligned(fromByteOffset: -4, as: UInt32.self)) ^ 0x3030_3030
        let digits = (text >> unused) << unused
        guard ((digits &+ 0x7676_7676) | digits) & 0x8080_8080 == 0 else { return nil }
        let pairs = ((digits &* 10) &+ (digits >> 8)) & 0x00ff_00ff
        return Float((pairs &* (100 << 16 | 1)) >> 16)
    }

    /// A digit, a point and one to eight digits that end before `end`, where eight bytes must be; nil for anything else.
    ///
    /// Eight digits are added up in three multiplications (Lemire 2018, "Quickly parsing eight digits").
    @inline(__always)
    private static func decimal(_ end: UnsafeRawPointer, byteCount: Int) -> Float? {
        guard byteCount >= 3, byteCount <= 10 else { return nil }
        let first = (end - byteCount).load(as: UInt8.self) &- 0x30
        guard first < 10, (end - byteCount + 1).load(as: UInt8.self) == UInt8(ascii: ".") else { return nil }
        let unused = UInt64(truncatingIfNeeded: (10 - byteCount) &* 8)
        let text = UInt64(littleEndian: end.loadUnaligned(fromByteOffset: -8, as: UInt64.self)) ^ 0x3030_3030_3030_3030
        let digits = (text >> unused) << unused
        guard ((digits &+ 0x7676_7676_7676_7676) | digits) & 0x8080_8080_8080_8080 == 0 else { return nil }
        let pairs = (digits &* 10) &+ (digits >> 8)
        let low = (pairs & 0x0000_00ff_0000_00ff) &* 0x000f_4240_0000_0064
        let high = ((pairs >> 16) & 0x0000_00ff_0000_00ff) &* 0x0000_2710_0000_0001
        let fraction = (low &+ high) >> 32
        let power = FloatParser.powersOfTen[byteCount - 2]
        return Float((Double(first) * power + Double(fraction)) / power)
    }

    /// One field and the comma or line end after it.
    mutating func field(isLast: Bool) -> Result<Float, Failure> {
        fieldStart = position
        fieldNumber += 1
        guard let base = bytes.baseAddress else { return .failure(Failure(problem: .emptyField)) }
        var at = position
        let count = bytes.count
        if let value = Self.shortDecimal(base, from: &at, count) {
            if at < count, base.load(fromByteOffset: at, as: UInt8.self) == Self.comma, !isLast {
                position = at + 1
                return .success(value)
            }
            if at < count, base.load(fromByteOffset: at, as: UInt8.self) == Self.newline, isLast {
                position = at + 1
                return .success(value)
            }
        }
        return carefulField(isLast: isLast)
    }

    /// Digits with at most one point and at most fifteen digits in all; what follows them is the caller's to look at.
    private static func shortDecimal(_ base: UnsafeRawPointer, from at: inout Int, _ count: Int) -> Float? {
        let start = at
        var isNegative = false
        if at < count, base.load(fromByteOffset: at, as: UInt8.self) == UInt8(ascii: "-") {
            isNegative = true
            at += 1
        }
        var mantissa: UInt64 = 0
        var pointAt = -1
        let digitsStart = at
        while at < count {
            let byte = base.load(fromByteOffset: at, as: UInt8.self)
            let digit = byte &- UInt8(ascii: "0")
            if digit < 10 {
                mantissa = mantissa &* 10 &+ UInt64(digit)
            } else if byte == UInt8(ascii: "."), pointAt < 0 {
                pointAt = at
            } else {
                break
            }
            at += 1
        }
        let length = at - digitsStart - (pointAt < 0 ? 0 : 1)
        guard length > 0, length <= 15 else {
            at = start
            return nil
        }
        let fractionDigitCount = pointAt < 0 ? 0 : at - pointAt - 1
        let magnitude = fractionDigitCount == 0 ? Double(mantissa) : Double(mantissa) / FloatParser.powersOfTen[fractionDigitCount]
        return Float(isNegative ? -magnitude : magnitude)
    }

    /// The field as the name of a class, and the comma after it.
    mutating func label(_ names: LabelNames) -> Result<Float, Failure> {
        fieldStart = position
        fieldNumber += 1
        var end = position
        var isQuoted = false
        while end < bytes.count, isQuoted || bytes[end] != Self.comma, bytes[end] != Self.newline {
            if bytes[end] == UInt8(ascii: "\"") { isQuoted.toggle() }
            end += 1
        }
        guard end < bytes.count, bytes[end] == Self.comma else {
            return .failure(Failure(problem: .wrongFieldCount(found: 0, expected: 0)))
        }
        guard let text = LabelNames.text(ofField: UnsafeRawBufferPointer(rebasing: bytes[position..<end])) else {
            return .failure(Failure(problem: .emptyField))
        }
        position = end + 1
        return .success(names.place(of: text))
    }

    /// The same for any field, with a diagnosis.
    private mutating func carefulField(isLast: Bool) -> Result<Float, Failure> {
        var end = position
        while end < bytes.count, bytes[end] != Self.comma, bytes[end] != Self.newline { end += 1 }
        let endsLine = end == bytes.count || bytes[end] == Self.newline
        let text = UnsafeRawBufferPointer(rebasing: bytes[position..<end])
        switch FloatParser.parse(text) {
        case .empty: return .failure(Failure(problem: endsLine && !isLast ? .wrongFieldCount(found: 0, expected: 0) : .emptyField))
        case .notANumber: return .failure(Failure(problem: .notANumber(text: Self.excerpt(text))))
        case .number(let number):
            let value = Float(number)
            guard value.isFinite else { return .failure(Failure(problem: .notFinite(text: Self.excerpt(text)))) }
            guard endsLine == isLast else { return .failure(Failure(problem: .wrongFieldCount(found: 0, expected: 0))) }
            position = min(end + 1, bytes.count)
            return .success(value)
        }
    }

    /// At most forty characters of a field.
    private static func excerpt(_ bytes: UnsafeRawBufferPointer) -> String {
        let text = String(decoding: bytes.prefix(40), as: UTF8.self)
        return text + (bytes.count > 40 ? "…" : "")
    }
}
