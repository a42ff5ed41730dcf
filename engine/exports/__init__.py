"""An analysis in the formats other programs read; one file a format."""
