// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The functions of libarchive that are used here, found when the first archive is touched.
///
/// The library is loaded rather than linked, so that commands that touch no archive do not pay for its start.
struct LibArchive: Sendable {
    typealias Handle = OpaquePointer
    typealias Create = @convention(c) () -> Handle?
    typealias Act = @convention(c) (Handle) -> Int32
    typealias OpenFile = @convention(c) (Handle, UnsafePointer<CChar>?, Int) -> Int32
    typealias OpenMemory = @convention(c) (Handle, UnsafeRawPointer?, Int) -> Int32
    typealias NextHeader = @convention(c) (Handle, UnsafeMutablePointer<Handle?>) -> Int32
    typealias ReadData = @convention(c) (Handle, UnsafeMutableRawPointer?, Int) -> Int
    typealias WriteData = @convention(c) (Handle, UnsafeRawPointer?, Int) -> Int
    typealias SetOption = @convention(c) (Handle, UnsafePointer<CChar>?, UnsafePointer<CChar>?, UnsafePointer<CChar>?) -> Int32
    typealias WriteOpen =
        @convention(c) (
            Handle, UnsafeMutableRawPointer?, UnsafeRawPointer?,
            (@convention(c) (Handle?, UnsafeMutableRawPointer?, UnsafeRawPointer?, Int) -> Int)?, UnsafeRawPointer?
        ) -> Int32
    typealias SetInt = @convention(c) (Handle, Int32) -> Int32
    typealias GetText = @convention(c) (Handle) -> UnsafePointer<CChar>?
    typealias GetUnsigned = @convention(c) (Handle) -> UInt32
    typealias EntryAct = @convention(c) (Handle) -> Void
    typealias EntrySetText = @convention(c) (Handle, UnsafePointer<CChar>?) -> Void
    typealias EntrySetUnsigned = @convention(c) (Handle, UInt32) -> Void
    typealias EntrySetSize = @convention(c) (Handle, Int64) -> Void
    typealias EntrySetTime = @convention(c) (Handle, Int, Int) -> Void

    let readNew: Create
    let readSupportFilterAll: Act
    let readSupportFormatAll: Act
    let readSupportFormatRaw: Act
    let readSupportFormatEmpty: Act
    let readOpenFile: OpenFile
    let readOpenMemory: OpenMemory
    let readNextHeader: NextHeader
    let readData: ReadData
    let readFree: Act
    let writeNew: Create
    let writeAddFilterGzip: Act
    let writeSetFormatGNUTar: Act
    let writeSetFormatZip: Act
    let writeSetFormatRaw: Act
    let writeSetFormatOption: SetOption
    let writeSetFilterOption: SetOption
    let writeSetBytesPerBlock: SetInt
    let writeSetBytesInLastBlock: SetInt
    let writeOpen: WriteOpen
    let writeHeader: @convention(c) (Handle, Handle) -> Int32
    let writeData: WriteData
    let writeClose: Act
    let writeFree: Act
    let errorText: GetText
    let entryNew: Create
    let entryFree: EntryAct
    let entryPath: GetText
    let entryPathUTF8: GetText
    let entryFileType: GetUnsigned
    let entryPermissions: GetUnsigned
    let entrySymlink: GetText
    let entryHardlink: GetText
    let entrySetPath: EntrySetText
    let entrySetFileType: EntrySetUnsigned
    let entrySetPermissions: EntrySetUnsigned
    let entrySetSize: EntrySetSize
    let entrySetModified: EntrySetTime

    static let ok: Int32 = 0
    static let endOfFile: Int32 = 1
    static let warn: Int32 = -20

    private static let loaded: Result<LibArchive, PlatformError> = Result { () throws(PlatformError) in try LibArchive() }

    /// The library; throws ``PlatformError`` where it is not installed.
    static func shared() throws -> LibArchive { try loaded.get() }

    private init() throws(PlatformError) {
        let names = ["libarchive.so.13", "libarchive.so", "libarchive.13.dylib"]
        guard let library = names.lazy.compactMap({ dlopen($0, RTLD_NOW | RTLD_LOCAL) }).first else {
            throw PlatformError("libarchive is not installed (Debian's package libarchive13)")
        }
        func find<Function>(_ name: String, as type: Function.Type) throws(PlatformError) -> Function {
            guard let symbol = dlsym(library, name) else { throw PlatformError("libarchive lacks \(name)") }
            return unsafeBitCast(symbol, to: type)
        }
        readNew = try find("archive_read_new", as: Create.self)
        readSupportFilterAll = try find("archive_read_support_filter_all", as: Act.self)
        readSupportFormatAll = try find("archive_read_support_format_all", as: Act.self)
        readSupportFormatRaw = try find("archive_read_support_format_raw", as: Act.self)
        readSupportFormatEmpty = try find("archive_read_support_format_empty", as: Act.self)
        readOpenFile = try find("archive_read_open_filename", as: OpenFile.self)
        readOpenMemory = try find("archive_read_open_memory", as: OpenMemory.self)
        readNextHeader = try find("archive_read_next_header", as: NextHeader.self)
        readData = try find("archive_read_data", as: ReadData.self)
        readFree = try find("archive_read_free", as: Act.self)
        writeNew = try find("archive_write_new", as: Create.self)
        writeAddFilterGzip = try find("archive_write_add_filter_gzip", as: Act.self)
        writeSetFormatGNUTar = try find("archive_write_set_format_gnutar", as: Act.self)
        writeSetFormatZip = try find("archive_write_set_format_zip", as: Act.self)
        writeSetFormatRaw = try find("archive_write_set_format_raw", as: Act.self)
        writeSetFormatOption = try find("archive_write_set_format_option", as: SetOption.self)
        writeSetFilterOption = try find("archive_write_set_filter_option", as: SetOption.self)
        writeSetBytesPerBlock = try find("archive_write_set_bytes_per_block", as: SetInt.self)
        writeSetBytesInLastBlock = try find("archive_write_set_bytes_in_last_block", as: SetInt.self)
        writeOpen = try find("archive_write_open", as: WriteOpen.self)
        writeHeader = try find("archive_write_header", as: (@convention(c) (Handle, Handle) -> Int32).self)
        writeData = try find("archive_write_data", as: WriteData.self)
        writeClose = try find("archive_write_close", as: Act.self)
        writeFree = try find("archive_write_free", as: Act.self)
        errorText = try find("archive_error_string", as: GetText.self)
        entryNew = try find("archive_entry_new", as: Create.self)
        entryFree = try find("archive_entry_free", as: EntryAct.self)
        entryPath = try find("archive_entry_pathname", as: GetText.self)
        entryPathUTF8 = try find("archive_entry_pathname_utf8", as: GetText.self)
        entryFileType = try find("archive_entry_filetype", as: GetUnsigned.self)
        entryPermissions = try find("archive_entry_perm", as: GetUnsigned.self)
        entrySymlink = try find("archive_entry_symlink", as: GetText.self)
        entryHardlink = try find("archive_entry_hardlink", as: GetText.self)
        entrySetPath = try find("archive_entry_set_pathname", as: EntrySetText.self)
        entrySetFileType = try find("archive_entry_set_filetype", as: EntrySetUnsigned.self)
        entrySetPermissions = try find("archive_entry_set_perm", as: EntrySetUnsigned.self)
        entrySetSize = try find("archive_entry_set_size", as: EntrySetSize.self)
        entrySetModified = try find("archive_entry_set_mtime", as: EntrySetTime.self)
    }

    /// What went wrong last, in the library's words.
    func problem(of handle: Handle) -> String {
        errorText(handle).map { String(cString: $0) } ?? "no reason given"
    }
}
