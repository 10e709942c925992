using System.Text;
using System.Text.RegularExpressions;
using LipSol.Cli.CommandLine;
using LipSol.Cli.Nodes;
using LipSol.Client;

namespace LipSol.Cli.Data;

/// <summary>The contents that runs (deleted ones too, until they are purged) and model versions of the node refer to.</summary>
internal static partial class RunReferences
{
    private const int LargestPage = 1000;

    /// <summary>Their hashes. Where there's no data folder there has never been a run.</summary>
    public static async Task<IReadOnlyCollection<string>> FindAsync(Invocation call)
    {
        var hashes = new HashSet<string>(StringComparer.Ordinal);
        if (!Directory.Exists(call.DataFolder) && Environment.GetEnvironmentVariable("LIPSOL_URL") is not { Length: > 0 }) return hashes;
        await using var node = await NodeSession.OpenAsync(call);
        var manifests = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var run in node.Client.Runs.SearchAsync(new SearchRuns { Deleted = DeletedRuns.Included, Take = LargestPage }, call.Cancelled))
        {
            manifests.Add(run.DataHash);
            hashes.UnionWith(run.Artifacts.Values);
            hashes.UnionWith(run.Checkpoints.Select(c => c.Artifact));
            hashes.UnionWith(new[] { run.InitFrom?.Weights, run.InitFrom?.Map }.OfType<string>());
        }
        foreach (var version in (await node.Client.Models.ListAsync(call.Cancelled)).SelectMany(m => m.Versions))
        {
            manifests.Add(version.DataHash);
            if (version.Artifact is { } artifact) hashes.Add(artifact);
        }
        foreach (var manifest in manifests.Where(m => m.Length > 0)) hashes.UnionWith(await NamedInAsync(node.Client, manifest, call.Cancelled));
        hashes.UnionWith(manifests);
        return hashes;
    }

    // A manifest names its clips by their hashes.
    private static async Task<IEnumerable<string>> NamedInAsync(LipSolClient client, string manifest, CancellationToken cancellationToken)
    {
        try
        {
            return [.. Hashes().Matches(Encoding.UTF8.GetString(await client.Artifacts.GetAsync(manifest, cancellationToken: cancellationToken))).Select(m => m.Value)];
        }
        catch (LipSolException e) when (e is LipSolNotFoundException or LipSolRefusedException)
        {
            // A version that was imported from a bundle names a manifest that isn't here.
            return [];
        }
    }

    [GeneratedRegex("(?<![0-9a-f])[0-9a-f]{32}(\\.dir)?(?![0-9a-f])")]
    private static partial Regex Hashes();
}
