using LipSol.Artifacts.Dvc;

namespace LipSol.Artifacts.Remotes;

/// <summary>Where versions of data are shared: a folder (on a network drive, say) or an S3 store, in DVC's layout.</summary>
/// <remarks>Contents are visible whole or not at all. Several may push to one at once: equal contents have equal names.</remarks>
internal interface IObjectRemote : IDisposable
{
    /// <summary>Where it is, for messages: never a secret.</summary>
    string Name { get; }

    /// <summary>Which of these contents it hasn't.</summary>
    /// <exception cref="DvcException">It can't be asked.</exception>
    Task<IReadOnlyList<DvcObject>> MissingAsync(IReadOnlyCollection<DvcObject> contents, CancellationToken cancellationToken);

    /// <summary>Sends a file, whose content has to be what its hash says: else nothing is sent.</summary>
    /// <exception cref="DvcException">The file is damaged, or the remote can't take it.</exception>
    Task PutAsync(DvcObject content, string file, IProgress<long> progress, CancellationToken cancellationToken);

    /// <summary>Returns once everything that was sent is there for good. Until then some of it may not be.</summary>
    Task FlushAsync(CancellationToken cancellationToken);

    /// <summary>Writes a content to a stream; that it's whole the receiver sees to.</summary>
    /// <exception cref="DvcException">The remote hasn't got it, or can't be read.</exception>
    Task GetAsync(DvcObject content, Stream target, IProgress<long> progress, CancellationToken cancellationToken);

    /// <summary>All its contents.</summary>
    IAsyncEnumerable<RemoteObject> AllAsync(CancellationToken cancellationToken);

    /// <summary>Removes contents.</summary>
    Task RemoveAsync(IReadOnlyCollection<DvcObject> contents, CancellationToken cancellationToken);
}

/// <summary>A content of a remote.</summary>
/// <param name="Content">It.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="At">When it came.</param>
internal readonly record struct RemoteObject(DvcObject Content, long Size, DateTimeOffset At);
