"""Makes every file in Tests/Fixtures/goldens: python make_goldens.py. Needs: torch, safetensors. Each file's metadata
records the torch version; the same version on the same processor gives the same bytes.

Everything is computed in float64 from values that float16 holds exactly, and rounded once to float32, so that a golden
is the true value and a test's tolerance measures our own rounding. float32_difference_... in a network's metadata is
how far PyTorch itself gets from these values in float32: a tolerance below it asks for too much.

    operations   every operation: golden_operations.py says the names
    schedule     noise schedule, DDPM and DDIM samplers: golden_schedule.py
    lerobot      resizing, schedules and samplers of policies from elsewhere: golden_lerobot.py
    unet, image_encoder, resnet_encoder, policy, contrastive_encoder, image_autoencoder
                 inputs/<input>, parameters/<name>, output (contrastive: first, second; autoencoder: output, target), loss,
                 gradients/<name>
    image_autoencoder_training   four updates of `image_autoencoder` by Adam: losses
    action_chunking, action_chunking_training   as those, and ten updates of it: golden_action_chunking.py
    training, flow_training      ten updates of `policy` by diffusion and by flow matching: golden_training.py
    pretrained_trunk             ImageNet's ResNet-18 at small widths: golden_pretrained.py
    names.json   parameter names, shapes and counts of the networks at their real sizes
    python       the data types of Python's safetensors, for the reader's test: golden_safetensors.py

zero_gradients in the metadata names the parameters whose exact gradient is zero, because a normalisation or a softmax
right after them takes their effect away; in float32 their gradient is rounding noise.
"""
import copy
import json

import torch
from torch.nn import functional as F

import golden_action_chunking
import golden_lerobot
import golden_operations
import golden_pretrained
import golden_safetensors
import golden_schedule
import golden_training
from golden_common import FOLDER, generator, images, largest_difference, normal, save
from golden_networks import (
    ConditionalUnet1d, ContrastiveEncoder, ImageAutoencoder, ImageEncoder, Policy, SpatialSoftmax, nt_xent, thumbnail)


def initialize(name, network):
    """PyTorch's own initialisation, but wider weights where images would look alike, and norms away from 1 and 0."""
    with torch.random.fork_rng():
        torch.manual_seed(generator(name).initial_seed())
        for module in network.modules():
            if hasattr(module, "reset_parameters"):
                module.reset_parameters()
            if isinstance(module, SpatialSoftmax):
                module.nets.weight.data.mul_(4)  # else all keypoints sit in the middle
            if isinstance(module, torch.nn.Linear):
                module.weight.data.mul_(2)
            if isinstance(module, (torch.nn.GroupNorm, torch.nn.LayerNorm)):
                module.weight.data.normal_(1, 0.2)
                module.bias.data.normal_(0, 0.2)
    return network.half().double()


def mean_squared_error(network, inputs):
    """Outputs and loss of a network with one output."""
    arguments = [value for key, value in inputs.items() if key != "target"]
    output = network(*arguments)
    return {"output": output}, F.mse_loss(output, inputs["target"])


def contrast(network, inputs):
    """Outputs and loss of two views."""
    first = network(inputs["first_front"], inputs["first_hand"])
    second = network(inputs["second_front"], inputs["second_hand"])
    return {"first": first, "second": second}, nt_xent(first, second, temperature=0.4)


def reconstruct(network, inputs, square=4):
    """Outputs, targets and loss of the images of two cameras."""
    output = network(inputs["front"], inputs["hand"])
    target = torch.stack([thumbnail(inputs["front"], square), thumbnail(inputs["hand"], square)], 1).reshape(output.shape)
    return {"output": output, "target": target}, F.mse_loss(output, target)


def train(name, network, inputs, run, steps):
    """Writes the losses of a network's updates by Adam, on the same batch."""
    optimizer, losses = torch.optim.Adam(network.parameters(), lr=1e-3), []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = run(network, inputs)[1]
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
    save(name, {}, {"losses": torch.stack(losses)})


def record(name, network, inputs, run, **sizes):
    """Writes one network's golden; returns the network as it was initialised."""
    network = initialize(name, network)
    single = copy.deepcopy(network).float()
    outputs, loss = run(network, inputs)
    loss.backward()
    single_outputs, single_loss = run(single, {key: value.float() for key, value in inputs.items()})
    single_loss.backward()

    gradients = {key: value.grad for key, value in network.named_parameters()}
    zero = [key for key, gradient in gradients.items() if gradient.abs().max() < 1e-12]
    differences = [
        largest_difference(value.grad, gradients[key]) for key, value in single.named_parameters() if key not in zero]
    save(
        name,
        {f"inputs/{key}": value for key, value in inputs.items()}
        | {f"parameters/{key}": value for key, value in network.named_parameters()},
        outputs | {"loss": loss} | {f"gradients/{key}": gradient for key, gradient in gradients.items()},
        **{key: " ".join(map(str, value)) if isinstance(value, tuple) else str(value) for key, value in sizes.items()},
        zero_gradients=" ".join(zero),
        float32_difference_outputs=f"{max(largest_difference(single_outputs[k], outputs[k]) for k in outputs):.2g}",
        float32_difference_loss=f"{largest_difference(single_loss, loss):.2g}",
        float32_difference_gradients=f"{max(differences):.2g}",
    )
    network.zero_grad()
    return network


