"""Pixels to faces: detection, alignment, quality and embedding, on dlib's networks run by ONNX Runtime."""
