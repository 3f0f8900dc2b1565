/// Messages that openpi_client 0.1.2 packed, with numpy 1.26:
///
///     from openpi_client import msgpack_numpy as m; import numpy as np; m.packb(...).hex()
enum Messages {
    /// {"actions": np.array([[1.5, -2], [0.25, 3]], np.float32), "n": np.float64(0.5), "i": np.int64(-3), "b": np.bool_(True),
    ///  "half": np.array([1, 2], np.float16), "prompt": "pick é"}
    static let reply = """
        86a7616374696f6e7384c40b5f5f6e6461727261795f5fc3c40464617461c4100000c03f000000c00000803e00004040c4056474797065a33c6634c4057368617065920202\
        a16ecb3fe0000000000000a16983c40d5f5f6e7067656e657269635f5fc3c40464617461fdc4056474797065a33c6938a16283c40d5f5f6e7067656e657269635f5fc3c404\
        64617461c3c4056474797065a37c6231a468616c6684c40b5f5f6e6461727261795f5fc3c40464617461c404003c0040c4056474797065a33c6632c40573686170659102a6\
        70726f6d7074a77069636b20c3a9
        """
    /// {"horizon": 16, "names": ["a", "b"], "none": None, "f": 0.1, "neg": -200, "big": 2**63,
    ///  "img": np.arange(12, dtype=np.uint8).reshape(2, 2, 3)}
    static let metadata = """
        87a7686f72697a6f6e10a56e616d657392a161a162a46e6f6e65c0a166cb3fb999999999999aa36e6567d1ff38a3626967cf8000000000000000a3696d6784c40b5f5f6e64\
        61727261795f5fc3c40464617461c40c000102030405060708090a0bc4056474797065a37c7531c405736861706593020203
        """
    /// {"a": np.array([1.5, -2.25], ">f4"), "e": np.zeros((0, 7)), "i2": np.array([-300, 5], np.int16), "m": np.array([True, False])}
    static let types = """
        84a16184c40b5f5f6e6461727261795f5fc3c40464617461c4083fc00000c0100000c4056474797065a33e6634c40573686170659102a16584c40b5f5f6e6461727261795f\
        5fc3c40464617461c400c4056474797065a33c6638c4057368617065920007a2693284c40b5f5f6e6461727261795f5fc3c40464617461c404d4fe0500c4056474797065a3\
        3c6932c40573686170659102a16d84c40b5f5f6e6461727261795f5fc3c40464617461c4020100c4056474797065a37c6231c40573686170659102
        """

    static var all: [[UInt8]] { [reply, metadata, types].map(bytes) }

    static func bytes(_ hex: String) -> [UInt8] {
        let digits = hex.compactMap { $0.hexDigitValue.map { UInt8($0) } }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    static func hex(_ bytes: [UInt8]) -> String { bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
}
