"""Writes the encoder and a judge as one ONNX file with weights of eight bits, and its tokenizer.

    python export.py --package EMBEDDINGS --judge first.pt second.pt --calibration T,A,B,C --out FOLDER

The file has two parts: `input_ids`, `attention_mask` -> `tokens`, `hidden`; and `claim`, `evidence` -> `logits`.
A runtime that computes only what the wanted outputs need (rten) runs each by itself.
"""

import argparse
import hashlib
import os
from pathlib import Path

import numpy
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper

import model

SMALLEST = 192 * 384  # smaller constants stay in 32 bits


class Both(torch.nn.Module):
    def __init__(self, encoder, judge, calibration):
        super().__init__()
        self.encoder, self.judge = encoder, judge
        self.divisor, self.offset = calibration[0], torch.tensor(calibration[1:])

    def forward(self, input_ids, attention_mask, claim, evidence):
        hidden, tokens = self.encoder(input_ids, attention_mask)
        logits, _ = self.judge(claim, evidence)
        return tokens, hidden, logits * (1 / self.divisor) + self.offset


def to_eight_bits(graph):
    """Replaces large constants by eight bits with a scale for each column (of a table of words: for each row)."""
    gathered = {node.input[0] for node in graph.node if node.op_type == "Gather"}
    kept, new_nodes, renamed, gathers = [], [], {}, {}
    for constant in graph.initializer:
        values = numpy_helper.to_array(constant)
        if values.dtype != numpy.float32 or values.ndim != 2 or values.size < SMALLEST:
            kept.append(constant)
            continue
        rows = constant.name in gathered
        scale = numpy.maximum(numpy.abs(values).max(axis=1 if rows else 0, keepdims=True), 1e-12) / 127
        small = numpy.clip(numpy.rint(values / scale), -127, 127).astype(numpy.int8)
        name = constant.name
        kept.append(numpy_helper.from_array(small, name + ".int8"))
        if rows:
            kept.append(numpy_helper.from_array(scale.astype(numpy.float32), name + ".scale"))
            gathers[name] = True
        else:
            kept.append(numpy_helper.from_array(scale.reshape(-1).astype(numpy.float32), name + ".scale"))
            kept.append(numpy_helper.from_array(numpy.zeros(scale.size, numpy.int8), name + ".zero"))
            new_nodes.append(helper.make_node(
                "DequantizeLinear", [name + ".int8", name + ".scale", name + ".zero"], [name + ".float"], axis=1))
            renamed[name] = name + ".float"
    for node in graph.node:
        for place, name in enumerate(node.input):
            node.input[place] = renamed.get(name, name)
        if node.op_type == "Gather" and node.input[0] in gathers:
            # Rows are gathered as eight bits and widened then, so that the table is never held in 32 bits.
            table, places, out = node.input[0], node.input[1], node.output[0]
            new_nodes += [
                helper.make_node("Gather", [table + ".int8", places], [out + ".int8"], axis=0),
                helper.make_node("Cast", [out + ".int8"], [out + ".wide"], to=TensorProto.FLOAT),
                helper.make_node("Gather", [table + ".scale", places], [out + ".scale"], axis=0),
                helper.make_node("Mul", [out + ".wide", out + ".scale"], [out]),
            ]
        else:
            new_nodes.append(node)
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend(kept)
    graph.node.extend(in_order(new_nodes, graph))


def in_order(nodes, graph):
    """The nodes so that each stands behind what it reads."""
    ready = {i.name for i in graph.input} | {i.name for i in graph.initializer} | {""}
    out, waiting = [], list(nodes)
    while waiting:
        later = []
        for node in waiting:
            if all(name in ready for name in node.input):
                out.append(node)
                ready.update(node.output)
            else:
                later.append(node)
        if len(later) == len(waiting):
            raise ValueError("the graph has a circle")
        waiting = later
    return out


def write(encoder, judge, calibration, folder, tokenizer):
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    both = Both(encoder, judge, calibration).eval()
    ids, mask = torch.tensor([[101, 2009, 3223, 1012, 102]]), torch.ones(1, 5, dtype=torch.int64)
    claim, evidence = torch.randn(1, 7, model.WIDTH), torch.randn(1, 19, model.WIDTH)
    raw = folder / "model.onnx.new"
    torch.onnx.export(
        both, (ids, mask, claim, evidence), str(raw), dynamo=False, opset_version=17,
        input_names=["input_ids", "attention_mask", "claim", "evidence"], output_names=["tokens", "hidden", "logits"],
        dynamic_axes={"input_ids": {1: "n"}, "attention_mask": {1: "n"}, "claim": {1: "c"}, "evidence": {1: "e"},
                      "tokens": {1: "n"}, "hidden": {1: "n"}})
    graph = onnx.load(str(raw))
    to_eight_bits(graph.graph)
    onnx.checker.check_model(graph)
    onnx.save(graph, str(raw))
    check(both, raw)
    tokenizer.save(str(folder / "tokenizer.json.new"))
    os.replace(folder / "tokenizer.json.new", folder / "tokenizer.json")
    os.replace(raw, folder / "model.onnx")
    digest = hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest()
    print(f"{folder / 'model.onnx'} {(folder / 'model.onnx').stat().st_size} bytes sha256 {digest}")
    return digest


def check(both, path):
    """The file with eight bits gives nearly what the weights with 32 bits give, at several lengths."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    torch.manual_seed(7)
    for n, c, e in ((3, 3, 3), (40, 24, 150), (200, 60, 400)):
        ids = torch.randint(1000, 20000, (1, n))
        mask = torch.ones(1, n, dtype=torch.int64)
        with torch.no_grad():
            hidden, _ = both.encoder(torch.randint(1000, 20000, (1, c + e)), torch.ones(1, c + e, dtype=torch.int64))
            claim, evidence = hidden[:, :c], hidden[:, c:]
            wanted = both(ids, mask, claim, evidence)
        got = session.run(None, {"input_ids": ids.numpy(), "attention_mask": mask.numpy(),
                                 "claim": claim.numpy(), "evidence": evidence.numpy()})
        apart = [float(numpy.abs(g - w.numpy()).max()) for g, w in zip(got, wanted)]
        alike = float((got[0] * wanted[0].numpy()).sum(-1).min())
        print(f"n={n} c={c} e={e}: largest difference of tokens, hidden, logits {apart}, least cosine {alike:.4f}")
        if alike < 0.97:
            raise ValueError("eight bits change the encoder too much")


def main():
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--package", required=True)
    wanted.add_argument("--judge", required=True, nargs="+")
    wanted.add_argument("--calibration", default="1,0,0,0", help="as measure.py prints it")
    wanted.add_argument("--out", required=True)
    wanted = wanted.parse_args()
    folder = model.encoder_folder(wanted.package)
    encoder = model.Encoder(folder).eval()
    write(encoder, model.load_all(wanted.judge).eval(), [float(number) for number in wanted.calibration.split(",")], wanted.out, model.tokenizer(folder))


if __name__ == "__main__":
    main()
