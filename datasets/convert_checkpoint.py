"""Writes a folder of lerobot's diffusion policy (pretrained_model), which `alt audit` reads, from a policy in another form:

    python datasets/convert_checkpoint.py latest.ckpt lift_policy               # diffusion_policy (real-stanford): hybrid images, low-dim
    python datasets/convert_checkpoint.py model_epoch_500.pth lift_policy       # robomimic's own Diffusion Policy
    python datasets/convert_checkpoint.py RUN/policy/diffusion lift_policy      # a policy of a run of this program

Python 3.11 or later with torch 2.6 or later and safetensors (requirements-checkpoint.txt). Older checkpoints are pickles, and unpickling can run
whatever a file says. Here nothing is run: tensors and plain values are read, and settings of omegaconf by an inert stand-in. A file with
other objects is refused; `--trust` unpickles it in full (with dill, omegaconf and whatever else it names installed): only for files whose
maker you trust. What lerobot's network cannot answer exactly alike is refused by its name; README.txt in the folder says the rest.
"""
import argparse
import os
import shutil
import signal
import sys
from pathlib import Path

from checkpoint_alt import folder_digest, from_alt, load_folder
from checkpoint_diffusion_policy import from_diffusion_policy
from checkpoint_lerobot import build
from checkpoint_reading import DAMAGED, file_digest, load
from checkpoint_robomimic import from_robomimic
from convert_common import DATA, EXISTS, PACKAGE, WRITING, Failure, Parser, demand


def write(output, texts, tensors):
    """The folder appears under its name when all of it is on disk, or not at all."""
    from safetensors.torch import save_file
    draft = output.with_name(f"{output.name}.{os.getpid()}.partial")
    try:
        draft.mkdir()
    except OSError as error:
        raise Failure(EXISTS, "the output cannot be created", draft, found=error.strerror, todo="name a folder that exists and can be written")
    try:
        for name, text in texts.items():
            (draft / name).write_text(text)
        for name, table in tensors.items():
            save_file({key: value.contiguous() for key, value in table.items()}, draft / name, metadata={"format": "pt"})
        for file in draft.iterdir():
            with open(file, "rb") as stream:
                os.fsync(stream.fileno())
        if output.exists():
            raise Failure(EXISTS, "the output exists already", output, todo="name another folder, or remove this one")
        os.rename(draft, output)
    except Failure:
        raise
    except Exception as error:
        raise Failure(WRITING, "the output cannot be written", output, found=error, todo="free space on the disk and try again")
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def read(path, trust):
    """What a checkpoint holds, and who reads it."""
    payload = load(path, trust)
    readers = [(("cfg", "state_dicts"), from_diffusion_policy), (("config", "model", "shape_metadata"), from_robomimic)]
    reader = next((reader for names, reader in readers if isinstance(payload, dict) and all(name in payload for name in names)), None)
    demand(reader, "the checkpoint is of neither kind", path,
           "cfg and state_dicts of diffusion_policy, or config, model and shape_metadata of robomimic",
           sorted(map(str, payload))[:8] if isinstance(payload, dict) else type(payload).__name__,
           "name a .ckpt of diffusion_policy, a .pth of robomimic, or RUN/policy/diffusion")
    return payload, reader


def run(arguments):
    path, output = Path(arguments.checkpoint), Path(arguments.output)
    if output.exists():
        raise Failure(EXISTS, "the output exists already", output, todo="name another folder, or remove this one")
    payload, reader = (load_folder(path), from_alt) if path.is_dir() else read(path, arguments.trust)
    try:
        source = reader(payload, path, arguments.keys)
        texts, tensors, keys = build(source)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RuntimeError) as error:
        raise Failure(DATA, "the checkpoint has another form than the published code's", path, found=f"{type(error).__name__}: {error}", todo=DAMAGED)
    digest = folder_digest(path) if path.is_dir() else file_digest(path)
    command = f"alt audit {output} --data FILE --trained-on MASK '{keys}'"
    texts["README.txt"] = "\n".join([f"A policy in lerobot's form, converted from {path.name} (SHA-256 {digest}): {source.kind}.",
                                     *["train_config.json says only how many steps it had been trained."] * ("train_config.json" in texts),
                                     *source.notes, "", command, ""])
    write(output, texts, tensors)
    count = sum(value.numel() for value in tensors["model.safetensors"].values())
    print("\n".join([f"{output}: {source.kind}, {count} values", *source.notes, command]))


def main():
    parser = Parser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", help="a .ckpt of diffusion_policy, a .pth of robomimic, or RUN/policy/diffusion")
    parser.add_argument("output", help="the folder to write; an existing one is never replaced")
    parser.add_argument("--keys", metavar="NAME=WIDTH,...", help="of a low-dim policy: the demonstrations' keys that its observation is made of")
    parser.add_argument("--trust", action="store_true", help="unpickle in full, which can run whatever the file says")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        run(arguments)
    except Failure as failure:
        print(failure, file=sys.stderr)
        return failure.code
    except ImportError as error:
        print(f"a Python package is missing: {error.name}\n  to do:    pip install -r datasets/requirements-checkpoint.txt"
              + "; the file itself needs what it names" * arguments.trust, file=sys.stderr)
        return PACKAGE
    except KeyboardInterrupt:
        print("stopped; nothing was written", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
