using LipSol.Artifacts.Dvc;
using LipSol.Artifacts.Remotes;
using LipSol.Silo.Node;

namespace LipSol.Silo.Artifacts;

/// <summary>Where this node gets what its store hasn't; nowhere, where no remote was named.</summary>
internal sealed class NodeRemote : IDisposable
{
    private NodeRemote(ArtifactRemote? source, string? wanted = null) => (Source, Wanted) = (source, wanted);

    /// <summary>The remote; null where none was named.</summary>
    public ArtifactRemote? Source { get; }

    /// <summary>As it was named, or where it is, for whoever has to reach it too; never a secret.</summary>
    public string? Wanted { get; }

    /// <summary>Nothing is asked of it yet: a remote that can't be reached holds no node up.</summary>
    /// <exception cref="NodeStartException">There's none of that name.</exception>
    public static NodeRemote Open(NodeOptions options)
    {
        if (options.Remote is not { } wanted) return new NodeRemote(null);
        try
        {
            var opened = ArtifactRemote.Open(options.RemoteFolder, wanted);
            return new NodeRemote(opened, wanted.Contains('/', StringComparison.Ordinal) ? opened.Name : wanted);
        }
        catch (DvcException e)
        {
            throw new NodeStartException($"--remote: {e.Message}", e);
        }
    }

    public void Dispose() => Source?.Dispose();
}
