"""onnxruntime as the training code has it tells nobody anything."""

import os
import subprocess
import sys
from pathlib import Path

from onnx import TensorProto, helper

TRAINING = Path(__file__).parents[1]
# In these onnxruntime keeps silent of its own accord, and nothing could be seen.
SILENT_IN = ("CI", "TF_BUILD", "GITHUB_ACTIONS", "GITLAB_CI", "ORT_DISABLE_TELEMETRY", "XDG_CACHE_HOME")
OPENS_A_GRAPH = """
import sys
{imports}
onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
"""


def left_behind(home: Path, imports: str) -> list[str]:
    """Names of onnxruntime's own files in a home that was empty when a process opened a graph."""
    value = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])
    output = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "copy", [value], [output])
    opset = [helper.make_opsetid("", 17)]
    file = home / "copy.onnx"
    file.write_bytes(helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString())
    environment = {key: value for key, value in os.environ.items() if key not in SILENT_IN}
    subprocess.run(
        [sys.executable, "-c", OPENS_A_GRAPH.format(imports=imports), file],
        env={**environment, "HOME": str(home), "TMPDIR": str(home), "PYTHONPATH": str(TRAINING)},
        check=True,
    )
    return sorted(path.name for path in home.rglob("*") if path != file)


def test_nothing_is_queued(tmp_path: Path) -> None:
    assert left_behind(tmp_path, "from telemetry_free import onnxruntime") == []
