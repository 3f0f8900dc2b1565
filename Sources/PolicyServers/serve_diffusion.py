"""Serves a diffusion policy of a run over openpi's websocket protocol. Needs torch, safetensors, numpy, msgpack and websockets.

python serve_diffusion.py RUN/policy/diffusion [--host 127.0.0.1] [--port 8000] [--without-seed]

Answers [horizon, action_dim] from the first observed step on (served.first_action: first_observed). Observations come under robomimic's keys, cameras as
uint8 [steps, H, W, 3], low-dim keys as float [steps, width], the steps' axis left out where the policy sees one step (served.history). An integer under
"seed" (seed_key: seed) starts the noise: the same question with the same seed has the same answer; an array under "noise" (noise_key: noise) is the noise
that the way back begins with. `load_diffusion.py` of the run does the rest.
"""
import argparse, functools, os, sys, time
import msgpack, numpy, torch
from websockets.sync.server import serve  # a thread a connection: pings are answered while the network runs

def pack(value):
    if isinstance(value, numpy.ndarray): return {b"__ndarray__": True, b"data": value.tobytes(), b"dtype": value.dtype.str, b"shape": value.shape}
    raise TypeError(f"no msgpack for {type(value)}")

def unpack(value):
    if b"__ndarray__" in value: return numpy.frombuffer(value[b"data"], numpy.dtype(value[b"dtype"])).reshape(value[b"shape"])
    return numpy.dtype(value[b"dtype"]).type(value[b"data"]) if b"__npgeneric__" in value else value

def observation(request, config):
    steps, keys, found = config["windows"]["observation_steps"], config["observation"], {}
    for names, shapes, kind in ((keys["cameras"], keys["camera_shapes"], numpy.uint8), (keys["low_dim"], [[w] for w in keys["low_dim_widths"]], numpy.float32)):
        for name, shape in zip(names, shapes):
            if name not in request: raise ValueError(f"the observation lacks {name}; it has {', '.join(map(str, request))}")
            value = numpy.asarray(request[name])
            if steps == 1 and list(value.shape) == shape: value = value[None]
            if list(value.shape) != [steps] + shape: raise ValueError(f"{name} has shape {list(value.shape)} where {[steps] + shape} is expected")
            if kind == numpy.uint8 and value.dtype != kind: raise ValueError(f"{name} is {value.dtype} where uint8 is expected")
            found[name] = torch.from_numpy(value.astype(kind))
    return found

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder"), parser.add_argument("--host", default="127.0.0.1"), parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--without-seed", action="store_true", help="draw fresh noise, whatever is asked")
    options = parser.parse_args()
    sys.path.insert(0, os.path.join(os.path.abspath(options.folder), ".."))
    import json, load_diffusion
    load_diffusion.load_file = functools.cache(load_diffusion.load_file)  # read once, not at every question
    config = json.load(open(f"{options.folder}/config.json"))
    horizon, width, draws = config["windows"]["horizon"], config["action_dimension"], 1 + config["samplers"][config["sampler"]]

    def answer(connection):
        connection.send(msgpack.packb({"horizon": horizon, "action_dim": width, "first_action": "first_observed", "observation": config["observation"]}))
        for message in connection:
            try:
                start, request = time.monotonic(), msgpack.unpackb(message, object_hook=unpack)
                generator, seed = torch.Generator(), None if options.without_seed else request.get("seed")
                generator.seed() if seed is None else generator.manual_seed(int(seed))
                noise = torch.randn(draws, 1, horizon, width, generator=generator)
                if request.get("noise") is not None: noise[0, 0] = torch.from_numpy(request["noise"].copy())
                actions = load_diffusion.sequences(options.folder, observation(request, config), noise)[0].numpy()
                connection.send(msgpack.packb({"actions": actions, "server_timing": {"infer_ms": 1000 * (time.monotonic() - start)}}, default=pack))
            except (ValueError, TypeError, AttributeError, msgpack.UnpackException) as error:
                connection.send(f"{error}".splitlines()[0] if f"{error}" else type(error).__name__)
                return connection.close(1011)

    with serve(answer, options.host, options.port, compression=None, max_size=256 << 20) as server:
        print(f"serving {options.folder} at ws://{options.host}:{server.socket.getsockname()[1]}", flush=True)
        server.serve_forever()
