using LipSol.Artifacts;
using LipSol.Cli.CommandLine;
using LipSol.Client;
using LipSol.Corpus;

namespace LipSol.Cli.Corpora.Withdrawing;

/// <summary>What used a person: versions, runs (deleted ones too), models, and the executed notebooks of these runs.</summary>
internal sealed record WithdrawalUse(SpeakerWithdrawal Found, IReadOnlyList<Run> Runs, IReadOnlyList<ModelVersion> Models, IReadOnlyList<NotebookUse> Notebooks)
{
    private const int LargestPage = 1000;
    private const string Executed = "notebook.ipynb", Origin = "notebook.json";

    /// <exception cref="BadInputException">Nobody of that name is known; or it isn't clear who is meant.</exception>
    public static async Task<WithdrawalUse> FindAsync(Invocation call, LipSolClient client, CorpusCatalog catalog, IEnumerable<string> pushed, string speaker, string[] corpora, IReadOnlyList<PersonName> also)
    {
        var runs = new List<Run>();
        await foreach (var run in client.Runs.SearchAsync(new SearchRuns { Deleted = DeletedRuns.Included, Take = LargestPage }, call.Cancelled)) runs.Add(run);
        var models = (await client.Models.ListAsync(call.Cancelled)).SelectMany(m => m.Versions).ToArray();
        var found = await Task.Run(() => SpeakerWithdrawal.Find(catalog, speaker, corpora, runs.SelectMany(DataOf).Concat(models.Select(m => m.DataHash)).Concat(pushed), also), call.Cancelled);
        if (!found.Has(speaker, corpora)) throw new BadInputException($"No version of {(corpora.Length == 0 ? "a corpus" : string.Join(", ", corpora))} has a speaker {speaker}. `lipsol corpus show NAME` lists the speakers.");
        if (also.FirstOrDefault(n => !found.Has(n.Speaker, [n.Corpus])) is { } nobody) throw new BadInputException($"No version of {nobody.Corpus} has a speaker {nobody.Speaker}. `lipsol corpus show {nobody.Corpus}` lists the speakers.");
        string[] names = [.. found.Versions.Values.Where(v => v.Clips.Any(c => c.Speaker == speaker)).Select(v => v.Name).Concat(found.Imports.Where(i => i.Recordings.Any(r => r.Speaker == speaker)).Select(i => i.Corpus)).Distinct().Order(StringComparer.Ordinal)];
        if (names.Length > 1 && corpora.Length == 0) throw new BadInputException($"{string.Join(" and ", names)} have a speaker {speaker}, and people of the same name aren't always the same person. Say which with --corpus.");
        if (found.Elsewhere() is [_, ..] elsewhere)
            throw new BadInputException($"Recordings of {speaker} are in {string.Join(", ", elsewhere.Select(e => $"{e.Corpus} too, as {e.Speaker}"))}. If that is the same person, withdraw all of it at once: {string.Join(' ', elsewhere.Select(e => $"--also {e.Speaker}@{e.Corpus}"))}.");
        Run[] usedBy = [.. runs.Where(r => DataOf(r).Any(found.DataHashes.Contains))];
        var ids = usedBy.Select(r => r.Id).ToHashSet();
        return new WithdrawalUse(found, usedBy, [.. models.Where(m => found.DataHashes.Contains(m.DataHash) || ids.Contains(m.RunId))], await NotebooksAsync(catalog, client, runs, usedBy, call.Cancelled));
    }

    private static IEnumerable<string> DataOf(Run run) => (run.InitFrom?.Pretraining.Select(p => p.DataHash) ?? []).Append(run.DataHash);

    // One notebook may have started several runs, on other data too.
    private static async Task<List<NotebookUse>> NotebooksAsync(CorpusCatalog catalog, LipSolClient client, List<Run> all, Run[] usedBy, CancellationToken cancellationToken)
    {
        var used = new List<NotebookUse>();
        foreach (var hash in usedBy.Select(r => r.Artifacts.GetValueOrDefault(Executed)).OfType<string>().Where(ArtifactHash.IsValid).Distinct())
        {
            try
            {
                if (NotebookPictures.Without(await ReadAsync(catalog, client, hash, cancellationToken)) is { } without)
                    used.Add(new NotebookUse(hash, without, all.Where(r => r.Artifacts.GetValueOrDefault(Executed) == hash).ToDictionary(r => r.Id, r => r.Artifacts.GetValueOrDefault(Origin))));
            }
            catch (ArtifactNotFoundException)
            {
                // It's gone already, here and on every remote that is purged.
            }
        }
        return used;
    }

    // The node may fetch from another place than the remotes named, or from none.
    private static async Task<byte[]> ReadAsync(CorpusCatalog catalog, LipSolClient client, string hash, CancellationToken cancellationToken)
    {
        try
        {
            return await client.Artifacts.GetAsync(hash, cancellationToken: cancellationToken);
        }
        catch (LipSolNotFoundException)
        {
            return catalog.Artifacts.ReadBytes(hash);
        }
    }
}

/// <summary>An executed notebook with pictures that may show the person.</summary>
/// <param name="Hash">Its hash.</param>
/// <param name="Without">The same without its pictures.</param>
/// <param name="Runs">The runs that keep it, with where each says that it came from: that stays.</param>
internal sealed record NotebookUse(string Hash, byte[] Without, IReadOnlyDictionary<string, string?> Runs);
