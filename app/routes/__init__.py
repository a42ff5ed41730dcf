"""What is not a page: media with byte ranges, uploads in chunks."""