def networks():
    unet = {
        "x": normal("unet/x", 3, 16, 7), "steps": torch.tensor([0.0, 37.0, 99.0], dtype=torch.float64),
        "condition": normal("unet/condition", 3, 20), "target": normal("unet/target", 3, 16, 7)}
    record(
        "unet", ConditionalUnet1d(7, 20, (8, 16, 32), 16), unet, mean_squared_error,
        dims=(8, 16, 32), step_width=16, condition=20, actions=7)

    compact = {"x": images("image_encoder/x", 3, 20, 22), "target": normal("image_encoder/target", 3, 10)}
    sizes = dict(channels=(16, 32), keypoints=6, outputs=10)
    record("image_encoder", ImageEncoder(**sizes), compact, mean_squared_error, **sizes)

    reference = {"x": images("resnet_encoder/x", 2, 40, 44), "target": normal("resnet_encoder/target", 2, 6)}
    sizes = dict(channels=(4, 8, 12, 16), keypoints=5, outputs=6, reference=True)
    record("resnet_encoder", ImageEncoder(**sizes), reference, mean_squared_error, **sizes)

    views = {
        f"{view}_{camera}": images(f"contrastive/{view}_{camera}", 4, 20, 20)
        for view in ("first", "second") for camera in ("front", "hand")}
    sizes = dict(channels=(8, 16), keypoints=4, outputs=12)
    record("contrastive_encoder", ContrastiveEncoder(**sizes), views, contrast, **sizes, temperature=0.4)

    # 23 pixels in squares of 4: one is cut off before them and two after.
    seen = {camera: images(f"autoencoder/{camera}", 4, 23, 23) for camera in ("front", "hand")}
    sizes = dict(channels=(8, 16), keypoints=4, outputs=12, size=23, square=4)
    autoencoder = record("image_autoencoder", ImageAutoencoder(**sizes), seen, reconstruct, **sizes)
    train("image_autoencoder_training", autoencoder, seen, reconstruct, steps=4)

    observations = {
        "front": images("policy/front", 6, 16, 16), "hand": images("policy/hand", 6, 16, 16),
        "low_dim": normal("policy/low_dim", 6, 9)}
    small = observations | {
        "x": normal("policy/x", 3, 16, 7), "steps": torch.tensor([5.0, 50.0, 93.0], dtype=torch.float64),
        "target": normal("policy/target", 3, 16, 7)}
    sizes = dict(dims=(16, 16), step_width=16, channels=(8, 12), keypoints=6, outputs=10)
    policy = record("policy", Policy(**sizes), small, mean_squared_error, **sizes)
    golden_training.make(policy, observations)
    golden_action_chunking.make(record)


def names():
    """The real sizes, on the meta device: shapes without memory."""
    with torch.device("meta"):
        reference = dict(channels=(64, 128, 256, 512), keypoints=32, outputs=64, reference=True)
        listed = {
            "compact Policy": Policy(),
            "compact ContrastiveEncoder": ContrastiveEncoder(channels=(16, 32, 64), keypoints=32),
            "compact ImageAutoencoder": ImageAutoencoder(channels=(16, 32, 64), keypoints=32),
            "reference Policy": Policy((512, 1024, 2048), **reference),
        }
        counted = listed | {
            f"ConditionalUnet1d {dims} condition 274 step width {width}": ConditionalUnet1d(7, 274, dims, width)
            for dims in ((512, 1024, 2048), (128, 256, 512), (64, 128, 256)) for width in (128, 256)}
    counts = {key: sum(p.numel() for p in network.parameters()) for key, network in counted.items()}
    lines = [f'"torch": {json.dumps(torch.__version__)}', f'"counts": {json.dumps(counts, indent=1)}']
    for key, network in listed.items():
        rows = ",\n".join(f" {json.dumps([name, list(p.shape)])}" for name, p in network.named_parameters())
        lines.append(f"{json.dumps(key)}: [\n{rows}\n]")
    (FOLDER / "names.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
    for key, count in counts.items():
        print(f"{count:>12,}  {key}")


def main():
    torch.set_num_threads(1)
    golden_operations.make()
    golden_pretrained.make()
    golden_schedule.make()
    golden_lerobot.make()
    golden_safetensors.make()
    networks()
    names()


if __name__ == "__main__":
    main()
