"""goldens/python.safetensors: every data type as Python's safetensors writes it; the reader's test knows the numbers."""
import torch
from safetensors.torch import save_file

from golden_common import FOLDER


def make():
    numbers = [0.0, 1.5, -2.25, 0.0999755859375, 3.0, -1024.0]  # the fourth is 0.1 in float16
    tensors = {
        "float64": torch.tensor(numbers, dtype=torch.float64).reshape(2, 3),
        "float32": torch.tensor(numbers, dtype=torch.float32).reshape(3, 2),
        "float16": torch.tensor(numbers, dtype=torch.float16).reshape(6),
        "bfloat16": torch.tensor([0.0, 1.5, -2.25, 0.10009765625], dtype=torch.bfloat16),
        "int64": torch.tensor([[-(2**62), -1], [0, 2**62]], dtype=torch.int64),
        "int32": torch.tensor([-(2**31), 2**31 - 1], dtype=torch.int32),
        "int16": torch.tensor([-(2**15), 2**15 - 1], dtype=torch.int16),
        "int8": torch.tensor([-128, 127], dtype=torch.int8),
        "uint64": torch.tensor([0, 2**62], dtype=torch.uint64),
        "uint32": torch.tensor([0, 2**32 - 1], dtype=torch.uint32),
        "uint16": torch.tensor([0, 2**16 - 1], dtype=torch.uint16),
        "uint8": torch.tensor([0, 255], dtype=torch.uint8),
        "bool": torch.tensor([True, False, True]),
        "scalar": torch.tensor(42.0),
        "empty": torch.zeros(0, 4),
        'a "quoted"\\name, é, 🙂\n': torch.tensor([1.0]),
    }
    FOLDER.mkdir(exist_ok=True)
    save_file(tensors, FOLDER / "python.safetensors", metadata={'a "key"': "line\nbreak, é, \u0001"})
