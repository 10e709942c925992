using LipSol.Artifacts.Dvc;

namespace LipSol.Artifacts.Remotes;

/// <summary>Where versions of data are shared: a folder (on a network drive, say) or an S3 store, in DVC's layout.</summary>
/// <remarks>Contents are visible whole or not at all. Several may push to one at once: equal contents have equal names.</remarks>
internal interface IObjectRemote : IDisposable
{
    /// <summary>Where it is, for messages: never a secret.</summary>
    string Name { get; }

    /// <summary>Returns where it's there: a folder, or a bucket that these keys may list. One that something is sent to for the first time needn't be.</summary>
    /// <exception cref="DvcException">It isn't, or can't be reached.</exception>
    Task RequireAsync(CancellationToken cancellationToken);

    /// <summary>The bytes of those of these contents that it has.</summary>
    /// <exception cref="DvcException">It can't be asked.</exception>
    Task<IReadOnlyDictionary<DvcObject, long>> SizesAsync(IReadOnlyCollection<DvcObject> contents, CancellationToken cancellationToken);

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

    /// <summary>Removes contents with whatever the remote keeps of them besides: earlier versions of a versioned bucket, parts of uploads that never ended. Returns how many contents had something there.</summary>
    Task<int> PurgeAsync(IReadOnlyCollection<DvcObject> contents, CancellationToken cancellationToken);

    /// <summary>LipSol's own notes beside the contents, <c>lipsol/FOLDER/NAME.json</c>, by name. To DVC they are none of its files.</summary>
    Task<IReadOnlyDictionary<string, byte[]>> NotesAsync(string folder, CancellationToken cancellationToken);

    /// <summary>Writes a note, in place of the one that has its name.</summary>
    Task PutNoteAsync(string folder, string name, byte[] content, CancellationToken cancellationToken);

    /// <summary>Removes a note; one that isn't there is no error.</summary>
    Task RemoveNoteAsync(string folder, string name, CancellationToken cancellationToken);
}

/// <summary>A content of a remote.</summary>
/// <param name="Content">It.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="At">When it came.</param>
internal readonly record struct RemoteObject(DvcObject Content, long Size, DateTimeOffset At);
