"""Which networks boxes and vectors come from; apart from the networks, so that asking loads none of them."""

DETECTOR_ID = "dlib-mmod-human-face-v1"
EMBEDDER_ID = "dlib-resnet-v1"
