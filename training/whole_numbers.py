"""Turns an exported model's products with weights of eight bits into products of whole numbers.

    python whole_numbers.py MODEL.onnx OUT.onnx

`export.py` writes weights of eight bits that are widened to 32 when the model is loaded: exact, but four times
the memory, and every computation packs all of them anew. Here the rows that a weight is multiplied with are
brought to eight bits too, when they are there (DynamicQuantizeLinear), and the product is one of whole numbers
(MatMulInteger). Weights get seven bits: on processors without VNNI the sums of two products of eight bits do
not fit into 16, and what comes out would depend on the processor.
"""

import sys

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

MOST = 63  # of seven bits


def convert(graph):
    constants = {c.name: c for c in graph.initializer}
    widened = {n.output[0]: n for n in graph.node if n.op_type == "DequantizeLinear"}
    for node in graph.node:  # what two parts share goes by two names
        if node.op_type == "Identity" and node.input[0] in widened:
            widened[node.output[0]] = widened[node.input[0]]
    # The two small products at the end (Gemm) stay as they are.
    others = {name for n in graph.node if n.op_type not in ("MatMul", "Identity") for name in n.input}
    nodes, quantized, done = [], {}, {}
    for node in graph.node:
        if node.output[0] in widened and node.output[0] not in others:
            continue
        if node.op_type != "MatMul" or node.input[1] not in widened:
            nodes.append(node)
            continue
        rows, weight = node.input
        small, scale = widened[weight].input[:2]
        if small not in done:
            values = numpy_helper.to_array(constants[small]).astype(numpy.float32)
            scales = numpy_helper.to_array(constants[scale])
            seven = numpy.clip(numpy.rint(values * (MOST / 127)), -MOST, MOST).astype(numpy.int8)
            constants[small].CopyFrom(numpy_helper.from_array(seven, small))
            constants[scale].CopyFrom(numpy_helper.from_array((scales * (127 / MOST)).astype(numpy.float32), scale))
            done[small] = True
        if rows not in quantized:
            parts = [f"{rows}.u8", f"{rows}.scale", f"{rows}.zero"]
            # Each row is brought to the same reach first, so that one long row does not coarsen the others.
            nodes.append(helper.make_node("Abs", [rows], [rows + ".abs"]))
            nodes.append(helper.make_node("ReduceMax", [rows + ".abs"], [rows + ".reach"], axes=[-1], keepdims=1))
            nodes.append(helper.make_node("Div", [rows, rows + ".reach"], [rows + ".even"]))
            nodes.append(helper.make_node("DynamicQuantizeLinear", [rows + ".even"], parts))
            quantized[rows] = parts
        whole, step, zero = quantized[rows]
        out = node.output[0]
        nodes.append(helper.make_node("MatMulInteger", [whole, small, zero], [out + ".i32"]))
        nodes.append(helper.make_node("Cast", [out + ".i32"], [out + ".f32"], to=TensorProto.FLOAT))
        nodes.append(helper.make_node("Mul", [step, scale], [out + ".step"]))
        nodes.append(helper.make_node("Mul", [out + ".f32", out + ".step"], [out + ".even"]))
        nodes.append(helper.make_node("Mul", [out + ".even", rows + ".reach"], [out]))
    used = {name for node in nodes for name in node.input}
    kept = [c for c in constants.values() if c.name in used]
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend(kept)
    graph.node.extend(nodes)


def main():
    source, target = sys.argv[1:]
    model = onnx.load(source)
    convert(model.graph)
    onnx.checker.check_model(model)
    onnx.save(model, target)


if __name__ == "__main__":
    main()
