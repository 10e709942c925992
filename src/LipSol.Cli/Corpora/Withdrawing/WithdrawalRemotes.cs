using LipSol.Artifacts.Dvc;
using LipSol.Artifacts.Remotes;
using LipSol.Cli.CommandLine;
using LipSol.Cli.Data.Objects;

namespace LipSol.Cli.Corpora.Withdrawing;

/// <summary>The remotes that a withdrawal purges: those named, and always the one that the node fetches from.</summary>
internal sealed class WithdrawalRemotes : IDisposable
{
    private readonly List<ArtifactRemote> opened = [];
    private readonly List<ArtifactRemote> reached = [];

    /// <summary>Those that answered.</summary>
    public IReadOnlyList<ArtifactRemote> Reached => reached;

    /// <summary>Those that didn't, with why.</summary>
    public Dictionary<string, string> Unreached { get; } = [];

    /// <summary>The corpus versions that pushes left word of there.</summary>
    public List<string> Pushed { get; } = [];

    /// <summary>Opens them, and asks each once.</summary>
    public static async Task<WithdrawalRemotes> OpenAsync(Invocation call, DvcRepository? repository, string[] named, string? ofNode)
    {
        var remotes = new WithdrawalRemotes();
        try
        {
            foreach (var name in named) remotes.Add(NodeObjects.Remote(call, repository?.Root, name));
            if (named.Length == 0) remotes.AddDefault(call, repository);
            if (ofNode is not null) remotes.AddOfNode(call, ofNode);
            foreach (var remote in remotes.opened) await remotes.AskAsync(remote, call.Cancelled);
            return remotes;
        }
        catch
        {
            remotes.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var remote in opened) remote.Dispose();
    }

    private void Add(ArtifactRemote remote)
    {
        if (opened.Any(o => o.Name == remote.Name)) remote.Dispose();
        else opened.Add(remote);
    }

    private void AddDefault(Invocation call, DvcRepository? repository)
    {
        try
        {
            Add(NodeObjects.Remote(call, repository?.Root, null));
        }
        catch (DvcException e) when (e.IsBadInput)
        {
            // There is none.
        }
    }

    private void AddOfNode(Invocation call, string name)
    {
        try
        {
            Add(ArtifactRemote.Open(Path.Combine(call.SharedFolder, "remote"), name));
        }
        catch (DvcException e)
        {
            Unreached[name] = e.Message;
        }
    }

    private async Task AskAsync(ArtifactRemote remote, CancellationToken cancellationToken)
    {
        try
        {
            await remote.RequireAsync(cancellationToken);
            Pushed.AddRange((await remote.RecordsAsync(cancellationToken)).Values.Select(r => r.DataHash).OfType<string>());
            reached.Add(remote);
        }
        catch (DvcException e)
        {
            Unreached[remote.Name] = e.Message;
        }
    }
}
