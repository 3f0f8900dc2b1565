"""PyTorch, eager and compiled: training steps, and eager alone the queries and the memory of a training step."""
import re
import subprocess
import sys
from pathlib import Path

import torch
from golden_networks import ContrastiveEncoder, Policy, nt_xent
from peer_networks import (
    ACTIONS, BATCH, DIFFUSION_STEPS, HORIZON, LAYOUTS, LOW_DIM, Inference, ask, images, layouts, require_equal, unet_input)
from torch.nn.functional import mse_loss


def training(row, layout):
    """A row's network and its loss on one batch, the same numbers every time; None for another row."""
    torch.manual_seed(0)
    noise = torch.randn(BATCH, HORIZON, ACTIONS)
    if row == "train_step_image":
        # Two cameras, two observation steps.
        policy = Policy().to(memory_format=layout)
        inputs = (images(2 * BATCH, layout), images(2 * BATCH, layout), torch.rand(2 * BATCH, LOW_DIM),
                  torch.randn(BATCH, HORIZON, ACTIONS), torch.randint(0, DIFFUSION_STEPS, (BATCH,)).float())
        return policy, lambda: mse_loss(policy(*inputs), noise)
    if row == "train_step_alt":
        # Pairs of views of two cameras.
        encoder = ContrastiveEncoder().to(memory_format=layout)
        views = [images(BATCH, layout) for _ in range(4)]
        return encoder, lambda: nt_xent(encoder(*views[:2]), encoder(*views[2:]))
    if row == "forward_backward_unet":
        unet, inputs = Policy().model, unet_input(BATCH)
        return unet, lambda: mse_loss(unet(*inputs), noise)
    return None


def step(row, network, loss):
    """Forward and backward, and AdamW where the row has it."""
    optimizer = torch.optim.AdamW(network.parameters(), 1e-4) if row.startswith("train_step_") else None

    def run():
        value = loss()
        network.zero_grad()
        value.backward()
        if optimizer:
            optimizer.step()
    return run


def eager(row, threads, file):
    torch.set_num_threads(threads)
    if row == "memory_train_step":
        return {name: lambda name=name: memory(name, threads) for name in LAYOUTS}

    def variant(layout):
        if pair := training(row, layout):
            return step(row, *pair)
        inference = Inference.of(row, layout)
        return inference and query(inference)
    return variants(row, variant)


def query(inference):
    def run():
        with torch.inference_mode():
            return ask(inference.modules, inference.inputs, inference.steps, torch)
    return run


def compiled(row, threads, file):
    """The loss and its gradient compiled; needs a C++ compiler, CXX or g++."""
    import torch._inductor.config  # here alone: it would count as memory of the training step
    torch.set_num_threads(threads)
    # Otherwise idle compiling processes stay while others are measured.
    torch._inductor.config.compile_threads = 1

    def variant(layout):
        if not (pair := training(row, layout)):
            return None
        network, loss = pair
        fast = torch.compile(loss, dynamic=False)
        require_equal(loss_and_gradient(network, fast), loss_and_gradient(network, loss), "the loss or its gradient")
        return step(row, network, fast)
    return variants(row, variant)


def variants(row, make):
    """By layout; None where the row is another's."""
    made = {name: make(layout) for name, layout in layouts(row).items()}
    return None if None in made.values() else made


def loss_and_gradient(network, loss):
    network.zero_grad()
    value = loss()
    value.backward()
    return torch.cat([value.detach().reshape(1)] + [parameter.grad.reshape(-1) for parameter in network.parameters()])


def memory(layout, threads):
    """The largest resident size of a fresh process that takes three training steps, MiB."""
    command = [sys.executable, sys.argv[0], "--memory-of", layout, "--threads", str(threads)]
    return float(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL).stdout)


def report_memory(layout, threads):
    torch.set_num_threads(threads)
    run = step("train_step_image", *training("train_step_image", LAYOUTS[layout]))
    for _ in range(3):
        run()
    status = Path("/proc/self/status").read_text()
    print(int(re.search(r"VmHWM:\s+(\d+)", status).group(1)) / 1024)
