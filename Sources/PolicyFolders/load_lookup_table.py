"""An Action Lookup Table of this folder in PyTorch; needs torch and safetensors, and load_diffusion.py beside it.

python load_lookup_table.py alt     asks about example.safetensors and compares with the sequences in it
"""
import json, math, sys
import torch
from load_diffusion import image_features, linear, scaled
from safetensors.torch import load_file
from torch.nn import functional as F


@torch.no_grad()
def nearest(folder, observation, count):
    """observation: cameras uint8 [steps, H, W, 3], low-dim float [steps, width] -> sequences [count, T, A], similarity, rows, flag"""
    c, w, table = json.load(open(f"{folder}/config.json")), load_file(f"{folder}/model.safetensors"), load_file(f"{folder}/table.safetensors")
    size, features = [c["image_size"]] * 2, []
    for key in c["observation"]["cameras"]:  # of the last step, each image whole
        image = F.interpolate(observation[key][-1].permute(2, 0, 1)[None] / 255, size, mode="bilinear", align_corners=False)
        features.append(image_features(w, "image_encoder", scaled(w, key, image)))
    row = torch.cat(features, 1)
    if c["key"]["layer"] == "head": row = linear(w, "fc.2", F.relu(linear(w, "fc.0", row)))
    row, scales = F.normalize(row)[0], c["key"]["scales"]
    if scales:  # the arm's pose beside the embedding, compared by distance
        pose = torch.cat([scaled(w, key, observation[key][-1]) for key in c["observation"]["low_dim"]])
        similarity = -(table["embeddings"] - torch.cat([row * scales[0], pose * scales[1]])).norm(dim=1)
    else:
        similarity = table["embeddings"] @ row
    best, rows = similarity.topk(count)
    return table["actions"][rows], best, rows, not bool(best[0] >= table["threshold"])


if __name__ == "__main__":
    example = load_file(f"{sys.argv[1]}/example.safetensors")
    ours = {name[7:]: value for name, value in example.items() if name.startswith("answer/")}
    answers, similarity, rows, flag = nearest(sys.argv[1], example, len(ours["sequences"]))
    difference = max((answers - ours["sequences"]).abs().max().item(), (similarity - ours["similarity"]).abs().max().item())
    difference = difference if flag == bool(ours["out_of_distribution"]) else math.inf
    sys.exit(print(f"largest difference {difference:.1e}") if difference < 1e-3 else f"answers differ by {difference:.1e}")
