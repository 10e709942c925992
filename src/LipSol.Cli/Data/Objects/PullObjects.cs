using LipSol.Artifacts;
using LipSol.Artifacts.Dvc;
using LipSol.Artifacts.Remotes;
using LipSol.Cli.CommandLine;
using LipSol.Cli.Corpora;
using LipSol.Cli.Models;
using LipSol.Cli.Nodes;
using LipSol.Client;
using LipSol.Corpus;

namespace LipSol.Cli.Data.Objects;

/// <summary>How to pull.</summary>
internal sealed record PullWish(string[] Paths, string? Repository, string? Remote, int? Jobs, bool Force, string? Destination);

/// <summary><c>data pull</c> of corpora, models and the inputs of runs.</summary>
internal sealed class PullObjects : IDisposable
{
    private readonly Invocation call;
    private readonly PullWish wish;
    private readonly CorpusCatalog catalog;
    private readonly List<NodeObject> objects = [];
    private ArtifactRemote? remote;
    private int received;
    private long bytes;

    private PullObjects(Invocation call, PullWish wish) => (this.call, this.wish, catalog) = (call, wish, NodeObjects.Open(call, wish.Paths));

    public static async Task<int> RunAsync(Invocation call, NodeObjects named, PullWish wish)
    {
        if (wish.Destination is not null && named.Runs(call).Length != 1) throw new BadInputException("--out takes the inputs of one run: give --run once.");
        if (named.Corpora(call).Length + named.Runs(call).Length > 0) LocalFolder.Require(call, "data pull");
        using var pull = new PullObjects(call, wish);
        foreach (var name in named.Corpora(call)) await pull.CorpusAsync(name);
        if (named.Models(call).Length + named.Runs(call).Length > 0)
        {
            await using var node = await NodeSession.OpenAsync(call);
            foreach (var model in named.Models(call)) await pull.ModelAsync(node.Client, model);
            foreach (var run in named.Runs(call)) await pull.RunAsync(await node.Client.Runs.GetAsync(run, call.Cancelled));
        }
        pull.Tell();
        return ExitStatus.Done;
    }

    public void Dispose() => remote?.Dispose();

    private async Task CorpusAsync(string name)
    {
        if (!ArtifactHash.IsValid(name))
        {
            var pointer = catalog.Find(CorpusCommand.CheckName(name)) ?? throw new BadInputException($"There is no corpus '{name}' here. Give the hash that `lipsol data push --corpus {name}` told where it is.");
            await VersionAsync(pointer.Manifest);
            objects.Add(new NodeObject("corpus", name, pointer.Manifest));
            return;
        }
        var manifest = await VersionAsync(name);
        if (catalog.Find(manifest.Name) is { } here && here.Manifest != name && !wish.Force)
            throw new CommandFailedException($"All of it was fetched, but {manifest.Name} is another version here ({here.Manifest}). --force makes it this one.");
        objects.Add(new NodeObject("corpus", manifest.Name, Point(manifest, name)));
    }

    // People who left stay out, though an older version is fetched by its hash.
    private string Point(CorpusManifest manifest, string hash)
    {
        string set;
        try
        {
            set = catalog.Set(manifest);
        }
        catch (CorpusProblemsException e)
        {
            throw new CommandFailedException($"{manifest.Name} isn't pointed at {hash}: {e.Problems[0].Message}.", e);
        }
        if (set != hash) call.Terminal.Note($"{hash} has clips of people who withdrew. They were left out: {manifest.Name} is {set} here.");
        return set;
    }

    private async Task ModelAsync(LipSolClient client, string text)
    {
        if (ArtifactHash.IsValid(text))
        {
            if (!ArtifactHash.IsFolder(text)) throw new BadInputException($"{text} is no model version: the hash of one ends with .dir.");
            // A node of another machine has a store of its own, and a remote of its own.
            if (Environment.GetEnvironmentVariable("LIPSOL_URL") is not { Length: > 0 }) await FetchAsync([text]);
            var imported = await client.Models.TakeInAsync(text, cancellationToken: call.Cancelled);
            objects.Add(new NodeObject("model", $"{imported.Version.Model}@{imported.Version.Version}", text));
            return;
        }
        var version = await client.Models.ResolveAsync(ModelArgument.Parse(text), call.Cancelled);
        await FetchAsync([.. new[] { version.Artifact, version.Evaluation }.OfType<string>()]);
        objects.Add(new NodeObject("model", $"{version.Model}@{version.Version}", version.Artifact ?? ""));
    }

