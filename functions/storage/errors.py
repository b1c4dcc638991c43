"""Errors between a run and the storage account, in words for its operator."""

from __future__ import annotations

from functions.errors import DrivecastError, ModelError, SettingError


class StorageSettingError(SettingError):
    """No app setting, or an unusable one, says which storage account to use."""

    code = "storage_not_configured"
    title = "The storage account is not configured"


class StorageError(DrivecastError):
    """Base of the errors of reading, staging and publishing blobs."""

    code = "storage_error"
    title = "The storage account failed a request"
    status = 503
    retryable = True


class SourceChangedError(StorageError):
    """The source was uploaded again while it was read; the new version has a message of its own."""

    code = "source_changed"
    title = "The source file was replaced while it was scored"
    status = 409
    retryable = False


class SourceGoneError(StorageError):
    """The source was deleted before it was read to its end."""

    code = "source_gone"
    title = "The source file is gone"
    status = 404
    retryable = False


class SourceArchivedError(StorageError):
    """The source is in the archive tier, from which nothing can be read."""

    code = "source_archived"
    title = "The source file is archived"
    status = 409


class SourceReadError(StorageError):
    """The service answered a read with fewer bytes than the blob has."""

    code = "source_read_short"
    title = "The source file could not be read whole"


class TooManyBlocksError(StorageError):
    """An output needs more blocks than one blob can have."""

    code = "output_too_large"
    title = "The output is too large for one blob"
    retryable = False


class RangeGoneError(StorageError):
    """A range's blobs for the others are damaged, or gone: the file is complete, or they are too old."""

    code = "range_gone"
    title = "A part of a large file is gone or damaged"


class OutputTakenError(StorageError):
    """Another source that still exists has the same output name."""

    code = "output_name_taken"
    title = "Two source files share one output name"
    status = 409


class SourceNameError(StorageError):
    """The source is called as an output of another one is, or is to be."""

    code = "bad_name"
    title = "The source file's name is that of an output"
    status = 422
    retryable = False


class SourcePathError(StorageError):
    """The source's path leads out of its container, or is none that Azure takes."""

    code = "bad_path"
    title = "The source file's path cannot be used"
    status = 422


class SourceNameTooLongError(StorageError):
    """No output of the source can be named, not even the summary that would say so: its message has to."""

    code = "name_too_long"
    title = "The source file's name is too long"
    status = 422


class OutputLeasedError(StorageError):
    """A client holds a lease on an output, so it can be neither replaced nor removed."""

    code = "output_leased"
    title = "Somebody holds a lease on an output"
    status = 409


class PublishError(StorageError):
    """A server-side copy failed, or rivals for the output left no opening."""

    code = "publish_failed"
    title = "The outputs could not be published"


class ContainerMissingError(StorageError):
    """A container is missing and this identity may not create it."""

    code = "container_missing"
    title = "A container is missing"


class SnapshotReplacedError(StorageError):
    """A snapshot is replaced during every attempt to read it."""

    code = "snapshot_replaced"
    title = "A history snapshot cannot be read"


class RegistryMissingError(ModelError):
    """There is no registry in the container of models."""


class ModelStoreError(ModelError):
    """The container of models cannot be used at this moment, which says nothing about the models."""

    code = "model_store_unreachable"
    title = "The container of models cannot be used now"
    retryable = True
