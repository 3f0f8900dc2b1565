import CHDF5

/// The type of a dataset's elements, as far as reading and messages need it.
enum HDF5ElementType: Equatable, CustomStringConvertible {
    case float(bits: Int)
    case integer(bits: Int, signed: Bool)
    /// h5py stores booleans as an enumeration over int8.
    case enumeration(bits: Int)
    case text
    case other(String)

    init(_ type: hid_t) {
        let bits = Int(H5Tget_size(type)) * 8
        switch H5Tget_class(type) {
        case H5T_FLOAT: self = .float(bits: bits)
        case H5T_INTEGER: self = .integer(bits: bits, signed: H5Tget_sign(type) == H5T_SGN_2)
        case H5T_ENUM: self = .enumeration(bits: bits)
        case H5T_STRING: self = .text
        case H5T_COMPOUND: self = .other("compound")
        case H5T_VLEN: self = .other("variable-length sequence")
        case H5T_ARRAY: self = .other("array")
        case H5T_OPAQUE: self = .other("opaque")
        case H5T_REFERENCE: self = .other("reference")
        default: self = .other("unknown type")
        }
    }

    /// Whether HDF5 converts it to a native float or integer.
    var isNumber: Bool {
        switch self {
        case .float, .integer, .enumeration: true
        case .text, .other: false
        }
    }

    var description: String {
        switch self {
        case .float(let bits): "float\(bits)"
        case .integer(let bits, let signed): "\(signed ? "int" : "uint")\(bits)"
        case .enumeration(let bits): "enum\(bits)"
        case .text: "string"
        case .other(let name): name
        }
    }
}
