using LipSol.Artifacts;

namespace LipSol.Worker.Training;

/// <summary>What a job reads and what it makes. Both are the node's store, unless the worker may not write there: what it makes then lies in a folder of its own, from which the node takes it over.</summary>
internal sealed class JobArtifacts
{
    private readonly FolderArtifactStore given;

    public JobArtifacts(string root, string? outRoot)
    {
        given = new FolderArtifactStore(root);
        Made = outRoot is null ? given : new FolderArtifactStore(outRoot);
    }

    /// <summary>Where what is made goes.</summary>
    public FolderArtifactStore Made { get; }

    /// <inheritdoc cref="FolderArtifactStore.OpenRead"/>
    public Stream OpenRead(string hash, bool verify = false) => Of(hash).OpenRead(hash, verify);

    /// <inheritdoc cref="FolderArtifactStore.ReadBytes"/>
    public byte[] ReadBytes(string hash) => Of(hash).ReadBytes(hash);

    /// <inheritdoc cref="FolderArtifactStore.PathOf"/>
    public string PathOf(string hash) => Of(hash).PathOf(hash);

    /// <inheritdoc cref="FolderArtifactStore.PutBytes"/>
    public string PutBytes(ReadOnlySpan<byte> content) => Made.PutBytes(content);

    /// <inheritdoc cref="FolderArtifactStore.PutFile"/>
    public string PutFile(string path) => Made.PutFile(path);

    /// <inheritdoc cref="FolderArtifactStore.PutFolder"/>
    public string PutFolder(string path) => Made.PutFolder(path);

    private FolderArtifactStore Of(string hash) => Made != given && Made.Exists(hash) ? Made : given;
}
