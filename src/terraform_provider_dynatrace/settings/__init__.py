"""The Settings API 2.0: objects, permissions, the cache and the batcher. It knows no cloud."""