    private async Task RunAsync(Run run)
    {
        var manifest = await VersionAsync(run.DataHash);
        await FetchAsync([.. new[] { run.InitFrom?.Weights, run.InitFrom?.Map }.OfType<string>()]);
        objects.Add(new NodeObject("run", run.Id, run.DataHash));
        if (manifest.Clips.Any(c => c.MouthClip is { } clip && catalog.Withdrawals.Holds(clip)))
            throw new CommandFailedException($"A person who is in the data of run {run.Id} has withdrawn: its inputs can't be had any more as they were. `lipsol corpus history {manifest.Name}` tells the versions without them.");
        if (wish.Destination is not { } folder) return;
        var inputs = new List<RunInput> { new("corpus.json", run.DataHash), new("mouth-clips", catalog.StoreMouthClips(manifest)) };
        if (run.InitFrom?.Weights is { } weights) inputs.Add(new RunInput("init-weights", weights));
        if (run.InitFrom?.Map is { } map) inputs.Add(new RunInput("init-map.json", map));
        await Task.Run(() =>
        {
            foreach (var input in inputs) catalog.Artifacts.Materialise(input.Hash, Path.Combine(folder, input.Name), call.Cancelled);
        }, call.Cancelled);
    }

    private async Task<CorpusManifest> VersionAsync(string hash)
    {
        await FetchAsync([hash]);
        var manifest = catalog.GetVersion(hash);
        await FetchAsync([.. manifest.Clips.Select(c => c.MouthClip).OfType<string>().Where(c => !catalog.Withdrawals.Holds(c))]);
        catalog.StoreMouthClips(manifest);
        return manifest;
    }

    // What is here already needs no remote; where there is one, what is damaged here is fetched again.
    private async Task FetchAsync(IReadOnlyCollection<string> hashes)
    {
        if (remote is null && !TryOpen() && hashes.All(IsHere)) return;
        remote ??= NodeObjects.Remote(call, wish.Repository, wish.Remote);
        using var progress = call.Terminal.Progress("pulling", "MB");
        var fetched = await Task.Run(() => remote.PullAsync(catalog.Artifacts, hashes, verify: true, wish.Jobs, DataCommand.Report(progress), call.Cancelled), call.Cancelled);
        received += fetched.Transferred;
        bytes += fetched.Bytes;
    }

    private bool IsHere(string hash) => catalog.Artifacts.Exists(hash) && (!ArtifactHash.IsFolder(hash) || catalog.Artifacts.ReadFolder(hash).Entries.All(e => catalog.Artifacts.Exists(e.Md5)));

    private bool TryOpen()
    {
        try
        {
            remote = NodeObjects.Remote(call, wish.Repository, wish.Remote);
            return true;
        }
        catch (DvcException e) when (e.IsBadInput && wish.Remote is null)
        {
            return false;
        }
    }

    private void Tell()
    {
        if (call.Terminal.Json)
        {
            call.Terminal.Document(new { remote = remote?.Name, received, bytes, objects, folder = wish.Destination is { } written ? Path.GetFullPath(written) : null });
            return;
        }
        call.Terminal.Line($"{DataCommand.Count(received, "content")} fetched ({DataCommand.Bytes(bytes)})");
        foreach (var fetched in objects) call.Terminal.Line(fetched.Kind == "run" ? $"the inputs of run {fetched.Name}{(wish.Destination is { } folder ? $" are in {folder}" : "")}" : $"{fetched.Kind} {fetched.Name}");
        if (objects.Any(o => o.Kind == "model")) call.Terminal.Line("A version that was taken in isn't in production yet: `lipsol models promote`.");
    }
}
