using System.CommandLine;
using System.Globalization;
using LipSol.Artifacts;
using LipSol.Artifacts.Dvc;
using LipSol.Cli.CommandLine;
using LipSol.Cli.Corpora.Withdrawing;
using LipSol.Cli.Data;
using LipSol.Cli.Nodes;
using LipSol.Client;
using LipSol.Corpus;
using LipSol.Silo.Node;

namespace LipSol.Cli.Corpora;

/// <summary><c>corpus withdraw</c>: a person leaves.</summary>
internal static class CorpusWithdraw
{
    private const int Shown = 20;

    public static Command Create()
    {
        var speaker = new Argument<string>("SPEAKER") { Description = "The person's name in the corpus." };
        var corpora = new Option<string[]>("--corpus") { Description = "The corpus; needed where several have a speaker of this name; repeatable.", HelpName = "NAME" };
        var remotes = new Option<string[]>("--remote") { Description = $"Remotes to purge as well: names, folders, s3://bucket/folder; repeatable [default: {NodeArguments.RemoteVariable}, else the repository's default one]. The one that the node fetches from is purged in any case.", HelpName = "REMOTE" };
        var also = new Option<string[]>("--also") { Description = "The same person under another name in another corpus: NAME@CORPUS; repeatable.", HelpName = "NAME@CORPUS" };
        var repository = DataCommand.Repository();
        var dry = new Option<bool>("--dry-run") { Description = "Only list what used the person, and what would be purged." };
        var yes = Confirmation.Yes();
        return new CliCommand("withdraw", "A person leaves: lists every version, run and model that used them, makes versions without them, purges their clips and mouth clips from store, cache and remotes, and marks runs and models. Asks before.",
                "lipsol corpus withdraw s3 --corpus clinic --dry-run", "lipsol corpus withdraw s3 --corpus clinic --remote s3://bucket/urdu")
            .With(speaker, corpora, also, remotes, repository, dry, yes)
            .Does(async call =>
            {
                LocalFolder.Require(call, "corpus withdraw");
                PersonName[] names = [.. (call.Value(also) ?? []).Select(Person)];
                await using var node = await NodeSession.OpenAsync(call);
                var opened = DvcRepository.TryOpen(call.Value(repository) ?? Environment.CurrentDirectory);
                using var purged = await WithdrawalRemotes.OpenAsync(call, opened, call.Value(remotes) ?? [], (await node.Client.GetNodeAsync(call.Cancelled)).Remote);
                var catalog = new CorpusCatalog(call.SharedFolder, source: purged.Reached.Count > 0 ? new ArtifactSources(purged.Reached) : null);
                var use = await WithdrawalUse.FindAsync(call, node.Client, catalog, purged.Pushed, call.Value(speaker), call.Value(corpora) ?? [], names);
                Tell(call, use, opened, purged);
                if (call.Value(dry)) return Document(call, use, opened, purged, null, 0, []);
                Confirmation.Require(call, yes, $"Purge {DataCommand.Count(use.Found.Contents.Count, "recording")}, {DataCommand.Count(use.Found.MouthClips.Count, "mouth clip")} and the pictures of {DataCommand.Count(use.Notebooks.Count, "notebook")} of {use.Found.Speaker} for good?");
                var failed = purged.Unreached.Select(u => $"{u.Key} wasn't purged: {u.Value}").ToList();
                // What has to go goes first; each place on its own, and what is only said comes last.
                string[] notebooks = [.. use.Notebooks.Select(n => n.Hash)];
                foreach (var notebook in use.Notebooks) await EachAsync(failed, $"The notebook of run {notebook.Runs.Keys.First()}", () => ReplaceAsync(node.Client, notebook, call.Cancelled));
                IReadOnlyDictionary<string, string>? replaced = null;
                await EachAsync(failed, $"The versions in {call.SharedFolder}", () => Task.FromResult(replaced = use.Found.Apply(DateTimeOffset.UtcNow, notebooks)));
                string[] hashes = [.. use.Found.Contents, .. use.Found.MouthClips, .. use.Found.Listings, .. use.Found.Notebooks, .. notebooks];
                var removed = 0;
                if (opened is not null) await EachAsync(failed, $"The cache of {opened.Root}", () => Task.FromResult(removed += DvcPurge.Run(opened, hashes, call.Cancelled)));
                foreach (var remote in purged.Reached) await EachAsync(failed, remote.Name, async () => removed += await remote.PurgeAsync(hashes, call.Cancelled));
                await MarkAsync(call, node.Client, use, failed);
                // What an import or a push made while this asked and worked.
                await EachAsync(failed, "What came meanwhile", async () =>
                {
                    var since = await WithdrawalUse.FindAsync(call, node.Client, catalog, purged.Pushed, call.Value(speaker), call.Value(corpora) ?? [], names);
                    if (since.Found.Contents.Except(use.Found.Contents).Count() is > 0 and var more) failed.Add($"{DataCommand.Count(more, "recording")} of {use.Found.Speaker} came while this went on");
                });
                return Document(call, use, opened, purged, replaced, removed, failed);
            });
    }

