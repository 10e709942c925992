namespace LipSol.Artifacts.Dvc;

/// <summary>What a <c>.dvc</c> file says of a file or folder.</summary>
public sealed record DvcOutput
{
    /// <summary>Its path as written: relative to the folder of the <c>.dvc</c> file (or to its <c>wdir</c>), with forward slashes.</summary>
    public required string Path { get; init; }

    /// <summary>The version: MD5 of the file, or of the folder's listing with <c>.dir</c>; null where none was made yet.</summary>
    public string? Hash { get; init; }

    /// <summary>Bytes, of a folder those of all files.</summary>
    public long? Size { get; init; }

    /// <summary>A folder's number of files.</summary>
    public int? FileCount { get; init; }

    /// <summary>Whether the file is a program.</summary>
    public bool IsExecutable { get; init; }

    /// <summary>Of DVC 2: no <c>hash:</c> field, text hashed with CRLF as LF.</summary>
    public bool IsLegacy { get; init; }

    /// <summary>Whether its content is kept in the cache (DVC's <c>cache: false</c> leaves it to git).</summary>
    public bool IsCached { get; init; } = true;

    /// <summary>Whether it's pushed (DVC's <c>push: false</c>).</summary>
    public bool IsPushed { get; init; } = true;

    /// <summary>The remote it's pushed to and pulled from, where it has one of its own.</summary>
    public string? Remote { get; init; }

    /// <summary>Why LipSol leaves it alone; null where it doesn't. E.g. a folder that a cloud's own versions hold.</summary>
    public string? Unsupported { get; init; }

    /// <summary>Its content.</summary>
    public DvcObject? Object => Hash is { } hash && Unsupported is null ? new DvcObject(hash, IsLegacy) : null;
}
