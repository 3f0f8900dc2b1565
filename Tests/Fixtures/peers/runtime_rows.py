"""ONNX Runtime and OpenVINO: networks exported from PyTorch once a row, asked by a loop in numpy."""
import functools
import warnings
from dataclasses import dataclass

import numpy as np
import torch
from peer_networks import Inference, ask, require_equal


@dataclass
class Exported:
    """A row's networks by name as ONNX, with what PyTorch answers."""
    models: dict
    inputs: dict
    outputs: dict
    steps: int
    answer: np.ndarray


@functools.lru_cache(maxsize=1)
def exported(row):
    """None for a row that asks no network."""
    inference = Inference.of(row)
    if inference is None:
        return None
    with torch.inference_mode():
        outputs = {name: module(*inference.inputs[name]).numpy() for name, module in inference.modules.items()}
        answer = ask(inference.modules, inference.inputs, inference.steps, torch).numpy()
    return Exported(
        {name: onnx(module, inference.inputs[name]) for name, module in inference.modules.items()},
        {name: [tensor.numpy() for tensor in tensors] for name, tensors in inference.inputs.items()},
        outputs, inference.steps, answer)


def onnx(module, inputs):
    """Bytes of the module for inputs of just these shapes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the exporter about its own parts
        program = torch.onnx.export(module.eval(), inputs, dynamo=True, verbose=False)
    return program.model_proto.SerializeToString()


def prepared(row, load):
    """The row's variants with networks loaded by `load`, whose every answer has been found equal to PyTorch's."""
    source = exported(row)
    if source is None:
        return None
    calls = {name: load(model) for name, model in source.models.items()}

    def run():
        return ask(calls, source.inputs, source.steps, np)
    for name, call in calls.items():
        require_equal(call(*source.inputs[name]), source.outputs[name], f"the {name}'s output")
    require_equal(run(), source.answer, "the answer")
    return {"exported": run}


def onnx_runtime(row, threads, file):
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1

    def load(model):
        session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        names = [value.name for value in session.get_inputs()]
        return lambda *inputs: session.run(None, dict(zip(names, inputs)))[0]
    return prepared(row, load)


def openvino(row, threads, file):
    import openvino
    core = openvino.Core()
    # Every thread for one query, in floats, whatever shorter type the processor may know.
    settings = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": threads, "ENABLE_HYPER_THREADING": True,
                "INFERENCE_PRECISION_HINT": "f32"}

    def load(model):
        request = core.compile_model(core.read_model(model), "CPU", settings).create_infer_request()
        # Nothing is copied: an output is used up before its network is asked again.
        return lambda *inputs: request.infer(list(inputs), share_inputs=True, share_outputs=True)[0]
    return prepared(row, load)