    private static PersonName Person(string text) => text.Split('@') is [{ Length: > 0 } name, { Length: > 0 } corpus] ? new PersonName(corpus, name)
        : throw new BadInputException($"--also {text}: give the person's name there and the corpus, as s3@clinic.");

    private static async Task EachAsync(List<string> failed, string what, Func<Task> body)
    {
        try
        {
            await body();
        }
        catch (Exception e) when (e is DvcException or LipSolException or BadInputException or IOException or UnauthorizedAccessException)
        {
            failed.Add($"{what}: {e.Message}");
        }
    }

    private static async Task ReplaceAsync(LipSolClient client, NotebookUse notebook, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream(notebook.Without);
        var stored = await client.Artifacts.UploadAsync(content, cancellationToken: cancellationToken);
        foreach (var (run, origin) in notebook.Runs)
        {
            try
            {
                await client.Runs.SetNotebookAsync(run, new RunNotebook(origin, stored.Hash), cancellationToken);
            }
            catch (LipSolNotFoundException)
            {
                // Purged meanwhile.
            }
        }
    }

    private static async Task MarkAsync(Invocation call, LipSolClient client, WithdrawalUse use, List<string> failed)
    {
        var day = DateTimeOffset.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        // Without the name: marks stay where the person has left.
        foreach (var run in use.Runs.Where(r => !r.Tags.ContainsKey("withdrawn")))
            await EachAsync(failed, $"Run {run.Id} isn't marked", () => Known(() => client.Runs.SetTagsAsync(run.Id, new Dictionary<string, string> { ["withdrawn"] = $"{day}: a speaker of {run.Corpus}" }, call.Cancelled)));
        foreach (var version in use.Models)
        {
            var what = $"a speaker of its data {version.DataHash[..8]} has withdrawn";
            await EachAsync(failed, $"Model {version.Model}@{version.Version} isn't marked", () => Known(async () =>
            {
                // The same again another day says nothing new.
                var model = await client.Models.GetAsync(version.Model, call.Cancelled);
                if (model.Marks.GetValueOrDefault(version.Version)?.Any(m => m.Contains(what, StringComparison.Ordinal)) is true) return;
                await client.Models.MarkAsync(version.Model, version.Version, $"{day}: {what}. Train it anew without them.", call.Cancelled);
            }));
        }
    }

    // What was purged or deleted meanwhile needs no mark.
    private static async Task Known(Func<Task> body)
    {
        try
        {
            await body();
        }
        catch (LipSolNotFoundException)
        {
            // It's gone.
        }
    }

