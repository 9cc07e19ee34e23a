"""Garbage collector settings of a service process."""

import gc


def freeze_startup_objects() -> None:
    """Move start-up objects out of the collector's reach and collect less often: batches allocate many short-lived objects."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
