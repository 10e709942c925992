namespace LipSol.Contracts.Runs;

/// <summary>The database failed a grain. What its provider throws can't cross from node to node, so this says what matters of it: nothing was written, or it isn't known.</summary>
[GenerateSerializer, Alias("lipsol.StorageFailedException")]
public sealed class StorageFailedException : Exception
{
    /// <summary>Creates it.</summary>
    public StorageFailedException(StorageFailure failure, string message) : base(message) => Failure = failure;

    /// <summary>What kind of failure it is.</summary>
    [Id(0)] public StorageFailure Failure { get; private set; }
}

/// <summary>Kinds of failures of the database.</summary>
public enum StorageFailure
{
    /// <summary>Something that doesn't pass by itself.</summary>
    Other,

    /// <summary>It can't be reached or is busy, and may be asked again.</summary>
    Unavailable,

    /// <summary>Its disk is full.</summary>
    DiskFull,
}