    private static void Tell(Invocation call, WithdrawalUse use, DvcRepository? repository, WithdrawalRemotes remotes)
    {
        var found = use.Found;
        var theirs = found.Contents.ToHashSet(StringComparer.Ordinal);
        foreach (var (hash, version) in found.Versions) call.Terminal.Note($"version  {hash} of {version.Name}: {DataCommand.Count(version.Clips.Count(c => theirs.Contains(c.ContentHash)), "clip")} of {version.Clips.Count}");
        foreach (var import in found.Imports) call.Terminal.Note($"import   of {import.Corpus} that was stopped or goes on: {DataCommand.Count(import.Recordings.Count, "recording")}");
        if (found.OfOthers > 0) call.Terminal.Note($"{DataCommand.Count(found.OfOthers, "clip")} of these stand under other speakers' names, but are the same recordings byte for byte: they go as well");
        foreach (var run in use.Runs) call.Terminal.Note($"run      {run.Id} {run.Name} ({run.Experiment}){(run.Status is RunStatus.Queued or RunStatus.Running ? $": it still trains on them. Stop it: lipsol runs stop {run.Id}" : "")}");
        foreach (var model in use.Models) call.Terminal.Note($"model    {model.Model}@{model.Version}");
        foreach (var notebook in use.Notebooks) call.Terminal.Note($"notebook {notebook.Hash} of {string.Join(", ", notebook.Runs.Keys)}: its pictures go, all of them");
        if (found.Unread.Count > 0) call.Terminal.Note($"{DataCommand.Count(found.Unread.Count, "version")} that runs or models name can't be read here, nor on the remotes named, so whether they have {found.Speaker} isn't known: {string.Join(", ", found.Unread.Take(Shown))}");
        call.Terminal.Note($"purged from {string.Join(", ", new[] { call.SharedFolder, repository is null ? null : $"the cache of {repository.Root}" }.Concat(remotes.Reached.Select(r => r.Name)).OfType<string>())}: {DataCommand.Count(found.Contents.Count, "recording")}, {DataCommand.Count(found.MouthClips.Count, "mouth clip")}");
        foreach (var (name, why) in remotes.Unreached) call.Terminal.Note($"{name} can't be purged: {why}");
        call.Terminal.Note(remotes.Reached.Count + remotes.Unreached.Count == 0 ? "No remote is purged: name those that have them with --remote." : "Other remotes, and other machines' caches, aren't reached from here.");
    }

    private static int Document(Invocation call, WithdrawalUse use, DvcRepository? repository, WithdrawalRemotes remotes, IReadOnlyDictionary<string, string>? replaced, int removed, List<string> failed)
    {
        foreach (var failure in failed) call.Terminal.Error(failure);
        if (failed.Count > 0) call.Terminal.Error("Run the same command again once that is mended: what is done already does no harm.");
        var status = failed.Count == 0 ? ExitStatus.Done : ExitStatus.Failed;
        if (call.Terminal.Json)
        {
            call.Terminal.Document(new
            {
                speaker = use.Found.Speaker,
                versions = use.Found.Versions.Select(v => new { corpus = v.Value.Name, dataHash = v.Key, without = replaced?.GetValueOrDefault(v.Key) }),
                imports = use.Found.Imports.Select(i => new { corpus = i.Corpus, recordings = i.Recordings.Select(r => r.ContentHash) }),
                runs = use.Runs.Select(r => r.Id),
                models = use.Models.Select(m => $"{m.Model}@{m.Version}"),
                notebooks = use.Notebooks.Select(n => n.Hash),
                recordings = use.Found.Contents,
                mouthClips = use.Found.MouthClips,
                paths = use.Found.Paths,
                unread = use.Found.Unread,
                repository = repository?.Root,
                remotes = remotes.Reached.Select(r => r.Name),
                done = replaced is not null && failed.Count == 0,
                removed,
                failed,
            });
            return status;
        }
        foreach (var (hash, without) in replaced ?? new Dictionary<string, string>()) call.Terminal.Line(without.Length == 0 ? $"{hash}: nothing is left without {use.Found.Speaker}" : $"{hash} → {without}");
        if (replaced is not null) call.Terminal.Line($"{DataCommand.Count(use.Found.MouthClips.Count, "mouth clip")} purged here, {DataCommand.Count(removed, "content")} in cache and remotes; {DataCommand.Count(use.Runs.Count, "run")} and {DataCommand.Count(use.Models.Count, "model version")} used them");
        if (use.Found.Paths.Count > 0) call.Terminal.Line($"The recordings themselves lie where they were imported from: {string.Join(", ", use.Found.Paths.Take(Shown))}{(use.Found.Paths.Count > Shown ? $" and {use.Found.Paths.Count - Shown} more" : "")}. Remove them there; where that folder is versioned, `lipsol data add` it then.");
        return status;
    }
}
