"""Reads a JSON list of Python programs; writes for each its texts in their order, and how many nodes its tree has."""
import ast
import json
import sys


def parsed(code):
    nodes = list(ast.walk(ast.parse(code)))
    texts = [node for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    texts.sort(key=lambda node: (node.lineno, node.col_offset))
    return {"texts": [node.value for node in texts], "nodes": len(nodes)}


json.dump([parsed(code) for code in json.load(sys.stdin)], sys.stdout)
