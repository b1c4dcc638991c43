"""A model version: its manifest, features, ONNX graph, explainer, risk levels and reasons."""
