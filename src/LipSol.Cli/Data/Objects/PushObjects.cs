using LipSol.Artifacts.Remotes;
using LipSol.Cli.CommandLine;
using LipSol.Cli.Corpora;
using LipSol.Cli.Models;
using LipSol.Cli.Nodes;
using LipSol.Corpus;

namespace LipSol.Cli.Data.Objects;

/// <summary><c>data push</c> of corpora, models and runs.</summary>
internal static class PushObjects
{
    public static async Task<int> RunAsync(Invocation call, NodeObjects named, string[] paths, string? repository, string? wanted, int? jobs, bool verify)
    {
        LocalFolder.Require(call, "data push");
        var catalog = NodeObjects.Open(call, paths);
        using var remote = NodeObjects.Remote(call, repository, wanted);
        var objects = new List<NodeObject>();
        var records = new List<PushRecord>();
        foreach (var name in named.Corpora(call))
        {
            var (hash, _) = CorpusViews.Get(call, name);
            Add("corpus", name, hash, Corpus(catalog, hash));
        }
        if (named.Models(call).Length + named.Runs(call).Length > 0)
        {
            await using var node = await NodeSession.OpenAsync(call);
            foreach (var text in named.Models(call))
            {
                var version = await node.Client.Models.ResolveAsync(ModelArgument.Parse(text), call.Cancelled);
                var stored = await node.Client.Models.StoreAsync(version.Model, version.Version, call.Cancelled);
                // The model folder by its own hash too: it's what a node of this cluster asks for.
                Add("model", $"{version.Model}@{version.Version}", stored.Hash, new[] { stored.Hash, version.Artifact, version.Evaluation }.OfType<string>());
            }
            foreach (var id in named.Runs(call))
            {
                var run = await node.Client.Runs.GetAsync(id, call.Cancelled);
                Add("run", run.Id, run.DataHash, Corpus(catalog, run.DataHash).Concat(run.Inputs.Select(i => i.Hash)).Concat(run.Artifacts.Values));
            }
        }
        TransferredArtifacts pushed;
        using (var progress = call.Terminal.Progress("pushing", "MB")) pushed = await Task.Run(() => remote.PushAsync(catalog.Artifacts, [.. records.SelectMany(r => r.Roots).Distinct()], jobs, DataCommand.Report(progress), records, verify, call.Cancelled), call.Cancelled);
        if (call.Terminal.Json)
        {
            call.Terminal.Document(new { remote = pushed.Remote, sent = pushed.Transferred, pushed.Bytes, pushed.Present, objects });
            return ExitStatus.Done;
        }
        call.Terminal.Line($"{DataCommand.Count(pushed.Transferred, "content")} sent ({DataCommand.Bytes(pushed.Bytes)}), {pushed.Present} there already: {pushed.Remote}");
        foreach (var sent in objects) call.Terminal.Line(sent.Kind == "run" ? $"run {sent.Name}, with its inputs" : $"{sent.Kind} {sent.Name}: {sent.Hash}; elsewhere: lipsol data pull --{sent.Kind} {sent.Hash}");
        return ExitStatus.Done;

        void Add(string kind, string name, string hash, IEnumerable<string> roots)
        {
            objects.Add(new NodeObject(kind, name, hash));
            records.Add(new PushRecord(kind, name, [.. roots.Distinct().Order(StringComparer.Ordinal)], DateTimeOffset.UtcNow) { DataHash = kind == "model" ? null : hash });
        }
    }

    private static IEnumerable<string> Corpus(CorpusCatalog catalog, string hash) => [hash, catalog.StoreMouthClips(catalog.GetVersion(hash))];
}
