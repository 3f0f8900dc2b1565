import Basics
import Safetensors
import TestSupport
import Testing

@Suite struct SafetensorsIndexTests {
    @Test func `tensors are read one by one as the whole file is`() throws {
        for name in ["goldens/python.safetensors", "goldens/lerobot.safetensors"] {
            let file = try Safetensors.read(SharedData.fixture(name), rejectNaN: false), index = try SafetensorsIndex(file.path)
            #expect(index.names == file.names && index.metadata == file.metadata)
            for (name, tensor) in file.tensors where tensor.values.allSatisfy(\.isFinite) {
                #expect(index.shape(name) == tensor.shape && index.isFloat(name))
                #expect(try index.finite(name) == tensor.values)
            }
            for name in file.names where file.tensors[name] == nil {
                #expect(!index.isFloat(name) && index.shape(name) != nil)
                #expect(throws: Failure.self) { try index.finite(name) }
            }
            #expect(index.shape("absent") == nil)
            #expect(throws: Failure.self) { try index.finite("absent") }
        }
    }

    @Test(arguments: [Float.nan, .infinity]) func `what is no finite number is refused by its tensor`(_ value: Float) throws {
        let path = try SharedData.temporaryFolder() + "/one.safetensors"
        try Safetensors.write([("a", Tensor(1)), ("b", Tensor(shape: [2], values: [0, value]))], metadata: [:], to: path, rejectNaN: false)
        let index = try SafetensorsIndex(path), failure = try #require(throws: Failure.self) { _ = try index.finite("b") }
        #expect(try index.finite("a") == [1])
        #expect(failure.location?.contains("tensor b") == true && failure.found?.contains("index 1") == true)
    }
}
