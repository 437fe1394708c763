"""The one place that imports onnxruntime. It queues telemetry for its maker and looks up its server, unless
this variable stands in the environment when it is imported."""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime  # noqa: E402, TID251

__all__ = ["onnxruntime"]
