"""Reads the judge's weights back from the file in the program, so that a training can go on from it.

    python read_back.py ../src/neural/model/model.onnx --out shipped.pt

The checkpoints of a training are not kept in the repository. What comes back is rounded to seven bits, as it was
shipped; the calibration of its logits is printed and not part of the judge.
"""

import argparse

import numpy
import onnx
import torch
from onnx import numpy_helper

import model


def weights(graph):
    """The parameters of the judge by their names in `model.Judge`."""
    constants = {constant.name: constant for constant in graph.initializer}
    values = lambda name: numpy_helper.to_array(constants[name]).astype(numpy.float32)
    made_by = {output: node for node in graph.node for output in node.output}

    def widened(name):
        if name in constants:
            return values(name)
        node = made_by[name]
        if node.op_type != "DequantizeLinear":
            raise ValueError(f"{name} is neither a constant nor a weight of eight bits")
        return values(node.input[0]) * values(node.input[1])

    found = {}
    for node in graph.node:
        where = node.output[0].removesuffix(".i32").strip("/").split("/")
        if where[0] != "judge":
            continue
        layer = ".".join(where[1:-1])
        if node.op_type == "MatMulInteger":
            small = node.input[1]
            found[layer + ".weight"] = (values(small) * values(small.removesuffix(".int8") + ".scale")).T
        elif node.op_type == "MatMul" and layer and node.input[1] in constants:
            found[layer + ".weight"] = values(node.input[1]).T
        elif node.op_type == "Gemm":
            found[layer + ".weight"] = widened(node.input[1])
    for name in constants:
        if name.startswith("judge.") and name.endswith((".bias", "reading.token_weight", "label.weight")):
            found[name.removeprefix("judge.")] = values(name)
    # How near two words lie weighs first in the evidence and then in the claim: the order in which they are added.
    near = [values(node.input[0]).reshape(-1) for node in graph.node
            if node.op_type == "Mul" and node.input[0] in constants and values(node.input[0]).size == model.READ_HEADS]
    found["near_evidence"], found["near_claim"] = near
    return found


def calibration(graph):
    """Divisor and offsets that `export.py` put behind the judge's logits."""
    constants = {constant.name: numpy_helper.to_array(constant) for constant in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant":
            constants[node.output[0]] = numpy_helper.to_array(node.attribute[0].t)
    made_by = {output: node for node in graph.node for output in node.output}
    offset = made_by["logits"]
    scaled, = (made_by[name] for name in offset.input if name in made_by and made_by[name].op_type == "Mul")
    numbers = [constants[name] for node in (scaled, offset) for name in node.input if name in constants]
    return [1 / float(numbers[0].reshape(-1)[0]), *numbers[1].reshape(-1).tolist()]


def main():
    wanted = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    wanted.add_argument("file")
    wanted.add_argument("--out", required=True)
    wanted = wanted.parse_args()
    graph = onnx.load(wanted.file).graph
    judge = model.Judge()
    # Every parameter has to be there: a missing one is an error.
    judge.load_state_dict({name: torch.tensor(value) for name, value in weights(graph).items()})
    model.save(judge, wanted.out, read_from=wanted.file)
    print("calibration", ",".join(f"{number:.4f}" for number in calibration(graph)))


if __name__ == "__main__":
    main()
